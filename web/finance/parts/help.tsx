// The question mark beside a figure: what it means, in a box that the keyboard opens and Escape closes.
import { useContext, useId } from 'preact/hooks';
import { useShell, WordsContext } from '../words.ts';
import type definitions from '../words/en/definitions.json';

export type Definition = keyof typeof definitions;

/** The words of a definition in the reader's language. */
export const useDefinition = (): ((of: Definition) => string) => {
  const { files } = useContext(WordsContext);
  return (of) => files['definitions']?.[of] ?? of;
};

/** `name`: what is explained, as it is called beside it. The browser itself opens, places and closes the box. */
export const Help = ({ of, name }: { of: Definition; name: string }) => {
  const id = useId();
  const say = useShell();
  const define = useDefinition();
  return (
    <span class="help">
      <button type="button" popovertarget={id} aria-label={say('what_is', { name })}>
        ?
      </button>
      <span id={id} popover="auto" class="bubble" role="note">
        <strong>{name}</strong>
        {define(of)}
      </span>
    </span>
  );
};
