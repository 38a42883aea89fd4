// Replay: recorded events through the real door on the embedded store, and the books that come out.
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../core/time.ts';
import { replay, type ReplayResult } from '../../local/replay.ts';
import { POLICY } from '../support/runner.ts';
import {
  creditNote,
  dispute,
  earlyFraudWarning,
  invoicePayment,
  paymentIntent,
  stripeEvent,
} from '../support/stripe-events.ts';
import { DAY_0, onDay, shuffled, story, type StripeEvent } from '../support/story.ts';

const DAY = 86_400;
const run = async (events: readonly unknown[], until = '60d', policy = POLICY): Promise<ReplayResult> => {
  const recording = { events: events.map((value, i) => ({ where: `line ${i + 1}`, value })), unreadable: [] };
  const trouble: string[] = [];
  const { result } = await replay({
    recording,
    policy,
    untilMs: parseDuration(until) ?? 0,
    trouble: (line) => trouble.push(line),
  });
  expect(trouble).toEqual([]);
  return result;
};

const mails = ({ emails }: ReplayResult) => emails.map(({ message, at }) => [message, at]);
const outcomes = ({ cases }: ReplayResult) => cases.map(({ customer, outcome }) => [customer, outcome]);
const at = (type: string, day: number, object: Record<string, unknown>) =>
  stripeEvent(type, object, { id: `evt_${type}_${day}`, created: DAY_0 + Math.round(day * DAY) });

describe('the campaigns on their days', () => {
  test('a soft decline: day 1, 4 and 8, the notice on day 12, lost 14 days later (C1)', async () => {
    const s = story();
    const result = await run(s.failed(0, { next: null }));
    expect(mails(result)).toEqual([
      ['payment-failed', onDay(1)],
      ['reminder', onDay(4)],
      ['reminder', onDay(8)],
      ['final-notice', onDay(12)],
    ]);
    expect(result.cases[0]).toMatchObject({ outcome: 'lost', openedAt: onDay(0), closedAt: onDay(26) });
    expect(result.cases[0]?.steps.at(-1)).toMatchObject({
      id: 'end',
      kind: 'end',
      status: 'done',
      at: onDay(26),
    });
    expect(result.totals).toEqual({ USD: { failed: 2500, recovered: 0, withdrawn: 0, lost: 2500, open: 0 } });
  });

  test.each([
    ['expired_card', 'update-card'],
    ['stolen_card', 'update-card'],
    ['authentication_required', 'confirm-payment'],
  ])('%s: %s at once, reminders on day 3 and 7, the notice on day 11', async (code, message) => {
    // A hard decline means no try will come, although the provider goes on planning some.
    const planned = code === 'expired_card' ? null : 40;
    const result = await run(story().failed(0, { code, next: planned }));
    expect(mails(result)).toEqual([
      [message, onDay(0)],
      ['reminder', onDay(3)],
      ['reminder', onDay(7)],
      ['final-notice', onDay(11)],
    ]);
    expect(result.cases[0]).toMatchObject({ outcome: 'lost', closedAt: onDay(25) });
  });

  test('the provider’s last try of several brings the final notice at once, and no reminder after it (B9)', async () => {
    const s = story();
    const result = await run([
      ...s.failed(0, { next: 3 }),
      ...s.failed(3, { attempt: 2, next: 6 }),
      ...s.failed(6, { attempt: 3, next: null }),
    ]);
    expect(mails(result)).toEqual([
      ['payment-failed', onDay(1)],
      ['reminder', onDay(4)],
      ['final-notice', onDay(6)],
    ]);
    expect(result.cases[0]?.closedAt).toBe(onDay(20));
  });

  test('while the provider still tries there is no final notice, and the case ends on day 45', async () => {
    const s = story();
    const result = await run([...s.failed(0, { next: 30 }), ...s.failed(30, { attempt: 2, next: 58 })]);
    expect(mails(result).map(([message]) => message)).toEqual(['payment-failed', 'reminder', 'reminder']);
    expect(result.cases[0]).toMatchObject({ outcome: 'lost', closedAt: onDay(45) });
  });

  test('a later decline of another class changes the campaign, and what was done counts (C12)', async () => {
    const s = story();
    const result = await run([
      ...s.failed(0, { next: 5, code: 'insufficient_funds' }),
      ...s.failed(5, { attempt: 2, next: 9, code: 'lost_card' }),
    ]);
    expect(mails(result)).toEqual([
      ['payment-failed', onDay(1)],
      ['reminder', onDay(4)],
      ['update-card', onDay(5)],
      ['reminder', onDay(7)],
      ['final-notice', onDay(11)],
    ]);
  });
});

describe('the money comes in', () => {
  test('after a payment nobody asks for money, and one thank-you follows a mail (B4, B5, B7)', async () => {
    const s = story();
    const result = await run([
      ...s.failed(0, { next: 3 }),
      ...s.paid(2),
      ...s.told('invoice.payment_succeeded', 2, { status: 'paid', amount_paid: 2500, amount_remaining: 0 }),
    ]);
    expect(mails(result)).toEqual([
      ['payment-failed', onDay(1)],
      ['recovered', onDay(2)],
    ]);
    expect(result.cases[0]).toMatchObject({
      outcome: 'recovered',
      closedAt: onDay(2),
      recovered: [{ minor: 2500, currency: 'USD' }],
    });
  });

  test.each([
    ['failed, then paid', (events: StripeEvent[]) => events],
    ['paid, then failed', (events: StripeEvent[]) => events.toReversed()],
  ])('%s in one second: one case, recovered, no mail (A6)', async (_order, order) => {
    const s = story();
    const result = await run(order([...s.failed(0, { next: 3, code: 'expired_card' }), ...s.paid(0)]));
    expect(outcomes(result)).toEqual([['cus_1', 'recovered']]);
    expect(result.emails).toEqual([]);
  });

  test('a payment after the case was closed as lost is an adjustment: the outcome shown is recovered (C21)', async () => {
    const s = story();
    const result = await run([...s.failed(0, { next: null }), ...s.paid(50)]);
    expect(result.cases[0]).toMatchObject({ outcome: 'recovered', closedAt: onDay(26) });
    expect(result.totals).toEqual({ USD: { failed: 2500, recovered: 2500, withdrawn: 0, lost: 0, open: 0 } });
    expect(result.emails.map(({ message }) => message)).not.toContain('recovered');
  });

  test('what was paid and credited before the end is not counted again when the rest comes late', async () => {
    const s = story({ amount: 10_000 });
    const part = { amount_paid: 4000, amount_remaining: 6000 };
    const credited = {
      amount_due: 9000,
      amount_paid: 4000,
      amount_remaining: 5000,
      pre_payment_credit_notes_amount: 1000,
    };
    const result = await run([
      ...s.failed(0, { next: null }),
      ...s.told('invoice.updated', 2, part),
      ...s.told('invoice.updated', 3, credited),
      at('invoice_payment.paid', 40, invoicePayment({ id: 'inpay_2', invoice: 'in_1', amount_paid: 1500 })),
      ...s.paid(50, { amount_due: 9000, amount_paid: 9000, pre_payment_credit_notes_amount: 1000 }),
    ]);
    expect(result.totals['USD']).toEqual({
      failed: 10_000,
      recovered: 9000,
      withdrawn: 1000,
      lost: 0,
      open: 0,
    });
  });

  test('a part paid after the case was closed, told by nothing but the invoice, is not forgotten (C21)', async () => {
    const s = story();
    const part = { amount_paid: 1000, amount_remaining: 1500 };
    const events = [...s.failed(0, { next: null }), ...s.told('invoice.updated', 40, part)];
    const told = at('invoice_payment.paid', 40, invoicePayment({ invoice: 'in_1', amount_paid: 1000 }));
    const totals = { USD: { failed: 2500, recovered: 1000, withdrawn: 0, lost: 1500, open: 0 } };
    expect((await run(events)).totals).toEqual(totals);
    expect((await run([...events, told])).totals).toEqual(totals);
  });

  test('a part-payment is asked for no more, and counts as recovered when the rest is lost (B17)', async () => {
    const s = story();
    const part = { amount_paid: 1000, amount_remaining: 1500 };
    const result = await run([...s.failed(0, { next: null }), ...s.told('invoice.updated', 2, part)]);
    expect(result.totals).toEqual({
      USD: { failed: 2500, recovered: 1000, withdrawn: 0, lost: 1500, open: 0 },
    });
    expect(result.emails[1]?.subject).toContain('$15.00');
  });

  test('a part-payment that names no customer is routed by its invoice', async () => {
    const s = story();
    const result = await run([
      ...s.failed(0, { next: null }),
      at('invoice_payment.paid', 2, invoicePayment({ invoice: 'in_1', amount_paid: 400 })),
    ]);
    expect(result.totals['USD']).toMatchObject({ recovered: 400, lost: 2100 });
  });

  test('a payment out of band, told with nothing paid, is recovered', async () => {
    const s = story();
    const result = await run([...s.failed(0, {}), ...s.paid(2, { amount_paid: 0 })]);
    expect(result.totals['USD']).toMatchObject({ recovered: 2500 });
  });
});

describe('the money does not come in', () => {
  const s = story();
  const CANCELLED_FOR_IT = 'the provider gave up';
  test.each([
    ['voided', s.told('invoice.voided', 2, { status: 'void' }), 'withdrawn'],
    ['marked uncollectible', s.told('invoice.marked_uncollectible', 2, { status: 'uncollectible' }), 'lost'],
    [
      'credited in full',
      s.paid(2, { amount_due: 0, amount_paid: 0, pre_payment_credit_notes_amount: 2500 }),
      'withdrawn',
    ],
    ['customer deleted (C9)', s.customer('deleted', 2), 'withdrawn'],
    [
      CANCELLED_FOR_IT,
      s.subscription('deleted', 2, { cancellation_details: { reason: 'payment_failed' } }),
      'lost',
    ],
    [
      'cancelled by the customer (B11)',
      s.subscription('deleted', 2, { cancellation_details: { reason: 'cancellation_requested' } }),
      'withdrawn',
    ],
    [
      'cancelled over a dispute',
      s.subscription('deleted', 2, { cancellation_details: { reason: 'payment_disputed' } }),
      'withdrawn',
    ],
    [
      'leaving at the end of the period',
      s.subscription('updated', 2, { cancel_at_period_end: true }),
      'withdrawn',
    ],
    ['unpaid', s.subscription('updated', 2, { status: 'unpaid' }), 'lost'],
    [
      'paused after the final failure',
      s.subscription('paused', 2, {
        status: 'paused',
        status_details: { paused: { subscription: { type: 'final_payment_failure' } } },
      }),
      'lost',
    ],
  ])('%s: closed the same moment as told, and nobody is asked again', async (what, events, outcome) => {
    const result = await run([...s.failed(0, { next: 3 }), ...events]);
    expect(outcomes(result)).toEqual([['cus_1', outcome]]);
    expect(result.cases[0]?.closedAt).toBe(onDay(2));
    // Who lost their plan for it is told so, and of the way back.
    const last = what === CANCELLED_FOR_IT ? [['cancelled', onDay(2)]] : [];
    expect(mails(result)).toEqual([['payment-failed', onDay(1)], ...last]);
  });

  test.each([
    [null, 'lost'],
    [5, 'withdrawn'],
  ])('a subscription that ended without a reason, next try %s: %s', async (next, outcome) => {
    const ended = s.subscription('deleted', 2, { cancellation_details: null });
    expect(outcomes(await run([...s.failed(0, { next }), ...ended]))).toEqual([['cus_1', outcome]]);
  });

  test('a credit note lowers what is asked for, and its voiding raises it again (B18)', async () => {
    const note = creditNote({ invoice: 'in_1', customer: 'cus_1', amount: 700, pre_payment_amount: 700 });
    const result = await run([
      ...s.failed(0, {}),
      at('credit_note.created', 2, note),
      at('credit_note.voided', 5, { ...note, status: 'void' }),
    ]);
    const asked = result.emails.map(({ subject }) => /\$[\d.]+/.exec(subject)?.[0]);
    expect(asked).toEqual(['$25.00', '$18.00', '$25.00', '$25.00']);
    expect(result.totals['USD']).toMatchObject({ lost: 2500 });
  });
});

describe('what opens nothing', () => {
  test.each([
    [
      'a first payment by its billing reason (B8)',
      story({ invoice: { billing_reason: 'subscription_create' } }),
      [],
    ],
    [
      'a first payment by its incomplete subscription (B8)',
      story(),
      story().subscription('created', 0, { status: 'incomplete' }),
    ],
    ['an invoice of nothing (C31)', story({ amount: 0 }), []],
  ])('%s', async (_what, told, before) => {
    const result = await run([...before, ...told.failed(0, { code: 'expired_card' }), ...told.paid(1)]);
    expect(result.cases).toEqual([]);
    expect(result.emails).toEqual([]);
  });

  test('unless the policy wants first payments', async () => {
    const first = story({ invoice: { billing_reason: 'subscription_create' } });
    const result = await run(first.failed(0), '60d', { ...POLICY, firstPayments: 'recover' });
    expect(outcomes(result)).toEqual([['cus_1', 'lost']]);
  });

  test('a customer who came back under a new subscription is not recovered by its payment (B12, C22)', async () => {
    const [old, fresh] = [story({ n: 1 }), story({ n: 2, customerId: 'cus_1' })];
    const result = await run([
      ...old.failed(0, { next: 3 }),
      ...old.subscription('deleted', 2, { cancellation_details: { reason: 'payment_failed' } }),
      ...fresh.paid(4),
    ]);
    expect(outcomes(result)).toEqual([['cus_1', 'lost']]);
  });
});

describe('several invoices of one customer', () => {
  const [a, b] = [story({ n: 1 }), story({ n: 2, customerId: 'cus_1', amount: 900 })];

  test('one case, one mail a day that names both, each on its own clock (B3, B25)', async () => {
    const result = await run([
      ...a.failed(0, { code: 'expired_card' }),
      ...b.failed(0, { code: 'expired_card' }),
    ]);
    expect(result.cases).toHaveLength(1);
    const days = result.emails.map(({ at: sent }) => sent.slice(0, 10));
    expect(new Set(days).size).toBe(days.length);
    expect(result.emails[0]?.subject).toContain('card');
  });

  test('one paid, one not: the case stays open, and its money adds up (C16)', async () => {
    const result = await run([...a.failed(0), ...b.failed(0), ...a.paid(2)], '10d');
    expect(result.cases[0]).toMatchObject({
      outcome: 'open',
      closedAt: null,
      failed: [{ minor: 3400, currency: 'USD' }],
      recovered: [{ minor: 2500, currency: 'USD' }],
    });
    expect(result.totals).toEqual({
      USD: { failed: 3400, recovered: 2500, withdrawn: 0, lost: 0, open: 900 },
    });
  });

  test('currencies are never added (B20)', async () => {
    const yen = story({ n: 3, customerId: 'cus_1', amount: 5000, currency: 'jpy' });
    const dinar = story({ n: 4, customerId: 'cus_1', amount: 12_340, currency: 'kwd' });
    const result = await run([...yen.failed(0), ...dinar.failed(0), ...dinar.paid(2)]);
    expect(Object.keys(result.totals)).toEqual(['JPY', 'KWD']);
    expect(result.emails[0]?.subject).toMatch(/¥5,000.*KWD 12\.340|KWD 12\.340.*¥5,000/);
  });
});

describe('when nobody may be asked for money', () => {
  const s = story();
  const charge = 'ch_1_1_0';

  test('an open dispute stops the mails; once it is closed they go on', async () => {
    const result = await run([
      ...s.failed(0, { next: null }),
      at('charge.dispute.created', 2, dispute({ charge, payment_intent: 'pi_1' })),
      at('charge.dispute.closed', 6, dispute({ charge, payment_intent: 'pi_1', status: 'won' })),
    ]);
    expect(mails(result).slice(0, 3)).toEqual([
      ['payment-failed', onDay(1)],
      ['reminder', onDay(6)],
      ['reminder', onDay(8)],
    ]);
  });

  test('a warning of fraud stops them too, and the case still ends', async () => {
    const result = await run([
      ...s.failed(0, {}),
      at('radar.early_fraud_warning.created', 0.5, earlyFraudWarning({ charge })),
    ]);
    expect(result.cases[0]).toMatchObject({ outcome: 'lost' });
    expect(mails(result).every(([, sent]) => String(sent) > onDay(30))).toBe(true);
  });

  test('a bank debit on its way stops them until it has arrived', async () => {
    const intent = paymentIntent({ id: 'pi_9', customer: 'cus_1' });
    const result = await run([
      ...s.failed(0, {}),
      at('payment_intent.processing', 0.5, intent),
      at('payment_intent.succeeded', 5, { ...intent, status: 'succeeded' }),
      ...s.paid(5),
    ]);
    expect(result.emails).toEqual([]);
    expect(outcomes(result)).toEqual([['cus_1', 'recovered']]);
  });
});

describe('a run is honest', () => {
  test('what it would have charged or ended is skipped with the reason, and the case goes on', async () => {
    const policy = {
      ...POLICY,
      retries: { owner: 'recoup' as const, hour: 11, paydays: true, backupMethods: false },
      campaigns: POLICY.campaigns.map((campaign) => ({
        ...campaign,
        steps: [...campaign.steps, { id: 'try-again', kind: 'retry' as const, delayDays: 9 }],
        end: { ...campaign.end, action: 'cancel' as const },
      })),
    };
    const result = await run(story().failed(0, { code: 'do_not_honor' }), '60d', policy);
    const skipped = result.cases[0]?.steps.filter(({ status }) => status === 'skipped');
    expect(skipped).toEqual([
      { id: 'try-again', kind: 'retry', at: onDay(9), status: 'skipped', why: 'replay: outcome not known' },
      { id: 'end', kind: 'end', at: onDay(26), status: 'skipped', why: 'replay: outcome not known' },
    ]);
    expect(result.cases[0]).toMatchObject({ outcome: 'lost', closedAt: onDay(45) });
  });

  test('everything ignored is counted with its reason, everything refused is named by where it stood', async () => {
    const s = story();
    const events = [
      ...s.failed(0, { told: false }),
      stripeEvent('invoice.upcoming', { object: 'invoice' }, { created: DAY_0 }),
      stripeEvent('invoice.upcoming', { object: 'invoice' }, { created: DAY_0 + 1 }),
      ...story({ n: 7, livemode: true, start: DAY_0 + 60 }).failed(0, { told: false }),
      at('charge.dispute.created', 1, dispute({ charge: 'ch_unknown' })),
      'nonsense',
      ...story({ n: 8, invoice: { amount_due: 1.5 } }).failed(0, { told: false }),
    ];
    const { events: counted, cases } = await run(events);
    expect(cases).toHaveLength(1);
    expect(counted.accepted).toBe(1);
    expect(counted.ignored).toEqual([
      {
        type: 'charge.dispute.created',
        reason: 'names no customer, and no event says whose it is',
        count: 1,
      },
      { type: 'invoice.payment_failed', reason: 'a live event; this connection takes test events', count: 1 },
      { type: 'invoice.upcoming', reason: 'an invoice not made yet has no id', count: 2 },
    ]);
    expect(counted.refused.map(({ where }) => where)).toEqual(['line 6', 'line 7']);
  });

  test('repeats count as accepted and change nothing (A2)', async () => {
    const s = story();
    const events = [...s.failed(0, { told: false, next: 3 }), ...s.paid(2)];
    const [once, twice] = [await run(events), await run([...events, ...events])];
    expect(twice).toEqual({ ...once, events: { ...once.events, accepted: 2 * once.events.accepted } });
  });

  test('any order of the same events gives the same bytes (A4)', async () => {
    const stories = [1, 2, 3, 4].map((n) =>
      story({ n, customerId: `cus_${Math.ceil(n / 2)}`, currency: n === 2 ? 'jpy' : 'eur' }),
    );
    const events = stories.flatMap((s, i) => [
      ...s.subscription('updated', 0, { status: 'past_due' }),
      ...s.failed(i, {
        next: i + 3,
        code: ['insufficient_funds', 'expired_card', 'do_not_honor', 'fraudulent'][i] ?? '',
      }),
      ...s.failed(i + 3, { attempt: 2 }),
      ...(i % 2 === 0 ? s.paid(i + 6) : s.customer('deleted', i + 9)),
    ]);
    const first = JSON.stringify(await run(events));
    for (const seed of [1, 2, 3]) expect(JSON.stringify(await run(shuffled(events, seed)))).toBe(first);
  });

  test('the shape of an invoice from before and since basil makes no difference (A18)', async () => {
    const tell = (shape: 'basil' | 'pre-basil') => {
      const s = story({ shape });
      return run([...s.failed(0, { next: 3 }), ...s.subscription('updated', 1.5, { status: 'unpaid' })]);
    };
    expect(await tell('pre-basil')).toEqual(await tell('basil'));
  });

  test('nothing to play is an empty answer, not an error', async () => {
    expect(await run([])).toEqual({
      events: { accepted: 0, ignored: [], refused: [] },
      cases: [],
      emails: [],
      totals: {},
    });
  });
});
