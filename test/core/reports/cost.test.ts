// What running costs: counted requests at dated prices, shared among currencies that are never added.
import { describe, expect, test } from 'vitest';
import { costOf, REQUEST_KINDS, REQUEST_PRICES } from '../../../core/reports/cost.ts';
import { aUnitInWords, dollarsInWords } from '../../../core/reports/words.ts';
import { reportOn } from '../../../core/workflows/read-report.ts';
import { at } from '../../support/customers.ts';
import { caseOf, movedAfter } from '../../support/reports.ts';

const QUERY = {
  from: at('2026-03-01T00:00Z'),
  to: at('2026-04-01T00:00Z'),
  by: 'decline',
  months: 12,
} as const;
const TOOK = { received: 5, visits: 17, writes: 45 };
const MAIL = { subjectId: 'x', at: at('2026-03-02T09:00Z'), why: 'due', message: 'reminder' } as const;
const SENT = { ...MAIL, id: 'reminder-1', kind: 'email', status: 'done' } as const;

const costFor = async (...cases: readonly ReturnType<typeof caseOf>[]) =>
  (await reportOn(cases, QUERY, at('2026-04-15T12:00Z'))).report.cost;

test('a save is 6 write units, an event a request of each service, a visit the same without HTTP, a mail what SES asks', () => {
  // 0.625 a million write units; 0.125 a million reads; 0.2 a million invocations; 0.05 GB-seconds; 1 a million HTTP requests.
  expect(REQUEST_PRICES.writes).toBeCloseTo(3.75e-6, 15);
  expect(REQUEST_PRICES.visits).toBeCloseTo(0.2e-6 + 0.05 * 1.33334e-5 + 0.125e-6, 15);
  expect(REQUEST_PRICES.received - REQUEST_PRICES.visits).toBeCloseTo(1e-6, 15);
  expect(REQUEST_PRICES.mails).toBeCloseTo(1e-4, 15);
});

describe('the cost of a report', () => {
  test('is each counted request at its price, added up', async () => {
    const steps = [
      SENT,
      { ...SENT, id: 'r-2', status: 'skipped' },
      { ...SENT, id: 'n', kind: 'notify' },
    ] as const;
    const cost = await costFor(
      caseOf('a', [{ outcome: 'recovered', minor: 4900 }], { requests: TOOK, steps }),
      caseOf('b', [{ outcome: 'lost', minor: 100 }], { requests: { received: 1, visits: 2, writes: 9 } }),
    );
    expect(Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, cost.requests[kind].n]))).toEqual({
      received: 6,
      visits: 19,
      writes: 54,
      mails: 2,
      uncounted: 0,
    });
    const { received, visits, writes, mails } = REQUEST_PRICES;
    expect(cost.dollars).toBeCloseTo(6 * received + 19 * visits + 54 * writes + 2 * mails, 15);
    expect(cost.anInvoice).toBe(cost.dollars);
    // 49 euros came back.
    expect(cost.currencies).toEqual([{ currency: 'EUR', dollars: cost.dollars, aUnit: cost.dollars / 49 }]);
  });

  test('takes a case of before the count at an estimate, with its own mails, and says so', async () => {
    const cost = await costFor(
      caseOf('a', [{ outcome: 'recovered' }], { requests: TOOK }),
      caseOf('b', [{ outcome: 'recovered' }], { requests: null, steps: [SENT] }),
    );
    expect(cost).toMatchObject({
      cases: 2,
      requests: { uncounted: { n: 1 }, visits: { n: 17 }, mails: { n: 1 } },
    });
    expect(cost.requests.uncounted.dollars).toBe(REQUEST_PRICES.uncounted);
  });

  test('has each currency by its failures in number; one of which nothing came back has no price of a unit', async () => {
    const cost = await costFor(
      caseOf(
        'a',
        [
          { outcome: 'recovered', minor: 1000 },
          { outcome: 'lost', minor: 1 },
        ],
        { requests: TOOK },
      ),
      caseOf('b', [{ outcome: 'recovered', minor: 1000, currency: 'JPY' }], { requests: TOOK }),
      caseOf('c', [{ outcome: 'lost', minor: 1000, currency: 'KWD' }], { requests: TOOK }),
    );
    const { dollars } = cost;
    expect(cost.currencies).toEqual([
      { currency: 'EUR', dollars: dollars / 2, aUnit: dollars / 2 / 10 },
      { currency: 'JPY', dollars: dollars / 4, aUnit: dollars / 4 / 1000 },
      { currency: 'KWD', dollars: dollars / 4, aUnit: null },
    ]);
    expect(cost.anInvoice).toBe(dollars / 2);
  });

  test('has the entries of what came after: one that was put with the closing is a write, a later one is looked at by itself', async () => {
    const earlier = movedAfter('a', 'refund', at('2026-03-04T09:00Z'), 100);
    const later = movedAfter('a', 'refund', at('2026-03-20T09:00Z'), 100);
    const only = async (...entries: readonly (typeof later)[]) =>
      (await costFor(caseOf('a', [{ outcome: 'recovered' }], { requests: TOOK }, entries))).requests;
    expect(await only(earlier)).toMatchObject({ received: { n: 5 }, visits: { n: 17 }, writes: { n: 46 } });
    expect(await only(earlier, later)).toMatchObject({
      received: { n: 6 },
      visits: { n: 18 },
      writes: { n: 51 },
    });
  });

  test('of no failure is nothing', () => {
    const none = { received: 0, visits: 0, writes: 0, mails: 0, counted: 0 };
    expect(costOf({ cases: 0, requests: none }, [])).toMatchObject({
      dollars: 0,
      anInvoice: null,
      currencies: [],
    });
  });
});

test('words keep two digits that say something, however little it is', () => {
  expect([0, 0.0002119, 0.01, 12.345].map(dollarsInWords)).toEqual(['$0.00', '$0.00021', '$0.01', '$12.35']);
  expect(aUnitInWords(0.0000213, 'EUR')).toBe('0.0021 US cents for each €1.00 recovered');
  expect(aUnitInWords(0.0000001, 'JPY')).toBe('0.00001 US cents for each ¥1 recovered');
});
