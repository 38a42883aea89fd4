// What an operator can wish for one customer: which wishes a case offers, and what will come of one, as precise as a case tells. Pure.
import type { Case } from '../../api.ts';
import type { Format, Money } from '../../format.ts';

type Invoice = Case['invoices'][number];

/** What an operator can do, as the path of the API names it. */
export const ACTIONS = [
  'hold',
  'resume',
  'retry-now',
  'exclude',
  'close',
  'write-again',
  'revoke-links',
  'erase',
] as const;
export type Action = (typeof ACTIONS)[number];

/** An action with its choices. `until`: a day. `invoice`: an id; null = all that are open. */
export type Wish = {
  readonly action: Action;
  readonly until: string;
  readonly invoice: string | null;
  readonly as: 'lost' | 'withdrawn';
};

/** What of the policy decides about it; null = not known yet. */
export type Rules = { readonly timeZone: string; readonly triesOwner: 'provider' | 'recoup' } | null;

/** A sentence: its name in the words of a case, and its values. */
export type Line = { readonly name: string; readonly values: Readonly<Record<string, string | number>> };

const isOpen = ({ outcome }: Invoice): boolean => outcome === 'open';

/** The open invoices of a case, each once: one that was paid and came back can stand there with its returned payment. */
export const openOf = ({ invoices, closedAt }: Case): readonly Invoice[] =>
  closedAt === null ? invoices.filter(isOpen) : [];

/** Whether its customer's payment method is charged for it: not one that is paid by hand, nor a payment that came back. */
const isCharged = ({ kind, subject, invoice }: Invoice): boolean =>
  kind !== 'invoice_overdue' && subject === invoice;

type Step = Case['steps'][number];

/** Whether a step is to come, as far as its campaign goes. */
export const isToCome = ({ status }: Step): boolean => status === 'waiting' || status === 'blocked';

/** Whether a step can still come: it is to, and its invoice is not settled. */
export const isAhead = (step: Step, { invoices }: Case): boolean =>
  isToCome(step) && !invoices.some((invoice) => invoice.subject === step.subject && !isOpen(invoice));

const TROUBLES: ReadonlySet<string> = new Set(['bounced', 'complained', 'rejected']);

/** Held back until somebody takes it back, and not until a day. */
const isExcluded = ({ held }: Case): boolean => held !== null && held.until === null;

/** Whether each action makes sense as the case stands. The API has the last word. */
const OFFERED: { readonly [K in Action]: (one: Case) => boolean } = {
  hold: (one) => one.erasedAt === null && openOf(one).length > 0 && !isExcluded(one),
  resume: (one) => one.held !== null,
  'retry-now': (one) => one.erasedAt === null && one.held === null && openOf(one).some(isCharged),
  exclude: (one) => one.erasedAt === null && !isExcluded(one),
  close: (one) => openOf(one).length > 0,
  'write-again': (one) =>
    one.erasedAt === null && one.mails.some(({ told }) => told.some((event) => TROUBLES.has(event))),
  'revoke-links': (one) => one.erasedAt === null && one.mails.length > 0,
  erase: (one) => one.erasedAt === null,
};

/** The actions that a case offers, those first that are wanted most. */
export const offeredFor = (one: Case): readonly Action[] => ACTIONS.filter((action) => OFFERED[action](one));

/** Some amounts as one text, each currency for itself. */
export const amountsOf = (amounts: readonly Money[], { moneyOf }: Format): string => {
  const sums = new Map<string, { readonly minor: number; readonly of: Money }>();
  for (const of of amounts)
    sums.set(of.currency, { minor: (sums.get(of.currency)?.minor ?? 0) + of.minor, of });
  return [...sums.values()].map(({ minor, of }) => moneyOf(minor, of)).join(' + ');
};

const told = (invoices: readonly Invoice[], format: Format) => ({
  amount: amountsOf(
    invoices.map(({ open }) => open),
    format,
  ),
  invoices: invoices.map(({ number, invoice }) => number ?? invoice).join(', '),
});

const line = (name: string, values: Line['values'] = {}): Line => ({ name, values });

/** The invoices that a wish is about. */
const meantBy = ({ invoice }: Wish, one: Case): readonly Invoice[] =>
  openOf(one).filter((open) => invoice === null || open.invoice === invoice);

type Tell = (wish: Wish, one: Case, format: Format, rules: Rules) => readonly Line[];

const providerGoesOn = (rules: Rules): readonly Line[] =>
  rules?.triesOwner === 'recoup' ? [] : [line('will_provider_tries')];

const hold: Tell = ({ until }, one, format, rules) => {
  const open = openOf(one);
  const charged = open.filter(isCharged);
  const toCome = one.steps.filter((step) => isAhead(step, one)).length;
  const day = format.dayLong(until);
  return [
    line('will_be_quiet', { day, zone: rules?.timeZone ?? 'UTC' }),
    charged.length > 0 ? line('will_charge_then', told(charged, format)) : line('will_charge_nothing_then'),
    ...(toCome > 0 ? [line('will_go_on_then', { n: toCome })] : []),
    ...providerGoesOn(rules),
    line('will_close_when_paid'),
  ];
};

const resume: Tell = (_, one) => [
  ...(one.closedAt === null ? [line('will_go_on')] : []),
  line(isExcluded(one) ? 'will_follow_again' : 'will_let_go'),
];

const exclude: Tell = (_, one, format, rules) => {
  const open = openOf(one);
  return [
    line('will_never'),
    ...(open.length > 0 ? [line('will_stay_open', told(open, format))] : []),
    ...providerGoesOn(rules),
  ];
};

const retry: Tell = (wish, one, format) => {
  const meant = meantBy(wish, one);
  const [charged, others] = [meant.filter(isCharged), meant.filter((invoice) => !isCharged(invoice))];
  return [
    ...(charged.length > 0 ? [line('will_charge_now', told(charged, format))] : []),
    ...(others.length > 0 ? [line('will_not_charge', told(others, format))] : []),
    line('will_count_try'),
  ];
};

const close: Tell = (wish, one, format) => {
  const meant = meantBy(wish, one);
  const rest = openOf(one).filter((invoice) => !meant.includes(invoice));
  return [
    line(`will_count_${wish.as}`, told(meant, format)),
    line('will_stop'),
    rest.length > 0 ? line('will_rest_open', told(rest, format)) : line('will_end_case'),
    line('will_void_there'),
    line('will_count_late'),
  ];
};

const erase: Tell = (_, one, format) => {
  const open = openOf(one);
  return [
    line('will_forget'),
    line('will_forget_links'),
    line('will_keep_amounts'),
    ...(open.length > 0 ? [line('will_leave_open', told(open, format))] : []),
    line('will_forget_here'),
  ];
};

const TELLS: { readonly [K in Action]: Tell } = {
  hold,
  resume,
  exclude,
  'retry-now': retry,
  close,
  'write-again': () => [line('will_write_again'), line('will_not_make_up'), line('will_suppress')],
  'revoke-links': () => [line('will_revoke'), line('will_new_links')],
  erase,
};

/** What will come of a wish, sentence by sentence. */
export const foretold: Tell = (wish, one, format, rules) => TELLS[wish.action](wish, one, format, rules);

/** What the API is sent. */
export const bodyOf = (
  { action, until, invoice, as }: Wish,
  note: string,
  ifVersion: number,
): Readonly<Record<string, unknown>> => ({
  note,
  ifVersion,
  ...(action === 'hold' && { until }),
  ...(action === 'close' && { as }),
  ...((action === 'close' || action === 'retry-now') && invoice !== null && { invoice }),
});
