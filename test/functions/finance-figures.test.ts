// The finance door about figures: the invoices under every total, and the months of failure beside each other.
import { describe, expect, test } from 'vitest';
import type { ReportCase } from '../../core/reports/rows.ts';
import { at } from '../support/customers.ts';
import { openFinance, type FinanceRig } from '../support/finance.ts';
import { caseOf, movedAfter, type Failure } from '../support/reports.ts';

const put = async (rig: FinanceRig, cases: readonly ReportCase[]): Promise<void> => {
  for (const { record, adjustments } of cases) {
    await rig.store.closeCase(record);
    for (const adjustment of adjustments) await rig.store.putAdjustment(adjustment);
  }
  rig.operations.length = 0;
};

const MARCH = at('2026-03-02T09:00Z');
const failure = (changes: Partial<Failure> = {}): Failure => ({
  outcome: 'recovered',
  failedAt: MARCH,
  ...changes,
});

type Line = { readonly invoice: string; readonly n: number; readonly counted: { readonly decimal: string } };
const linesIn = (body: Record<string, unknown>) =>
  (body['invoices'] as Line[]).map(({ invoice, n, counted }) => [invoice, n, counted.decimal]);

describe('the invoices under a total', () => {
  const booked = async (): Promise<FinanceRig> => {
    const rig = openFinance();
    await put(rig, [
      caseOf('a', [failure({ minor: 4900 }), failure({ minor: 9900, currency: 'USD' })]),
      caseOf('b', [failure({ minor: 20_000, record: { cause: 'our_try', country: 'AT' } })]),
      caseOf('c', [
        failure({ outcome: 'lost', minor: 1000, book: { recoveredMinor: 300, lostMinor: 700, why: 'gone' } }),
      ]),
      caseOf('d', [failure({ minor: 500 })], {}, [movedAfter('d', 'refund', at('2026-03-08T09:00Z'), 500)]),
    ]);
    return rig;
  };

  test('are told with where they are, what each counts, and the sum of all of them', async () => {
    const rig = await booked();
    const { body } = await rig.get('/invoices?from=2026-03&total=recovered&limit=2');
    expect(linesIn(body)).toEqual([
      ['in_b_0', 1, '200.00'],
      ['in_a_0', 1, '49.00'],
    ]);
    expect(body['invoices']).toMatchObject([
      { connection: 'stripe', customer: 'cus_b', case: 'case_b', outcome: 'recovered', cause: 'our_try' },
      { connection: 'stripe', customer: 'cus_a', case: 'case_a', number: 'R-in_a_0' },
    ]);
    // A part that was paid of what was lost counts in money, and not in number.
    expect(body['sum']).toEqual([
      { n: 3, amount: { minor: 25_700, currency: 'EUR', decimal: '257.00' } },
      { n: 1, amount: { minor: 9900, currency: 'USD', decimal: '99.00' } },
    ]);
    const rest = await rig.get(`/invoices?from=2026-03&total=recovered&after=${String(body['next'])}`);
    expect(linesIn(rest.body)).toEqual([
      ['in_d_0', 1, '5.00'],
      ['in_c_0', 0, '3.00'],
      ['in_a_1', 1, '99.00'],
    ]);
    expect([rest.body['next'], rest.body['sum']]).toEqual([null, body['sum']]);
  });

  test.each([
    ['total=failed', ['in_b_0', 'in_a_0', 'in_c_0', 'in_d_0', 'in_a_1']],
    ['total=failed&currency=usd', ['in_a_1']],
    ['total=lost', ['in_c_0']],
    ['total=open', []],
    ['total=cause&value=our_try', ['in_b_0']],
    ['total=after&value=reminder-1%20(reminder)&currency=EUR', ['in_b_0', 'in_a_0', 'in_d_0']],
    ['total=unmailed', []],
    ['total=lost_because&value=gone', ['in_c_0']],
    ['total=group&by=country&value=AT', ['in_b_0']],
    ['total=recovered&country=AT', ['in_b_0']],
    ['total=moved_refunded&value=2026-03', ['in_d_0']],
    ['total=moved_refunded', ['in_d_0']],
    ['total=moved_reversed&value=2026-03', []],
    ['total=moved_net&value=2026-03&currency=USD', ['in_a_1']],
    ['total=at_risk', []],
    ['total=at_risk_aged&value=over-30', []],
    ['total=cause&value=__proto__', []],
    ['total=group&by=plan&value=constructor', []],
  ])('of %s', async (query, ids) => {
    const { body } = await (await booked()).get(`/invoices?from=2026-03&${query}`);
    expect(linesIn(body).map(([invoice]) => invoice)).toEqual(ids);
  });

  test.each([
    ['', 'total', 'needed'],
    ['total=money', 'total', 'choice'],
    ['total=__proto__', 'total', 'choice'],
    ['total=failed&value=x', 'value', 'value_unwanted'],
    ['total=cause', 'value', 'value_needed'],
    ['total=cause&value=', 'value', 'empty'],
    [`total=cause&value=${'x'.repeat(501)}`, 'value', 'too_long'],
    ['total=at_risk&value=0-7', 'value', 'value_unwanted'],
    ['total=at_risk_aged', 'value', 'value_age'],
    ['total=at_risk_aged&value=8-15', 'value', 'value_age'],
    ['total=at_risk_aged&value=__proto__', 'value', 'value_age'],
    ['total=moved_late&value=march', 'value', 'value_month'],
    ['total=moved_late&value=2026-04', 'value', 'value_month'],
    ['total=moved_late&value=2026-02', 'value', 'value_month'],
    ['total=failed&limit=501', 'limit', 'whole_number'],
    ['total=failed&limit=0', 'limit', 'whole_number'],
    ['total=failed&months=3', 'months', 'unknown_field'],
    ['total=failed&by=weather', 'by', 'choice'],
    ['total=failed&from=2020-01', 'from', 'period_too_long'],
    ['total=failed&after=!', 'after', 'place'],
    ['total=failed&after=AAAA', 'after', 'place'],
    [`total=failed&after=${Buffer.from('["EUR","1","k","c","s"]').toString('base64url')}`, 'after', 'place'],
    [
      `total=failed&after=${Buffer.from('["2026-03-01T00:00:00Z","x","y"]').toString('base64url')}`,
      'after',
      'place',
    ],
  ])(
    'of %s are refused with the field and what to write, before anything is read',
    async (query, field, code) => {
      const rig = openFinance();
      const { status, body } = await rig.get(`/invoices?from=2026-03&to=2026-03&${query}`);
      expect([status, body['fields']]).toEqual([400, [{ field, code, why: expect.stringMatching(/.{5}/) }]]);
      expect(rig.operations).toEqual([]);
    },
  );

  test('tell nothing of a person, and never what was asked for again', async () => {
    const { bytes } = await openFinance().get('/invoices?total=failed&value=ana@example.com');
    expect(bytes.toString()).not.toContain('ana');
  });
});

describe('months of failure', () => {
  test('stand beside each other with their rates, and the share recovered by day', async () => {
    const rig = openFinance();
    await put(rig, [
      caseOf('a', [failure({ minor: 4900, failedAt: at('2026-01-05T09:00Z') })]),
      caseOf('b', [failure({ outcome: 'lost', minor: 100, failedAt: at('2026-01-09T09:00Z') })]),
      caseOf('c', [failure({ currency: 'JPY', minor: 500 })]),
    ]);
    const { body } = await rig.get('/reports/cohorts?from=2026-01&to=2026-03');
    expect(body).toMatchObject({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-04-01T00:00:00.000Z',
      filters: [],
      cohorts: [
        {
          month: '2026-01',
          currency: 'EUR',
          cell: { failed: { n: 2, amount: { decimal: '50.00' } }, lost: { n: 1 } },
          rate: { hits: 1, of: 2, share: { share: 0.5 } },
          moneyRate: { share: 0.98 },
          byDay: [{ day: 3, share: 0.5 }],
          seenDays: 3,
        },
        { month: '2026-03', currency: 'JPY', cell: { failed: { amount: { decimal: '500' } } } },
      ],
    });
    const euro = await rig.get('/reports/cohorts?from=2026-01&to=2026-03&currency=eur');
    expect(euro.body).toMatchObject({ filters: ['currency EUR'], cohorts: [{ month: '2026-01' }] });
    expect(euro.body['cohorts']).toHaveLength(1);
    expect((await rig.get('/reports/cohorts')).body).toMatchObject({ cohorts: [{ month: '2026-03' }] });
  });

  test.each([
    ['from=2026-03-01', 'from', 'month'],
    ['from=2026-13', 'from', 'day_or_month'],
    ['from=2026-03&to=2026-02', 'to', 'backwards'],
    ['from=2020-01&to=2026-02', 'from', 'period_too_long'],
    ['to=__proto__', 'to', 'month'],
    ['by=kind', 'by', 'unknown_field'],
    ['currency=euro', 'currency', 'currency'],
  ])('%s is told which field and what to write, before anything is read', async (query, field, code) => {
    const rig = openFinance();
    const { status, body } = await rig.get(`/reports/cohorts?${query}`);
    expect([status, body['fields']]).toEqual([400, [{ field, code, why: expect.stringMatching(/.{5}/) }]]);
    expect(rig.operations).toEqual([]);
  });
});
