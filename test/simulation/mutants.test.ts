// The laws bite: each guard that is taken out of the code breaks a law in a small simulated world.
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { definePolicy } from '../../core/recovery/policy.ts';
import b2bAnnual from '../../examples/policies/b2b-annual.ts';
import b2cMonthly from '../../examples/policies/b2c-monthly.ts';
import ownRetriesInput from '../../examples/policies/own-retries.ts';
import { POLICY } from '../support/runner.ts';
import type { MutantFound, MutantRun } from './mutant-worker.ts';
import { WIDE, WIDE_OWN } from './wide-policies.ts';

const OWN_RETRIES = definePolicy(ownRetriesInput);
const DAYTIME = definePolicy(b2cMonthly);
const B2B = definePolicy(b2bAnnual);
const soft = OWN_RETRIES.campaigns.find(({ kind, declines }) => kind === undefined && declines === 'any');
/** One campaign for everything that tries every day: no checked policy can say so, so that only the guards stop it. */
const STUBBORN: typeof POLICY = {
  ...OWN_RETRIES,
  campaigns: [
    {
      ...(soft as (typeof POLICY)['campaigns'][number]),
      steps: [
        { id: 'opening', kind: 'email', message: 'payment-failed', delayDays: 0 },
        ...Array.from({ length: 14 }, (_, i) => ({
          id: `retry-${i}`,
          kind: 'retry' as const,
          delayDays: i + 1,
        })),
      ],
    },
  ],
};

/** Mails on Mondays only, so that many a notice waits until what it tells of has come. */
const MONDAYS: typeof POLICY = {
  ...WIDE,
  sendWindow: { from: '08:00', to: '20:00', weekdays: [1], quietDates: [] },
  notices: WIDE.notices.map((notice) => ({
    ...notice,
    steps: notice.steps
      .filter(({ daysBefore }) => daysBefore > 0)
      .map((step, i) => ({ ...step, daysBefore: 2 + i })),
  })),
};

/** The retries are ours, and who does not pay keeps the plan. */
const LEAVING: typeof POLICY = {
  ...OWN_RETRIES,
  campaigns: OWN_RETRIES.campaigns.map((campaign) => ({
    ...campaign,
    end: { ...campaign.end, action: 'leave' },
  })),
};

type Mutant = Omit<MutantRun, 'world' | 'wantsHistory'> & {
  readonly name: string;
  readonly policy?: typeof POLICY;
  /** How many there are in each world, for what is rare; 60 unless given. */
  readonly customers?: number;
};

const VISIT = 'core/workflows/visit-customer.ts';
const REPORT = 'the report is its books';
const SAME_REPORT = 'a report is the same however it is read';
const BOOKS = 'the books are the provider’s';
const MONEY = 'the money of a month is the provider’s';
const ONCE = 'every failed invoice is in the books exactly once';

/** Guards of what more there is than cards and the tries of the provider. */
const WIDER: readonly Mutant[] = [
  {
    name: 'a bank account debited as often as a card',
    file: 'core/recovery/network-rules.ts',
    from: 'export const MAX_ATTEMPTS_OF_DEBIT = 2;',
    to: 'export const MAX_ATTEMPTS_OF_DEBIT = 8;',
    law: 'no bank debit more than twice or within days',
    policy: STUBBORN,
  },
  {
    name: 'a bank account debited again the next day',
    file: 'core/recovery/network-rules.ts',
    from: 'export const DEBIT_SPACING_DAYS = 3;',
    to: 'export const DEBIT_SPACING_DAYS = 0;',
    law: 'no bank debit more than twice or within days',
    policy: STUBBORN,
  },
  {
    name: 'a mail while a debit is on its way',
    file: 'core/recovery/agenda.ts',
    from: '  if (blocked !== null)\n',
    to: '  if (now < ladder.anchor)\n',
    law: 'nothing asks for money while a debit is in flight',
  },
  {
    name: 'a new card tried although the bank has declined it',
    file: 'core/recovery/card-tries.ts',
    from: '  Object.values(attempts).some(\n    (attempt) =>\n      cardName',
    to: '  Object.values(attempts).slice(99).some(\n    (attempt) =>\n      cardName',
    law: 'another card is tried once, and not within 30 days of a decline of it',
    policy: WIDE_OWN,
  },
  {
    name: 'an invoice that is sent told as overdue before its date',
    file: 'adapters/stripe/invoice.ts',
    from: 'invoice.due_date <= now\n    ? { at: invoice.due_date,',
    to: "invoice.due_date > ''\n    ? { at: now,",
    law: 'an overdue mail only for what is due and open',
    policy: WIDE,
  },
  {
    name: 'an invoice that is sent charged when an operator asks for it',
    file: 'core/recovery/holds.ts',
    from: "return invoice.details.value.collectionMethod === 'send_invoice'",
    to: "return invoice.details.value.collectionMethod === ('never' as string)",
    law: 'no charge of a sent invoice',
    policy: WIDE,
    customers: 300,
  },
  {
    name: 'mails for somebody who is held',
    file: 'core/recovery/plan.ts',
    from: 'const held = heldBy(customer.recovery, setting.now);',
    to: "const held = setting.now < '2000' ? heldBy(customer.recovery, setting.now) : null;",
    law: 'nothing is sent or charged for a held or excluded customer',
    customers: 200,
  },
  {
    name: 'a notice forgotten once it has begun',
    file: 'core/recovery/notices.ts',
    from: 'return lapseOf(notice, campaign) <= now ? [] : [{ ...notice, over }];',
    to: 'return lapseOf(notice, campaign) <= now || notice.steps.length > 0 ? [] : [{ ...notice, over }];',
    law: 'no notice twice',
    policy: WIDE,
  },
  {
    name: 'a notice of what has come already',
    file: 'core/recovery/notices.ts',
    from: "if (step.daysBefore >= 0 && isPast) return 'it has come already';",
    to: '',
    law: 'no notice after its date',
    policy: MONDAYS,
    customers: 200,
  },
  {
    name: 'a notice of what the customer has ended',
    file: 'core/recovery/upcoming.ts',
    from: 'PAYING.has(status) && !cancelAtPeriodEnd',
    to: 'PAYING.has(status)',
    law: 'no notice of what lies ahead no more',
    policy: WIDE,
    customers: 200,
  },
  {
    name: 'a notice of a card that is charged no more',
    file: 'core/recovery/upcoming.ts',
    from: 'subscription.defaultMethodId ?? facts.defaultMethod?.value ?? null',
    to: 'facts.defaultMethod?.value ?? subscription.defaultMethodId',
    law: 'no notice of what lies ahead no more',
    policy: WIDE,
    customers: 200,
  },
  {
    name: 'the end of a plan told although it runs on',
    file: 'core/recovery/plan-lost.ts',
    from: "if (id === null || subscription?.value.status !== 'canceled') return false;",
    to: 'if (id === null || subscription !== undefined) return id !== null;',
    law: 'no plan is told to have ended that has not',
    policy: LEAVING,
  },
  {
    name: 'who has a plan again won back all the same',
    file: 'core/recovery/upcoming.ts',
    from: 'if (hasPlan || (facts.deletedAt',
    to: 'if ((facts.deletedAt',
    law: 'no notice of what lies ahead no more',
    policy: WIDE,
    customers: 200,
  },
  {
    name: 'a claim that never runs out',
    file: VISIT,
    from: 'if (pending !== null && pending.leaseUntil > now) {',
    to: 'if (pending !== null) {',
    law: 'what is due is looked at',
  },
  {
    name: 'who was let go of by an earlier case counted as a customer who left',
    file: 'core/recovery/settle.ts',
    from: '[...ladders, ...Object.values(tombstones)].flatMap(',
    to: '[...ladders, ...Object.values(tombstones).slice(999)].flatMap(',
    law: 'nothing is withdrawn that nobody withdrew',
    policy: WIDE_OWN,
    customers: 300,
  },
];

const CAME_BACK = 'no mail to an address that came back';

/** Guards of what becomes of mails, and of what their readers do by the links in them. */
const READERS: readonly Mutant[] = [
  {
    name: 'mails to an address that came back',
    file: 'core/recovery/customer.ts',
    from: 'addressesOf(facts).find((address) => !isUnreachable(facts, address)) ?? null;',
    to: 'addressesOf(facts)[0] ?? null;',
    law: CAME_BACK,
  },
  {
    name: 'an address that came back forgotten with its customer',
    file: 'core/recovery/close.ts',
    from: '    ...Object.values(facts.unreachable),\n',
    to: '',
    law: CAME_BACK,
    customers: 500,
  },
  {
    name: 'an end although its final notice came back',
    file: 'core/recovery/agenda.ts',
    from: "noticed?.status === 'done' && !cameBack &&",
    to: "noticed?.status === 'done' &&",
    law: 'no end after its final notice came back',
    policy: OWN_RETRIES,
  },
  {
    name: 'a step that stays uncertain although its mail was told as sent',
    file: 'core/recovery/ladders.ts',
    from: "if (step.status !== 'uncertain' || !sent) return step;",
    to: "if (step.status === 'uncertain' || !sent) return step;",
    law: 'a step is done once its mail was told as sent',
  },
  {
    name: 'a promise that holds nothing',
    file: 'core/workflows/customer-page.ts',
    from: 'customer: withAnswer(held ?? customer, told, held !== null, now),',
    to: 'customer: withAnswer(customer, told, held !== null, now),',
    law: 'nothing is sent or charged for a held or excluded customer',
  },
  {
    name: 'a second promise that holds as the first',
    file: 'core/workflows/customer-page.ts',
    from: 'const stands = hasPromised(customer.recovery) || heldBy(customer.recovery, now) !== null;',
    to: 'const stands = hasPromised(customer.recovery) && customer.version < 0;',
    law: 'one promise a case holds',
  },
  {
    name: 'notices to somebody who is unsubscribed',
    file: 'core/recovery/notices.ts',
    from: "if (recovery.unsubscribed[streamOf(notice.kind)] !== undefined) return 'unsubscribed';",
    to: '',
    law: 'nobody is written to who is unsubscribed',
    policy: WIDE,
  },
  {
    name: 'links that anybody can sign',
    file: 'adapters/links/token.ts',
    from: 'if (!known || !isSame(',
    to: 'if (!known || known.id === isSame(',
    law: 'a forged link leads nowhere',
  },
  {
    name: 'a page opened that is noted down',
    file: 'core/workflows/customer-page.ts',
    from: 'if (isOpenCase(customer, asker)) return openView(deps, customer, now);',
    to: "if (isOpenCase(customer, asker)) {\n    await press(deps, asker, 'looked', asker.about, now);\n    return openView(deps, customer, now);\n  }",
    law: 'a GET of the page writes nothing',
  },
  {
    name: 'the page of somebody who is gone',
    file: 'core/workflows/customer-page.ts',
    from: "if (isRevoked(customer, asker)) return { kind: 'unknown' };\n  if (isOpenCase",
    to: 'if (isOpenCase',
    law: 'no page of somebody who is gone',
    customers: 300,
  },
  {
    name: 'the business told each day that nobody is left',
    file: 'core/recovery/plan.ts',
    from: 'if (open.ladders.some((ladder) => recordOf(ladder, UNREACHABLE))) return null;',
    to: 'if (open.ladders.filter((ladder) => recordOf(ladder, UNREACHABLE)).length > 1) return null;',
    law: 'told once a case that nobody is left',
    policy: B2B,
  },
];

const MUTANTS: readonly Mutant[] = [
  {
    name: 'a store that lets every writer win',
    file: 'adapters/memory/store.ts',
    from: 'if (version !== stored + 1)',
    to: 'if (version < 0)',
    law: 'no step twice',
  },
  {
    name: 'a visit that plans on what it read before a webhook wrote',
    file: VISIT,
    from: 'current = await deps.store.load(claimed.key, deps.now());\n      raced = true;',
    to: 'current = { ...current, version: (await deps.store.load(claimed.key, deps.now())).version };\n      raced = true;',
    law: 'no mail armed after the payment was recorded',
  },
  {
    name: 'an outbox that is not put after a crash',
    file: VISIT,
    from: '    await publish(deps.store, claimed, deps.now());',
    to: '',
    law: ONCE,
  },
  {
    name: 'a mail of unknown outcome that is sent again',
    file: VISIT,
    from: "return settle(deps, customer, action, { kind: 'unknown', why });",
    to: 'return disarm(deps, customer, action, why);',
    law: 'no step twice',
  },
  {
    name: 'a charge or an end repeated although it was paid or disputed meanwhile',
    file: VISIT,
    from: 'const repeats = keyLives && whyNotAgain(customer, action, deps.policy, deps.now()) === null;',
    to: 'const repeats = keyLives;',
    law: 'no retry after the payment was recorded',
    policy: OWN_RETRIES,
  },
  {
    name: 'no daily look at an open case',
    file: 'core/recovery/plan.ts',
    from: 'let wakeAt = earlier(asked.wakeAt, addMs(now, setting.heartbeatMs)) as Instant;',
    to: 'let wakeAt = earlier(asked.wakeAt, addMs(now, setting.heartbeatMs * 30)) as Instant;',
    law: 'an open case is thought of within a day',
  },
  {
    name: 'mails at any hour',
    file: 'core/recovery/restraint.ts',
    from: 'const at = nextInWindow(free, sendWindow, zone);',
    to: 'const at = free;',
    law: 'no mail outside its hours',
    policy: DAYTIME,
  },
  {
    name: 'no cap of one mail a day',
    file: 'core/recovery/restraint.ts',
    from: 'if (lastAskedAt === null) return dueAt;',
    to: 'return dueAt;',
    law: 'one mail asks for money a day',
  },
  {
    name: 'first payments in the books',
    file: 'core/recovery/settle.ts',
    from: "if (policy.firstPayments === 'ignore' && isFirstPayment(facts, invoice)) return [];",
    to: '',
    law: ONCE,
  },
  {
    name: 'a case opened again by a late event',
    file: 'core/recovery/close.ts',
    from: '    buried.set(invoiceId, withReturned(known, facts, ladder, book, open.id));',
    // What was not paid would come back with every look, and the world would never end.
    to: "    if (book.outcome !== 'recovered')\n      buried.set(invoiceId, withReturned(known, facts, ladder, book, open.id));",
    law: ONCE,
  },
  {
    name: 'what we ended counted as a customer who left',
    file: 'core/recovery/settle.ts',
    from: 'subscription && ours.has(subscription.value.id)',
    to: 'subscription && ours.size < 0',
    law: 'nothing is withdrawn that nobody withdrew',
    policy: OWN_RETRIES,
  },
  {
    name: 'sums that stand although a case was amended',
    file: 'core/workflows/publish.ts',
    from: 'for (const month of new Set(months)) await store.markStale(month, now);',
    to: '',
    law: SAME_REPORT,
  },
  {
    name: 'a late payment missing among what came by month',
    file: 'core/reports/tally.ts',
    from: '      put(moved.recovered, minor);',
    to: '',
    law: REPORT,
  },
  {
    name: 'a refund of a closed case that nobody takes in',
    file: 'core/recovery/late-money.ts',
    from: '  if (left === null) return false;\n  return Object.values(tombstones)',
    to: "  if (left?.kind !== 'dispute') return false;\n  return Object.values(tombstones)",
    law: MONEY,
  },
  {
    name: 'a refund counted once more with the total of its charge',
    file: 'core/recovery/late-money.ts',
    from: '  if (!departure.isTotal) return departure.minor;\n',
    to: '  if (ledger.size >= 0) return departure.minor;\n',
    law: MONEY,
  },
  {
    name: 'a dispute that is won and brings nothing back',
    file: 'core/recovery/late-money.ts',
    from: "dispute: 'dispute_won', reversal: null",
    to: 'dispute: null, reversal: null',
    law: MONEY,
  },
  {
    name: 'a debit that came back and is still in the net',
    file: 'core/recovery/late-money.ts',
    from: 'const known = [...told.filter((left) => isOf(tombstone, left)), ...back].reduce(',
    to: 'const known = told.filter((left) => isOf(tombstone, left) && back.length >= 0).reduce(',
    law: MONEY,
  },
  {
    name: 'a part counted in the month in which the rest was paid',
    file: 'core/reports/failure.ts',
    from: '    ...(paidIn && { paidIn }),\n',
    to: '',
    law: MONEY,
  },
  {
    name: 'late payments forgotten',
    file: 'core/recovery/close.ts',
    from: 'adjustments.push(...paymentEntry(customer, tombstone, entry, minor));',
    to: '',
    law: BOOKS,
  },
  {
    name: 'who is erased is not forgotten',
    file: 'core/recovery/merge.ts',
    from: 'if (facts.erasedAt === null && facts.deletedAt === null) return facts;',
    to: 'if (facts.deletedAt === null) return facts;',
    law: 'erased and deleted stay so',
  },
  {
    name: 'facts that overwrite in the order of arrival',
    file: 'core/recovery/merge.ts',
    from: '  return order < 0 ? b : a;',
    to: '  return order === 0 ? a : b;',
    law: 'facts equal their merge in any order',
  },
  {
    name: 'no end of tries',
    file: 'core/recovery/network-rules.ts',
    from: 'if (used >= most) {',
    to: 'if (used < 0) {',
    law: 'no retry past a limit',
    policy: STUBBORN,
  },
  {
    name: 'a retry after a hard decline',
    file: 'core/recovery/network-rules.ts',
    from: 'return { allowed: false, why: `${reading.because}: not again without the customer`, notBefore: null };',
    to: 'return { allowed: true, left: 1 };',
    law: 'no retry on a hard decline with the same card',
    policy: STUBBORN,
  },
  {
    name: 'an end without its notice',
    file: 'core/recovery/agenda.ts',
    from: 'if (noticedLongAgo && !blocked) {',
    to: 'if (at <= now && !blocked) {',
    law: 'no end without its notice days before',
    policy: OWN_RETRIES,
  },
  {
    name: 'an end while the customer disputes or a debit is on its way',
    file: 'core/recovery/agenda.ts',
    from: 'if (noticedLongAgo && !blocked) {',
    to: 'if (noticedLongAgo) {',
    law: 'no end during a dispute or a payment in flight',
    policy: OWN_RETRIES,
    customers: 200,
  },
  {
    name: 'a retry while the customer disputes or a debit is on its way',
    file: 'core/recovery/agenda.ts',
    from: '  if (blocked !== null)\n',
    to: '  if (now < ladder.anchor)\n',
    law: 'no retry during a dispute or a payment in flight',
    policy: OWN_RETRIES,
  },
  {
    name: 'a log of which only what was not delivered is read',
    file: 'core/workflows/reconcile.ts',
    from: 'if (!undelivered.complete || !isFullDue(run)) return [undelivered];',
    to: 'if (!undelivered.complete || isFullDue(run)) return [undelivered];',
    law: ONCE,
  },
  ...WIDER,
  ...READERS,
];

const run = (
  { file, from, to, law, policy = POLICY, customers = 60 }: Mutant,
  historyOf: number | null = null,
): Promise<MutantFound> =>
  new Promise((resolve, reject) => {
    const world = { customers, days: 60, seed: historyOf ?? 1, faults: true, policy };
    const wantsHistory = historyOf !== null;
    const worker = new Worker(new URL('./mutant-worker.ts', import.meta.url), {
      workerData: { file, from, to, law, world, wantsHistory } satisfies MutantRun,
    });
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the worker ended with ${code} and told nothing`)));
  });

describe('a guard taken out of the code breaks a law', () => {
  test.each(MUTANTS)('$name: $law', async (mutant) => {
    expect((await run(mutant)).seed).not.toBeNull();
  });
});

describe('how a broken law comes about', () => {
  test('is told in the shortest history found: one failure, one late payment, nothing that it does not take', async () => {
    const forgotten = MUTANTS.find(({ name }) => name === 'late payments forgotten') as Mutant;
    // A world in which somebody whom it befalls shows it alone.
    const { history } = await run(forgotten, 24);
    const what = history?.map((line) => line.what) ?? [];
    expect(what.filter((line) => /^case .* let go of$/.test(line))).toHaveLength(1);
    expect(what.filter((line) => line.startsWith('webhook invoice.paid'))).toHaveLength(1);
    expect(what.filter((line) => /^[a-z_]+ stripe/.test(line))).toEqual([]);
    expect(what.length).toBeLessThan(40);
  });
});
