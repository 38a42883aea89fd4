// Everything that happened in a case as one stream: failures, steps, money, answers, what operators did. Pure.
import type { Case } from '../../api.ts';
import { actIn, isTold } from './acts.ts';

type Invoice = Case['invoices'][number];
type Step = Case['steps'][number];
type Mail = Case['mails'][number];
type Line = Case['journal'][number];

/** One thing that happened. */
export type Moment = { readonly at: string } & (
  | { readonly kind: 'failed' | 'settled'; readonly invoice: Invoice }
  | { readonly kind: 'step'; readonly step: Step; readonly mail: Mail | null }
  | { readonly kind: 'moved'; readonly adjustment: Case['adjustments'][number] }
  | { readonly kind: 'answer'; readonly answer: Case['answers'][number] }
  | { readonly kind: 'act'; readonly line: Line }
  | { readonly kind: 'noted'; readonly line: Line }
);

const mailOf = (mails: readonly Mail[], { subject, step }: Step): Mail | null =>
  mails.find((mail) => mail.subject === subject && mail.step === step) ?? null;

const BEHIND: ReadonlySet<Step['status']> = new Set(['done', 'skipped', 'uncertain']);

const ofInvoice = (invoice: Invoice): Moment[] => [
  { at: invoice.failedAt, kind: 'failed', invoice },
  ...(invoice.settledAt === null
    ? []
    : [{ at: invoice.settledAt, kind: 'settled', invoice } satisfies Moment]),
];

const ofStep =
  (mails: readonly Mail[]) =>
  (step: Step): Moment[] =>
    step.at !== null && BEHIND.has(step.status)
      ? [{ at: step.at, kind: 'step', step, mail: mailOf(mails, step) }]
      : [];

/** What only the journal tells: what an operator or the customer did, which campaign was picked, that the case was closed. */
const ofJournal = (one: Case): Moment[] =>
  one.journal
    // The journal is the customer's: what is older is of a case before.
    .filter((line) => line.at >= one.openedAt && !isTold(line, one))
    .map((line) => ({ at: line.at, kind: actIn(line.what) === null ? 'noted' : 'act', line }));

/** The stream, the newest first. Of what happened at one instant, what follows from something stands above it. */
export const timelineOf = (one: Case): readonly Moment[] =>
  [
    ...ofJournal(one).filter(({ kind }) => kind === 'act'),
    ...one.invoices.flatMap(ofInvoice).filter(({ kind }) => kind === 'failed'),
    ...ofJournal(one).filter(({ kind }) => kind === 'noted'),
    ...one.answers.map((answer): Moment => ({ at: answer.at, kind: 'answer', answer })),
    ...one.steps.flatMap(ofStep(one.mails)),
    ...one.invoices.flatMap(ofInvoice).filter(({ kind }) => kind === 'settled'),
    ...one.adjustments.map((adjustment): Moment => ({ at: adjustment.at, kind: 'moved', adjustment })),
  ]
    .map((moment, place) => ({ moment, place }))
    .toSorted((a, b) =>
      a.moment.at === b.moment.at ? b.place - a.place : a.moment.at < b.moment.at ? 1 : -1,
    )
    .map(({ moment }) => moment);
