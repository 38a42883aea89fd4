// Everything that happened in a case as one stream: failures, steps, money, answers, what operators did. Pure.
import type { Case } from '../../api.ts';
import { actIn, isTold } from './acts.ts';

type Invoice = Case['invoices'][number];
type Step = Case['steps'][number];
type Mail = Case['mails'][number];
type Line = Case['journal'][number];

/** One thing that happened. */
export type Moment = { readonly at: string } & (
  | { readonly kind: 'failed'; readonly invoice: Invoice }
  | { readonly kind: 'settled'; readonly invoice: Invoice }
  | { readonly kind: 'step'; readonly step: Step; readonly mail: Mail | null }
  | { readonly kind: 'moved'; readonly adjustment: Case['adjustments'][number] }
  | { readonly kind: 'answer'; readonly answer: Case['answers'][number] }
  | { readonly kind: 'act'; readonly line: Line }
  | { readonly kind: 'noted'; readonly line: Line }
);

const mailOf = (mails: readonly Mail[], { subject, step }: Step): Mail | null =>
  mails.find((mail) => mail.subject === subject && mail.step === step) ?? null;

const BEHIND: ReadonlySet<Step['status']> = new Set(['done', 'skipped', 'uncertain']);

const failedOf = (invoice: Invoice): Moment => ({ at: invoice.failedAt, kind: 'failed', invoice });

const settledOf = (invoice: Invoice): Moment[] =>
  invoice.settledAt === null ? [] : [{ at: invoice.settledAt, kind: 'settled', invoice }];

const ofStep =
  (mails: readonly Mail[]) =>
  (step: Step): Moment[] =>
    step.at !== null && BEHIND.has(step.status)
      ? [{ at: step.at, kind: 'step', step, mail: mailOf(mails, step) }]
      : [];

/** The lines that only the journal has: which campaign was picked, what the customer did on their page. */
const linesOf = (one: Case): readonly Line[] =>
  // The journal is the customer's: what is older is of a case before.
  one.journal.filter((line) => line.at >= one.openedAt && !isTold(line, one));

const isAct = ({ what }: Line): boolean => actIn(what) !== null;

/** The stream, the newest first. Of what happened at one instant, what follows from something stands above it. */
export const timelineOf = (one: Case): readonly Moment[] => {
  const lines = linesOf(one);
  const moments: readonly Moment[] = [
    ...lines.filter(isAct).map((line): Moment => ({ at: line.at, kind: 'act', line })),
    ...one.invoices.map(failedOf),
    ...lines.filter((line) => !isAct(line)).map((line): Moment => ({ at: line.at, kind: 'noted', line })),
    ...one.answers.map((answer): Moment => ({ at: answer.at, kind: 'answer', answer })),
    ...one.steps.flatMap(ofStep(one.mails)),
    ...one.invoices.flatMap(settledOf),
    ...one.adjustments.map((adjustment): Moment => ({ at: adjustment.at, kind: 'moved', adjustment })),
  ];
  return moments
    .map((moment, place) => ({ moment, place }))
    .toSorted((a, b) =>
      a.moment.at === b.moment.at ? b.place - a.place : a.moment.at < b.moment.at ? 1 : -1,
    )
    .map(({ moment }) => moment);
};
