// The simulated provider and its customers: what a real account meets happens here too, and the same seed repeats it.
import { describe, expect, test } from 'vitest';
import type { ArmedAction } from '../../core/recovery/customer.ts';
import { addDays, instantFromSeconds } from '../../core/time.ts';
import { createRandom } from '../../local/demo/random.ts';
import { keyOf, START_S } from '../../local/simulation/business.ts';
import { createMarket, type Market } from '../../local/simulation/market/market.ts';
import { expiresAt, nameOf } from '../../local/simulation/market/methods.ts';
import { createPeople } from '../../local/simulation/market/people.ts';
import { DAY_S, type Logged } from '../../local/simulation/market/state.ts';

type Run = { readonly market: Market; readonly log: readonly Logged[]; readonly asked: string[] };

/** A market of so many customers, run for a year with nobody under test beside it. */
const run = (customers: number, retriesItself: boolean, until = 365): Run => {
  const queue: { at: number; order: number; happen: (second: number) => void }[] = [];
  const asked: string[] = [];
  let [order, now] = [0, START_S];
  const random = createRandom(5);
  const market = createMarket(random.fork('market'), {
    people: createPeople(random.fork('people'), customers),
    stage: {
      emit: () => {},
      later: (at, happen) => void queue.push({ at, order: (order += 1), happen }),
      leftOut: () => false,
    },
    witness: {
      retry: (_debt, { key }) => void asked.push(`retry ${key}`),
      end: (_debt, { key }) => void asked.push(`end ${key}`),
    },
    retriesItself,
    secondNow: () => now,
  });
  market.planBills(START_S, 60);
  while (queue.length > 0) {
    queue.sort((a, b) => a.at - b.at || a.order - b.order);
    if ((queue[0]?.at ?? 0) > START_S + until * DAY_S) break;
    const next = queue.shift();
    now = next?.at ?? now;
    next?.happen(now);
  }
  return { market, log: market.log, asked };
};

const typesOf = (log: readonly Logged[]): Set<unknown> => new Set(log.map(({ event }) => event['type']));

describe('a market', () => {
  const { market, log } = run(1500, true);
  const invoices = [...market.customers.values()].flatMap((customer) => customer.invoices);

  test.each([
    'charge.failed',
    'invoice.payment_failed',
    'invoice.payment_action_required',
    'invoice.paid',
    'invoice.finalized',
    'invoice.overdue',
    'invoice.voided',
    'invoice.marked_uncollectible',
    'invoice_payment.paid',
    'credit_note.created',
    'credit_note.voided',
    'payment_intent.processing',
    'payment_intent.succeeded',
    'payment_intent.canceled',
    'payment_intent.payment_failed',
    'payment_method.automatically_updated',
    'payment_method.attached',
    'customer.updated',
    'customer.deleted',
    'customer.subscription.updated',
    'customer.subscription.deleted',
    'charge.dispute.created',
    'charge.dispute.updated',
    'charge.dispute.closed',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.funds_reinstated',
    'charge.refunded',
    'refund.created',
    'refund.updated',
    'refund.failed',
    'charge.refund.updated',
  ])('tells of %s', (type) => {
    expect(typesOf(log)).toContain(type);
  });

  test('has invoices paid out of band, paid in part, and payments that came back and were paid again', () => {
    expect(invoices.some((invoice) => invoice.paidOutOfBand && invoice.paidMinor === 0)).toBe(true);
    expect(invoices.some(({ status, paidMinor }) => status !== 'paid' && paidMinor > 0)).toBe(true);
    const returns = [...market.customers.values()].flatMap((customer) => customer.returns);
    expect(new Set(returns.map(({ paidMinor, amountMinor }) => paidMinor === amountMinor)).size).toBe(2);
  });

  test('keeps an account of its own of what left again: no payment gives back more than it brought', () => {
    const ledgers = invoices.map(({ ledger }) => ledger);
    const departures = ledgers.flatMap((ledger) => ledger.departures);
    const kinds = departures.map(({ kind, backSecond }) => `${kind}${backSecond === null ? '' : ' back'}`);
    expect(new Set(kinds)).toEqual(new Set(['refund', 'refund back', 'dispute', 'dispute back', 'reversal']));
    for (const { payments, departures: left } of ledgers) {
      const came = payments.reduce((sum, { minor }) => sum + minor, 0);
      const refunds = left.filter(({ kind, backSecond }) => kind === 'refund' && backSecond === null);
      expect(refunds.reduce((sum, { minor }) => sum + minor, 0)).toBeLessThanOrEqual(came);
    }
    expect(departures.some(({ second }) => second > START_S + 90 * DAY_S)).toBe(true);
    expect(ledgers.some((ledger) => ledger.departures.length > 2)).toBe(true);
  });

  test('has customers of several subscriptions, weekly to yearly, in currencies of 0, 2 and 3 decimals', () => {
    const subscriptions = [...market.customers.values()].map((customer) => customer.subscriptions);
    expect(new Set(subscriptions.map(({ length }) => length))).toEqual(new Set([1, 2, 3]));
    expect(new Set(subscriptions.flat().map(({ interval }) => interval.name)).size).toBe(4);
    expect(new Set(invoices.map(({ currency }) => currency))).toEqual(new Set(['USD', 'JPY', 'KWD']));
  });

  test('goes on planning tries after a stolen card and runs none of them', () => {
    const chargesOf = (invoice: (typeof invoices)[number]) =>
      [...market.customers.values()].flatMap(({ charges }) =>
        charges.filter((one) => one.invoice === invoice),
      );
    const planned = invoices.filter(
      (invoice) =>
        invoice.attempts > 2 && chargesOf(invoice).every(({ codes }) => codes.reason === 'stolen_card'),
    );
    expect(planned.length).toBeGreaterThan(0);
    for (const invoice of planned) {
      const own = chargesOf(invoice).filter(({ by }) => by === 'provider');
      expect(own).toHaveLength(new Set(own.map(({ method }) => nameOf(method))).size);
    }
  });

  test('does not count what a customer tries on the payment page', () => {
    const tried = [...market.customers.values()].flatMap(({ charges }) =>
      charges.filter(({ by }) => by === 'customer'),
    );
    expect(tried.length).toBeGreaterThan(0);
    for (const { invoice } of tried) {
      const customer = [...market.customers.values()].find((one) => one.invoices.includes(invoice));
      const own = customer?.charges.filter(
        (charge) => charge.invoice === invoice && charge.by === 'provider',
      );
      expect(invoice.attempts).toBeGreaterThanOrEqual(own?.length ?? 0);
    }
  });

  test('keeps on an invoice the address that it was finalised with', () => {
    const moved = [...market.customers.values()].find(
      ({ who, invoices: own }) => who.email?.startsWith('moved.') && own[0]?.frozenEmail !== who.email,
    );
    expect(moved?.invoices[0]?.frozenEmail).toMatch(/^customer\d+@example\.com$/);
  });

  const customers = [...market.customers.values()];
  const charges = customers.flatMap((customer) => customer.charges);

  test('has bank debits that fail days after they set off, with codes of their own, and that come back', () => {
    const debits = charges.filter(({ method }) => method.type !== 'card');
    expect(new Set(debits.map(({ method }) => method.type))).toEqual(
      new Set(['sepa_debit', 'us_bank_account']),
    );
    expect(new Set(debits.map(({ codes }) => codes.reason))).toEqual(
      new Set([
        'insufficient_funds',
        'account_closed',
        'debit_not_authorized',
        'no_account',
        'generic_decline',
      ]),
    );
    const neverFailed = customers.flatMap(({ returns }) => returns.filter(({ invoice }) => !invoice.failed));
    expect(neverFailed.length).toBeGreaterThan(0);
  });

  test('debits an account twice for an invoice at most, and declines a card from the day after its last', () => {
    for (const invoice of invoices) {
      const own = charges.filter((charge) => charge.invoice === invoice && charge.method.type !== 'card');
      expect(own.length).toBeLessThanOrEqual(2);
    }
    const late = charges.filter(
      ({ method, second }) => method.type === 'card' && expiresAt(method) <= second,
    );
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late.map(({ codes }) => codes.reason))).toEqual(new Set(['expired_card']));
  });

  test('has invoices that are sent: paid before and after they are due, in part, and never; none is charged', () => {
    const sent = invoices.filter(({ dueSecond }) => dueSecond !== null);
    const isPaid = ({ status }: (typeof sent)[number]) => status === 'paid';
    const inTime = sent.filter(
      ({ settledSecond, dueSecond }) => (settledSecond ?? Infinity) < (dueSecond ?? 0),
    );
    expect(inTime.some(isPaid)).toBe(true);
    expect(sent.some((invoice) => isPaid(invoice) && invoice.failed)).toBe(true);
    expect(sent.some(({ status, paidMinor }) => status === 'open' && paidMinor > 0)).toBe(true);
    expect(sent.some(({ status, paidMinor }) => status === 'open' && paidMinor === 0)).toBe(true);
    expect(charges.filter(({ invoice }) => invoice.dueSecond !== null)).toEqual([]);
  });

  test('has cards renewed under their ids with and without another number, cards of one subscription, and trials', () => {
    const cards = customers
      .flatMap(({ methods }) => [...methods.values()])
      .filter(({ type }) => type === 'card');
    const renewed = cards.filter(({ addedSecond, expYear }) => addedSecond > 0 && expYear > 2031);
    const isNumberedAnew = ({ id, fingerprint }: (typeof cards)[number]) =>
      fingerprint.slice(3) !== id.slice(3);
    expect(new Set(renewed.map(isNumberedAnew)).size).toBe(2);
    const own = customers.filter(({ subscriptions, who }) =>
      subscriptions.some(
        ({ object }) => ![null, who.card.id].includes(object['default_payment_method'] as string),
      ),
    );
    expect(own.length).toBeGreaterThan(0);
    const trials = customers.flatMap(({ subscriptions }) =>
      subscriptions.filter(({ terms }) => terms.trialDays !== null),
    );
    expect(new Set(trials.map(({ object }) => object['status'])).size).toBeGreaterThan(1);
  });

  test('tells of other cards and subscriptions only when it is asked', async () => {
    const holder = customers.find(
      ({ methods, subscriptions, deleted }) => !deleted && methods.size > 1 && subscriptions.length > 1,
    );
    if (!holder) throw new Error('nobody has two cards and two subscriptions: choose another seed');
    const now = addDays(instantFromSeconds(START_S), 365);
    const kinds = async (methods: boolean, subscriptions: boolean) => {
      const facts = await market.provider.refresh(keyOf(holder.who.customerId), [], now, {
        methods,
        subscriptions,
      });
      return [
        new Set(facts.flatMap((fact) => (fact.kind === 'payment-method' ? fact.method.id : []))).size,
        new Set(facts.flatMap((fact) => (fact.kind === 'subscription' ? fact.subscription.id : []))).size,
      ] as const;
    };
    const [few, none] = await kinds(false, false);
    const [all, some] = await kinds(true, true);
    expect(few).toBe(1);
    expect(all).toBe(holder.methods.size);
    expect(some).toBeGreaterThan(none);
  });

  test('is the same again from the same seed', () => {
    expect(JSON.stringify(run(40, true).log)).toBe(JSON.stringify(run(40, true).log));
  });
});

describe('a market whose retries are ours', () => {
  const { market, asked } = run(60, false, 61);
  const now = addDays(instantFromSeconds(START_S), 61);
  const owing = [...market.customers.values()].find(
    ({ deleted, invoices }) => !deleted && invoices.some(({ status }) => status === 'open'),
  );
  if (!owing) throw new Error('nobody owes anything: choose another seed');
  const invoice = owing.invoices.find(({ status }) => status === 'open');
  const action: ArmedAction = {
    caseId: 'case',
    subjectId: invoice?.id ?? '',
    stepId: 'retry-1',
    kind: 'retry',
    key: 'key-1',
    why: '',
    message: null,
    endAction: null,
    methodId: null,
    carries: [],
    armedAt: now,
  };

  test('never tries a second time by itself', () => {
    for (const { charges } of market.customers.values()) {
      const first = new Set(charges.filter(({ by }) => by === 'provider').map((charge) => charge.invoice));
      expect(charges.filter(({ by }) => by === 'provider')).toHaveLength(first.size);
    }
  });

  test('carries out one act a key, and can be asked what became of it', async () => {
    const key = keyOf(owing.who.customerId);
    expect(await market.provider.lookUp(key, action)).toMatchObject({ kind: 'refused' });
    const outcome = await market.provider.retry(key, action);
    expect(await market.provider.retry(key, action)).toBe(outcome);
    expect(await market.provider.lookUp(key, action)).toBe(outcome);
    expect(asked.filter((one) => one === 'retry key-1')).toHaveLength(1);
  });
});
