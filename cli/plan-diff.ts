// `recoup plan-diff`: what another policy would change for the cases that are open now, before it holds.
import { basename } from 'node:path';
import { Command } from 'commander';
import type { CustomerKey } from '../core/ids.ts';
import { formatMoney } from '../core/money.ts';
import { DamagedItemError, type Store } from '../core/ports.ts';
import type { Customer } from '../core/recovery/customer.ts';
import {
  planDiff,
  sumOfDiffs,
  type CasePlan,
  type PlanDiff,
  type PlanDiffSummary,
  type PlannedEnd,
  type PlannedStep,
} from '../core/recovery/plan-diff.ts';
import { addDays, type Instant } from '../core/time.ts';
import { monthsBetween } from '../core/workflows/read-cases.ts';
import { loadPolicy } from './load-policy.ts';
import { asJson, minute, plain, table } from './printed.ts';
import { withStore, withStoreOptions, type StoreOptions } from './store-target.ts';

type Options = StoreOptions & { readonly policy: string; readonly json?: boolean };

/** 14 months: a campaign may last 120 days, and a hold a year on top of what has passed. */
const DAYS_BACK = 14 * 31;
/** So many customers are read at a time: a stage answers them together as fast as one. */
const AT_ONCE = 20;

/** The customers with a case that may be open, in the order of their keys. */
const keysOfOpenCases = async (store: Store, now: Instant): Promise<CustomerKey[]> => {
  const keys = new Set<CustomerKey>();
  for (const month of monthsBetween(addDays(now, -DAYS_BACK), now)) {
    for (const { key, closedAt } of await store.listCases(month)) if (closedAt === null) keys.add(key);
  }
  return [...keys].sort();
};

/** Loads a customer; null for one whose item is damaged, so that the others are compared all the same. */
const loadIfReadable = async (store: Store, key: CustomerKey, now: Instant): Promise<Customer | null> => {
  try {
    return await store.load(key, now);
  } catch (error) {
    if (error instanceof DamagedItemError) return null;
    throw error;
  }
};

type Compared = { readonly diffs: readonly PlanDiff[]; readonly unreadable: readonly CustomerKey[] };

const compareAll = async (
  store: Store,
  policies: Parameters<typeof planDiff>[1],
  now: Instant,
): Promise<Compared> => {
  const keys = await keysOfOpenCases(store, now);
  const diffs: PlanDiff[] = [];
  const unreadable: CustomerKey[] = [];
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const some = keys.slice(i, i + AT_ONCE);
    const customers = await Promise.all(some.map((key) => loadIfReadable(store, key, now)));
    some.forEach((key, n) => {
      const customer = customers[n] ?? null;
      if (customer === null) return unreadable.push(key);
      const diff = planDiff(customer, policies, now);
      return diff && diffs.push(diff);
    });
  }
  return { diffs, unreadable };
};

const END_WORDS: Readonly<Record<PlannedEnd['action'], string>> = {
  leave: 'given up, subscription left as it is',
  cancel: 'subscription cancelled',
  cancel_at_period_end: 'subscription ends with its period',
  pause: 'collection paused',
  mark_uncollectible: 'invoice marked uncollectible',
};

/** What a cell says of a time, seen from `now`. */
const timeWords = (at: Instant, now: Instant): string => (at <= now ? 'at once:' : minute(at));

const endWords = (end: PlannedEnd | null, now: Instant): string =>
  end === null ? 'no end in sight' : `${timeWords(end.at, now)} ${END_WORDS[end.action]}`;

const stepWords = ({ kind, message, step }: PlannedStep, ends: readonly PlannedEnd[]): string => {
  if (kind === 'email') return `mail ${message} (${step})`;
  if (kind === 'retry') return `try to charge (${step})`;
  if (kind !== 'end') return step;
  return END_WORDS[ends[0]?.action ?? 'leave'];
};

const nextWords = ({ next, ends, steps }: CasePlan, now: Instant): string => {
  if (next.kind === 'nothing') return `nothing: ${next.why}`;
  if (next.kind === 'close') return `${timeWords(next.at, now)} case closes as ${next.outcome}`;
  const { step } = next;
  const own = ends.filter(({ subjectId }) => subjectId === step.subjectId);
  const isOneOfSeveral = [...steps, ...ends].some(({ subjectId }) => subjectId !== step.subjectId);
  const words = `${timeWords(step.at, now)} ${stepWords(step, own)}`;
  return isOneOfSeveral ? `${words} of ${step.subjectId}` : words;
};

const signed = (count: number): string => (count > 0 ? `+${count}` : String(count));

const stepCountWords = ({ added, gone, moved }: PlanDiff['steps']): string =>
  [
    moved > 0 ? `${moved} at another time` : '',
    added > 0 ? `${added} new` : '',
    gone > 0 ? `${gone} dropped` : '',
  ]
    .filter(Boolean)
    .join(', ');

const isEnd = ({ next }: CasePlan): boolean =>
  next.kind === 'close' || (next.kind === 'step' && next.step.kind === 'end');

/** What of a case differs, in words: under the one policy, under the other. */
const linesOf = (diff: PlanDiff, now: Instant): string[][] => {
  const { before, after, nextChanges, mails, ends, steps } = diff;
  const counted = stepCountWords(steps);
  // Where nothing but the end is to come, its own line says how it changes.
  const isNextTold = nextChanges && !(isEnd(before) && isEnd(after) && ends.length > 0);
  const severalEnds = new Set([...before.ends, ...after.ends].map(({ subjectId }) => subjectId)).size > 1;
  return [
    ...(isNextTold ? [['next step', nextWords(before, now), nextWords(after, now)]] : []),
    ...(mails === 0 ? [] : [['mails to come', `${before.mails}`, `${after.mails} (${signed(mails)})`]]),
    ...(counted === ''
      ? []
      : [['steps to come', `${before.steps.length}`, `${after.steps.length}: ${counted}`]]),
    ...ends.map((end) => [
      severalEnds ? `end of ${end.subjectId}` : 'end',
      endWords(end.before, now),
      endWords(end.after, now),
    ]),
  ];
};

const openMoney = ({ totals }: PlanDiff): string =>
  Object.entries(totals)
    .map(([currency, { open }]) => formatMoney({ minor: open, currency }, 'en'))
    .join(' + ');

/** Several lines a customer, who stands before the first. */
const rowsOf = (diff: PlanDiff, now: Instant): string[][] =>
  linesOf(diff, now).map((line, i) =>
    [...(i === 0 ? [diff.key, openMoney(diff)] : ['', '']), ...line].map(plain),
  );

const cases = (count: number): string => (count === 1 ? '1 open case' : `${count} open cases`);

const ENDS = [
  ['earlier', 'earlier'],
  ['later', 'later'],
  ['otherwise', 'in another way'],
  ['new', 'new'],
  ['gone', 'no longer in sight'],
] as const;

const summaryWords = ({ openCases, changed, mails, ends }: PlanDiffSummary): string => {
  const told = ENDS.flatMap(([change, words]) => (ends[change] > 0 ? [`${ends[change]} ${words}`] : []));
  return [
    `${cases(openCases)}, ${changed} ${changed === 1 ? 'changes' : 'change'}`,
    `mails +${mails.more}/-${mails.fewer}`,
    `ends: ${told.join(', ') || 'as before'}`,
  ].join('; ');
};

/** The name of the file, or where it lies when it is called as the one that it is compared with. */
const nameOf = (file: string): string => (basename(file) === 'policy.ts' ? file : basename(file));

/** What changes, as somebody reads it who does not know how a policy is written. */
const printedDiff = ({ diffs, unreadable }: Compared, file: string, where: string, now: Instant): string => {
  const summary = sumOfDiffs(diffs);
  const damaged =
    unreadable.length === 0
      ? []
      : [plain(`Not compared, because they cannot be read: ${unreadable.join(', ')}. See npx recoup stuck.`)];
  const head = plain(`${nameOf(file)} instead of policy.ts, in ${where}, as of ${minute(now)} UTC`);
  if (diffs.length === 0) return [head, 'No case is open: nothing to compare.', ...damaged].join('\n');
  if (summary.changed === 0) {
    return [head, `Nothing changes: ${cases(diffs.length)}, each as before.`, ...damaged].join('\n');
  }
  const rows = diffs.flatMap((diff) => rowsOf(diff, now));
  return [
    `${head}\n`,
    table(['customer', 'open', 'what', 'policy.ts', plain(nameOf(file))], rows),
    '',
    summaryWords(summary),
    'Foretold as if nobody paid and all went well. Nothing was changed.',
    ...damaged,
  ].join('\n');
};

const run = async ({ policy: file, json, ...options }: Options): Promise<void> => {
  const policies = { before: await loadPolicy(undefined), after: await loadPolicy(file) };
  await withStore(options, async ({ store, where, now: clock }) => {
    const now = clock();
    const compared = await compareAll(store, policies, now);
    if (!json) return console.log(printedDiff(compared, file, where, now));
    const { diffs, unreadable } = compared;
    const changed = diffs.filter(({ isChanged }) => isChanged);
    console.log(asJson({ where, now, policy: file, ...sumOfDiffs(diffs), unreadable, cases: changed }));
  });
};

/** The command, ready to be added to the program. */
export const planDiffCommand = (): Command =>
  withStoreOptions(new Command('plan-diff'))
    .description('Tells what another policy would change for the cases that are open now; changes nothing.')
    .requiredOption('--policy <file>', 'the policy to compare with policy.ts (.ts or .json)')
    .option('--json', 'print everything as JSON')
    .action(run);
