// Which of several attempts is the newest.
import type { Attempt } from './fact.ts';

/** The newest; of two in one moment always the same one, whatever their order. null = there is none. */
export const newestOf = (attempts: readonly Attempt[]): Attempt | null =>
  attempts.reduce<Attempt | null>(
    (a, b) => (a && (a.at > b.at || (a.at === b.at && a.id > b.id)) ? a : b),
    null,
  );
