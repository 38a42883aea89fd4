// What the heading of a list says of each total: what is counted, whenever it was, and which one of several. Pure.
import { AGE_BANDS } from '../../../../core/reports/at-risk.ts';
import { totalOf, TOTAL_NAMES, type TotalName } from '../../../../core/reports/totals.ts';
import type definitions from '../../words/en/definitions.json';

type Definition = keyof typeof definitions;

/** What a total counts: a name of the words `what_…`, with its definition. */
type Told = {
  readonly what:
    | 'failed'
    | 'recovered'
    | 'withdrawn'
    | 'lost'
    | 'open'
    | 'at_risk'
    | 'unmailed'
    | 'in_part'
    | 'late'
    | 'refunded'
    | 'disputed'
    | 'reversed'
    | 'net';
  readonly help: Definition;
  readonly isImported: boolean;
};

const told = (what: Told['what'], help: Definition, isImported = false): Told => ({ what, help, isImported });

export const TOLD: Readonly<Record<TotalName, Told>> = {
  failed: told('failed', 'failed'),
  recovered: told('recovered', 'recovered'),
  withdrawn: told('withdrawn', 'withdrawn'),
  lost: told('lost', 'lost'),
  open: told('open', 'open'),
  at_risk: told('at_risk', 'at_risk'),
  at_risk_aged: told('at_risk', 'ages'),
  imported: told('failed', 'imported', true),
  imported_recovered: told('recovered', 'imported', true),
  imported_withdrawn: told('withdrawn', 'imported', true),
  imported_lost: told('lost', 'imported', true),
  imported_open: told('open', 'imported', true),
  imported_at_risk: told('at_risk', 'imported', true),
  cause: told('recovered', 'causes'),
  after: told('recovered', 'last_mail'),
  unmailed: told('unmailed', 'unmailed'),
  in_part: told('in_part', 'causes'),
  paid: told('recovered', 'last_mail'),
  lost_because: told('lost', 'lost_because'),
  lost_answered: told('lost', 'lost_answered'),
  group: told('failed', 'groups'),
  moved_recovered: told('recovered', 'months'),
  moved_late: told('late', 'months'),
  moved_refunded: told('refunded', 'refunded'),
  moved_disputed: told('disputed', 'disputed'),
  moved_reversed: told('reversed', 'reversed'),
  moved_net: told('net', 'net'),
};

/** The total that a place names; null when it names none. */
export const totalIn = (name: string | undefined): TotalName | null =>
  TOTAL_NAMES.find((one) => one === name) ?? null;

/** When what a total counts was: it failed in the period, it moved in it, or it is open now. `period`: all that failed. */
export const whenOf = (name: TotalName): 'period' | 'failed' | 'moved' | 'now' => {
  const { of } = totalOf(name);
  if (of !== 'period') return of;
  return TOLD[name].what === 'failed' ? 'period' : 'failed';
};

/** The band of age that a value names, of a total that has them; null when it names none. */
export const bandIn = (name: TotalName, value: string): (typeof AGE_BANDS)[number] | null =>
  totalOf(name).valueIs === 'age' ? (AGE_BANDS.find((band) => band.name === value) ?? null) : null;

/** What tells one of several totals of a name; null where there is one, or where a month or an age says when. */
export const whichOf = (name: TotalName): 'cause' | 'mail' | 'reason' | 'answer' | 'group' | null => {
  const { valueIs } = totalOf(name);
  return valueIs === 'month' || valueIs === 'age' ? null : valueIs;
};
