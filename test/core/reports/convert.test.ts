// Money of several currencies as one: labelled, dated, and beside the figures.
import { describe, expect, test } from 'vitest';
import { convert } from '../../../core/reports/convert.ts';
import { reportOn } from '../../../core/workflows/read-report.ts';
import { at } from '../../support/customers.ts';
import { caseOf } from '../../support/reports.ts';

const QUERY = {
  from: at('2026-03-01T00:00Z'),
  to: at('2026-04-01T00:00Z'),
  by: 'decline',
  months: 12,
} as const;

const books = async () => {
  const cases = [
    caseOf('a', [
      { outcome: 'recovered', minor: 1000 },
      { outcome: 'lost', minor: 500 },
    ]),
    caseOf('b', [{ outcome: 'recovered', minor: 1000, currency: 'JPY' }]),
    caseOf('c', [{ outcome: 'lost', minor: 10_000, currency: 'KWD' }]),
  ];
  return (await reportOn(cases, QUERY, at('2026-04-15T12:00Z'))).report;
};

describe('money as one currency', () => {
  test('goes by the rates that are given and by what a minor unit of each currency is', async () => {
    const rates = { base: 'EUR', asOf: '2026-03-31', rates: { JPY: 0.006, KWD: 3 } };
    // 10 EUR and 1,000 JPY (6 EUR) came back; 5 EUR and 10 KWD (30 EUR) did not.
    expect(convert(await books(), rates)).toEqual({
      base: 'EUR',
      asOf: '2026-03-31',
      minor: { failed: 5100, recovered: 1600, withdrawn: 0, lost: 3500, open: 0 },
      share: 1600 / 5100,
      missing: [],
    });
  });

  test('leaves out what has no rate, and says so', async () => {
    const converted = convert(await books(), { base: 'USD', asOf: 'x', rates: { EUR: 1.1, __proto__: 2 } });
    expect(converted.missing).toEqual(['JPY', 'KWD']);
    expect(converted.minor.recovered).toBe(1100);
  });
});
