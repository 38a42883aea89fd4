// What went wrong, in the reader's language: what happened with what to do, and each field with the rule that it breaks.
import { usePage, useLinks } from '../page.ts';
import { wordsOf, type Problem } from '../problem.ts';
import type en from '../words/en/problems.json';
import { useCoded, useNames, useShell, useWords } from '../words.ts';

/** A problem in words. */
type Told = {
  readonly title: string;
  readonly text: string;
  /** A sentence for each field that is not as it should be. */
  readonly faults: readonly string[];
  /** What the API says in English, where the page has no words for it. */
  readonly detail: string | null;
};

/** Says a problem by its code; one that the page does not know, by its status and with what the API says of it. */
export const useTold = (): ((problem: Problem) => Told) => {
  const shell = useShell();
  const say = useWords<typeof en>('problems');
  const coded = useCoded('problems');
  const names = useNames();
  return (problem) => {
    const words = wordsOf(problem);
    const title = shell(`${words}_title`);
    if (problem.kind !== 'told') return { title, text: shell(`${words}_text`), faults: [], detail: null };
    const { code, detail, fields } = problem;
    const text = code === null ? null : coded(code);
    return {
      title,
      text: text ?? shell(`${words}_text`),
      faults: fields.map((fault) =>
        say('fault', {
          field: coded(`field_${fault.field}`) ?? names('filter', fault.field),
          rule: coded(`rule_${fault.code}`) ?? fault.why,
        }),
      ),
      detail: text === null && detail !== '' ? detail : null,
    };
  };
};

/** The rules that are still broken when the field is left out. */
const NEEDS_IT: ReadonlySet<string> = new Set(['needed', 'value_needed', 'value_age']);

/** The same place without what the API refuses of it; null when that is nothing that the place holds. */
export const useWithout = (problem: Problem): string | null => {
  const { place } = usePage();
  const { here } = useLinks();
  if (problem.kind !== 'told') return null;
  const refused = problem.fields
    .filter(({ code }) => !NEEDS_IT.has(code))
    // One end of a period is asked for as the other where that is not told.
    .flatMap(({ field }) => (field === 'from' || field === 'to' ? ['from', 'to'] : [field]))
    .filter((field) => Object.hasOwn(place.query, field));
  return refused.length === 0 ? null : here(Object.fromEntries(refused.map((field) => [field, undefined])));
};
