// Refunds and disputes of what was recovered, from an event that names only a charge to the books.
import { describe, expect, test } from 'vitest';
import { foldCase } from '../../../core/reports/outcome.ts';
import { reportOn } from '../../../core/workflows/read-report.ts';
import { reportCase } from '../../../core/reports/rows.ts';
import { at, keyOf } from '../../support/customers.ts';
import { createRunner, type Runner } from '../../support/runner.ts';
import { DAY_0, onDay, story } from '../../support/story.ts';
import { dispute, failedCharge, refund, stripeEvent, type Json } from '../../support/stripe-events.ts';

const KEY = keyOf('cus_1');
const s = story();
const seconds = (days: number) => DAY_0 + days * 86_400;
const PAYMENT = { charge: 'ch_paid', payment_intent: 'pi_1' };

/** The invoice failed on day 0, was paid on day 3, and its case is closed. */
const recovered = async (): Promise<Runner> => {
  const runner = createRunner();
  await runner.tell(...s.customer('created', 0), ...s.failed(0));
  await runner.toDay(3);
  await runner.tell(...s.paid(3, PAYMENT));
  await runner.toDay(10);
  const record = await runner.store.loadClosedCase(KEY, 'case_in_1');
  expect(record?.invoices).toMatchObject([{ outcome: 'recovered', recoveredMinor: 2500 }]);
  return runner;
};

const refunded = (id: string, days: number, minor: number, fields: Json = {}) =>
  stripeEvent(
    'refund.created',
    refund({ id, ...PAYMENT, amount: minor, currency: 'usd', created: seconds(days), ...fields }),
    { created: seconds(days) },
  );

const disputed = (type: 'created' | 'updated' | 'closed', days: number, status: string) =>
  stripeEvent(
    `charge.dispute.${type}`,
    dispute({ ...PAYMENT, currency: 'usd', status, created: seconds(20) }),
    { created: seconds(days) },
  );

const booked = async (runner: Runner) =>
  (await runner.store.listAdjustments(KEY)).map(({ id, at: when, amount, caseId }) => [
    id,
    when,
    amount.minor,
    caseId,
  ]);

describe('an invoice that was recovered', () => {
  test('and is refunded later has an entry in its case, once, however often and however it is told', async () => {
    const runner = await recovered();
    const total = failedCharge({
      id: 'ch_paid',
      amount_refunded: 900,
      currency: 'usd',
      customer: null,
      payment_intent: 'pi_1',
      status: 'succeeded',
    });
    await runner.toDay(40);
    await runner.tell(refunded('re_1', 40, 900));
    await runner.toDay(41);
    const inAll = stripeEvent('charge.refunded', total, { created: seconds(40) });
    await runner.tell(inAll, refunded('re_1', 40, 900));
    await runner.toDay(45);
    await runner.tell(refunded('re_1', 40, 900));
    await runner.toDay(46);
    expect(await booked(runner)).toEqual([['refund:re_1', onDay(40), 900, 'case_in_1']]);
    const record = await runner.store.loadClosedCase(KEY, 'case_in_1');
    expect(record && foldCase(record, await runner.store.listAdjustments(KEY))).toEqual(record);
  });

  test('costs no visit and no write when nothing new is told', async () => {
    const runner = await recovered();
    await runner.tell(refunded('re_1', 11, 900));
    await runner.toDay(15);
    const before = await runner.store.load(KEY, runner.clock.now());
    await runner.tell(
      refunded('re_1', 11, 900),
      refunded('re_2', 15, 900, { charge: 'ch_x', payment_intent: 'pi_x' }),
    );
    await runner.toDay(20);
    expect(await runner.store.load(KEY, runner.clock.now())).toEqual(before);
  });

  test.each([
    ['lost', [['dispute:dp_1', onDay(20), 2500, 'case_in_1']]],
    [
      'won',
      [
        ['dispute:dp_1', onDay(20), 2500, 'case_in_1'],
        ['dispute_won:dp_1', onDay(60), 2500, 'case_in_1'],
      ],
    ],
  ])('and disputed: the money goes when the dispute is made, and it is %s', async (status, expected) => {
    const runner = await recovered();
    const mails = runner.mails.length;
    await runner.toDay(20);
    await runner.tell(disputed('created', 20, 'needs_response'));
    await runner.toDay(30);
    await runner.tell(disputed('updated', 30, 'under_review'));
    await runner.toDay(60);
    await runner.tell(disputed('closed', 60, status));
    await runner.toDay(70);
    expect(await booked(runner)).toEqual(expected);
    expect(runner.mails).toHaveLength(mails);
    const customer = await runner.store.load(KEY, runner.clock.now());
    expect(customer).toMatchObject({ dueAt: null, recovery: { case: null } });
    expect(JSON.stringify(customer)).not.toMatch(/@example|Ada/);
  });

  test('and about which the bank only asks keeps its money', async () => {
    const runner = await recovered();
    await runner.tell(disputed('created', 20, 'warning_needs_response'));
    await runner.toDay(30);
    await runner.tell(disputed('closed', 30, 'warning_closed'));
    await runner.toDay(40);
    expect(await booked(runner)).toEqual([]);
  });

  test('loses nothing when the process dies at any request of the visit that counts it', async () => {
    const sound = await recovered();
    await sound.tell(refunded('re_1', 40, 900));
    const from = sound.killer.requests;
    await sound.toDay(60);
    const needed = sound.killer.requests - from;
    expect(needed).toBeGreaterThan(3);
    for (let n = 1; n <= needed; n += 1) {
      for (const when of ['before', 'after'] as const) {
        const runner = await recovered();
        await runner.tell(refunded('re_1', 40, 900));
        runner.killer.at = runner.killer.requests + n;
        runner.killer.when = when;
        await runner.toDay(60);
        expect(await booked(runner)).toEqual([['refund:re_1', onDay(40), 900, 'case_in_1']]);
      }
    }
  });

  test('counts in the net of each month what moved in it', async () => {
    const runner = await recovered();
    // Failed on 2 March, recovered on 5 March, 500 refunded on 22 March, disputed on 1 April, won on 1 May.
    await runner.tell(refunded('re_1', 20, 500));
    await runner.toDay(30);
    const taken = { created: seconds(30), amount: 2500 };
    const opened = dispute({ ...PAYMENT, ...taken, currency: 'usd' });
    await runner.tell(stripeEvent('charge.dispute.created', opened, { created: seconds(30) }));
    await runner.toDay(60);
    await runner.tell(
      stripeEvent('charge.dispute.closed', { ...opened, status: 'won' }, { created: seconds(60) }),
    );
    await runner.toDay(70);
    const record = await runner.store.loadClosedCase(KEY, 'case_in_1');
    const one = record && reportCase(record, await runner.store.listAdjustments(KEY));
    const period = { from: at('2026-03-01T00:00Z'), to: at('2026-06-01T00:00Z') };
    const query = { ...period, by: 'decline', months: 12 } as const;
    const { report } = await reportOn(one ? [one] : [], query, at('2026-06-01T00:00Z'));
    const months = report.currencies[0]?.moved.map(
      ({ month, recovered: came, refunded: back, disputed: gone, netMinor }) => [
        month,
        came.minor,
        back.minor,
        gone.minor,
        netMinor,
      ],
    );
    expect(months).toEqual([
      ['2026-03', 2500, 500, 0, 2000],
      ['2026-04', 0, 0, 2000, -2000],
      ['2026-05', 0, 0, -2000, 2000],
    ]);
    expect(one?.rows).toMatchObject([{ outcome: 'recovered', recoveredMinor: 2500, refundedMinor: 500 }]);
  });
});

describe('a bank debit that was recovered, came back, and was paid again', () => {
  test('is recovered twice and failed twice, and its net is what stayed', async () => {
    const runner = await recovered();
    const back = {
      id: 'ch_paid',
      invoice: 'in_1',
      payment_intent: 'pi_1',
      currency: 'usd',
      amount: 2500,
      status: 'failed',
    };
    await runner.toDay(35);
    await runner.tell(
      stripeEvent('charge.failed', failedCharge(back), {
        created: seconds(35),
        previous: { status: 'succeeded' },
      }),
    );
    await runner.toDay(36);
    const again = {
      id: 'inpay_2',
      object: 'invoice_payment',
      invoice: 'in_1',
      amount_paid: 2500,
      livemode: false,
    };
    await runner.tell(stripeEvent('invoice_payment.paid', again, { created: seconds(36) }));
    await runner.toDay(60);
    const adjustments = await runner.store.listAdjustments(KEY);
    expect(await booked(runner)).toEqual([['reversal:ch_paid', onDay(35), 2500, 'case_in_1']]);
    const records = await Promise.all(
      ['case_in_1', 'case_in_1-ch_paid'].map((id) => runner.store.loadClosedCase(KEY, id)),
    );
    const cases = records
      .filter((record) => record !== null)
      .map((record) => reportCase(record, adjustments));
    const query = {
      from: at('2026-03-01T00:00Z'),
      to: at('2026-06-01T00:00Z'),
      by: 'decline',
      months: 12,
    } as const;
    const { report } = await reportOn(cases, query, at('2026-06-01T00:00Z'));
    const [usd] = report.currencies;
    expect(usd?.cell).toMatchObject({ failed: { n: 2, minor: 5000 }, recovered: { n: 2, minor: 5000 } });
    expect(
      usd?.moved.map(({ month, disputed: gone, reversed, netMinor }) => [
        month,
        gone.minor,
        reversed.minor,
        netMinor,
      ]),
    ).toEqual([
      ['2026-03', 0, 0, 2500],
      ['2026-04', 0, 2500, 0],
    ]);
  });
});
