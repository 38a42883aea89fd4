// The search for one customer or one invoice, by the id that the provider gave it.
import { useId, useState } from 'preact/hooks';
import { go, useLinks, usePage } from '../../page.ts';
import { useShell } from '../../words.ts';
import { searchedFor, searchedIn } from './asked.ts';
import { useCasesWords } from './words.ts';

const NOBODY = { customer: undefined, invoice: undefined, outcome: undefined };

export const Search = () => {
  const say = useCasesWords();
  const shell = useShell();
  const { place } = usePage();
  const { here } = useLinks();
  const hint = useId();
  const [text, setText] = useState(searchedIn(place.query)?.id ?? '');
  const [isWrong, setWrong] = useState(false);
  const search = (event: Event) => {
    event.preventDefault();
    const found = text.trim() === '' ? null : searchedFor(text);
    setWrong(found === null && text.trim() !== '');
    if (found !== null) go(here({ ...NOBODY, [found.by]: found.id }));
    else if (text.trim() === '') go(here(NOBODY));
  };
  return (
    <form class="search" role="search" onSubmit={search}>
      <label>
        <span class="unseen">{say('search_for')}</span>
        <input
          type="search"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={say('search_hint')}
          aria-describedby={hint}
          aria-invalid={isWrong}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setWrong(false);
          }}
        />
      </label>
      <button type="submit" class="button main">
        {shell('search')}
      </button>
      {searchedIn(place.query) !== null && (
        <a class="button plain" href={here(NOBODY)}>
          {say('show_all')}
        </a>
      )}
      <p id={hint} class={isWrong ? 'field-fault' : 'quiet'} role={isWrong ? 'alert' : undefined}>
        {say(isWrong ? 'search_wrong' : 'search_text')}
      </p>
    </form>
  );
};
