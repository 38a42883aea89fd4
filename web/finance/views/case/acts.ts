// What the lines of a journal say, as the core writes them: who did what, and which lines other parts of a case tell already. Pure.
import type { Case } from '../../api.ts';

type Line = Case['journal'][number];

/** What an operator, or the customer on their page, can do, as its line begins, and who it was. */
const ACTS = {
  held: /^held until (?<until>\S+) by (?<who>.+)$/,
  excluded: /^excluded by (?<who>.+)$/,
  resumed: /^resumed by (?<who>.+)$/,
  retry_asked: /^a try asked for by (?<who>.+)$/,
  closed_by_hand: /^closed as (?<as>lost|withdrawn) by (?<who>.+)$/,
  links_revoked: /^links revoked by (?<who>.+)$/,
  let_through: /^mail let through by (?<who>.+)$/,
  erased_by: /^erased by (?<who>.+)$/,
} as const;
export type ActName = keyof typeof ACTS;

/** An act of an operator with what its line tells; null = it is something else. */
export const actIn = (
  what: string,
): { readonly name: ActName; readonly values: Readonly<Record<string, string>> } | null => {
  for (const name of Object.keys(ACTS) as ActName[]) {
    const found = ACTS[name].exec(what);
    if (found) return { name, values: { ...found.groups } };
  }
  return null;
};

const STEP = /^(.+) (?:done|skipped|uncertain) for (.+)$/;
const LADDER = /^ladder opened for /;

/** Whether another part of the case tells the same: its steps, its failures, its answers. */
export const isTold = (
  { at, what }: Line,
  { steps, answers, invoices }: Pick<Case, 'steps' | 'answers' | 'invoices'>,
): boolean => {
  const [, step, subject] = STEP.exec(what) ?? [];
  return (
    steps.some((one) => one.step === step && one.subject === subject) ||
    LADDER.test(what) ||
    (what === 'case opened' && invoices.some(({ failedAt }) => failedAt === at)) ||
    (what === 'the customer answered' && answers.length > 0)
  );
};
