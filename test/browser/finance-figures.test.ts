// Every figure of the finance page is the one that `recoup report` has of the same store, whatever is asked for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toDecimal } from '../../core/money.ts';
import { compare } from '../../core/order.ts';
import { isFault, periodOf } from '../../core/reports/period.ts';
import type { CurrencyFigures, Named, Report } from '../../core/reports/report.ts';
import { DIMENSIONS, type Cell, type Dimension, type Sum } from '../../core/reports/tally.ts';
import { onlyOf, readReport } from '../../core/workflows/read-report.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';

type Asked = Readonly<Record<string, string>>;

const WHOLE = { from: '2026-01', to: '2026-03' };

/** The numbers that a text shows, as decimals: `€1,234.50` is 1234.50. */
const numbersIn = (text: string): string[] =>
  [...text.matchAll(/[-−]?\d[\d,]*(?:\.\d+)?/g)].map(([one]) => one.replaceAll(',', '').replace('−', '-'));

const moneyOf =
  (currency: string) =>
  ({ minor }: Sum): string =>
    toDecimal({ minor, currency });

/** A share as the page writes it: in per cent, with one decimal, a half away from zero as Intl has it. */
const percentOf = (share: number): string =>
  new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 1 }).format(share).replace('%', '');

/** The currencies of which a period has anything, as the page has them: in which most failed first. */
const mostFirst = ({ currencies }: Report): readonly CurrencyFigures[] =>
  currencies
    .filter(({ cell, imported, moved }) => cell.failed.n + imported.failed.n + moved.length > 0)
    .toSorted((a, b) => b.cell.failed.n - a.cell.failed.n);

const OUTCOMES = [
  'recovered',
  'lost',
  'withdrawn',
  'open',
  'failed',
] as const satisfies readonly (keyof Cell)[];

/** What may stand in any order. */
const inOrder = <T>(all: readonly T[]): readonly T[] =>
  all.toSorted((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));

describe.skipIf(CHROMIUM === null)('the figures of the finance page', () => {
  let finance: FinanceRig;
  /** Periods, and one value of everything that failures are told apart by. */
  const asked: Asked[] = [
    WHOLE,
    { from: '2026-02', to: '2026-02' },
    { from: '2026-03', to: '2026-03' },
    { from: '2026-02-09', to: '2026-02-20' },
  ];

  /** The overview is held to all of them; to hold every view to some is enough, for all take them in alike. */
  const some = (): Asked[] => asked.filter((_, i) => i % 3 === 0);

  const reportOf = async ({ from, to, currency, ...only }: Asked, by: Dimension = 'decline') => {
    const now = finance.rig.system.now();
    const period = periodOf({ from, to }, now);
    if (isFault(period)) throw new Error(period.why);
    const query = { ...period, currency, only: onlyOf(only), by, months: 12 };
    return (await readReport(await finance.rig.system.useStore(), query, now)).report;
  };

  beforeAll(async () => {
    finance = await startFinance();
    await finance.looker.page.setViewportSize({ width: 1280, height: 900 });
    for (const dimension of DIMENSIONS) {
      const groups = mostFirst(await reportOf(WHOLE, dimension))[0]?.groups ?? [];
      const value = groups.at(-1)?.value;
      if (value !== undefined) asked.push({ ...WHOLE, [dimension]: value });
    }
    asked.push({ ...WHOLE, currency: 'USD' }, { ...WHOLE, currency: 'USD', kind: 'payment_failure' });
  }, 60_000);
  afterAll(() => finance.stop());

  const open = (view: string, query: Asked): Promise<void> =>
    finance.open(`#/${view}?${new URLSearchParams(query).toString()}`);
  const numbersAt = async (selector: string): Promise<string[]> =>
    numbersIn(await finance.looker.page.innerText(selector));
  /** The numbers of each row under a heading, without the first cell; null when there is no such table. */
  const rowsUnder = async (heading: string): Promise<string[][] | null> => {
    const card = finance.looker.page.locator('main .card', {
      has: finance.looker.page.locator(`h2:text-is("${heading}")`),
    });
    if ((await card.locator('table').count()) === 0) return null;
    const rows = await card
      .locator('table')
      .first()
      .locator('tr:has(td)')
      .evaluateAll((all) =>
        (all as unknown as { cells: { innerText: string }[] }[]).map(({ cells }) =>
          [...cells].slice(1).map(({ innerText }) => innerText),
        ),
      );
    return rows.map((cells) => cells.flatMap(numbersIn));
  };
  const namedRows = (all: readonly Named[], currency: string): string[][] =>
    all.map(({ sum }) => [String(sum.n), moneyOf(currency)(sum)]);
  /** With what was only paid in part, which counts no invoice there. */
  const withPart = (all: readonly Named[], { currency, inPart }: CurrencyFigures): string[][] => [
    ...namedRows(all, currency),
    ...(inPart.n > 0 ? [[moneyOf(currency)(inPart)]] : []),
  ];

  test('of the overview are those of the report: each currency, and all of them beside each other', async () => {
    for (const query of asked) {
      const currencies = mostFirst(await reportOf(query));
      // Every currency of the whole, and of all else the one that is shown first.
      for (const one of query === WHOLE ? currencies : currencies.slice(0, 1)) {
        const { currency, cell, rate, atRisk, causes, lostBecause } = one;
        await open('overview', { ...query, in: currency });
        const money = moneyOf(currency);
        expect([query, currency, await rowsUnder('Recovered')]).toEqual([
          query,
          currency,
          OUTCOMES.map((name) => {
            const part = cell.failed.minor === 0 ? [] : [percentOf(cell[name].minor / cell.failed.minor)];
            return [String(cell[name].n), money(cell[name]), ...part];
          }),
        ]);
        expect(await numbersAt('.lead .huge')).toEqual([money(cell.recovered)]);
        const [rates = [], risk = []] = await Promise.all(
          [0, 1].map((i) => numbersAt(`.rates .card >> nth=${i} >> .huge`)),
        );
        expect(rates).toEqual(rate.share === null ? [] : [percentOf(rate.share.share)]);
        expect(risk).toEqual([money(atRisk.open)]);
        expect((await rowsUnder('What brought the money in')) ?? []).toEqual(withPart(causes, one));
        expect((await rowsUnder('Why the rest was lost')) ?? []).toEqual(namedRows(lostBecause, currency));
      }
      const beside = await rowsUnder('By currency');
      expect(beside?.map(([failed]) => failed)).toEqual(
        currencies.length > 1
          ? currencies.map(({ currency, cell }) => moneyOf(currency)(cell.failed))
          : undefined,
      );
    }
  }, 300_000);

  test('of causes and losses are those of the report', async () => {
    for (const query of some()) {
      const [most] = mostFirst(await reportOf(query));
      await open('causes', query);
      if (most === undefined) continue;
      const { currency, causes, after, lostBecause } = most;
      expect((await rowsUnder('What brought the money in')) ?? []).toEqual(withPart(causes, most));
      expect(inOrder((await rowsUnder('The last mail before the money came')) ?? [])).toEqual(
        inOrder(withPart(after, most)),
      );
      expect((await rowsUnder('Why the rest was lost')) ?? []).toEqual(namedRows(lostBecause, currency));
    }
  }, 300_000);

  test('of what is at risk, by its age, are those of the report', async () => {
    for (const query of some()) {
      const risky = (await reportOf(query)).currencies.filter(({ atRisk }) => atRisk.open.n > 0);
      for (const { currency, atRisk } of query === WHOLE ? risky : risky.slice(0, 1)) {
        await open('at-risk', { ...query, in: currency });
        const rows = await rowsUnder('By age');
        expect([query, currency, rows]).toEqual([
          query,
          currency,
          atRisk.ages.map(({ sum }) => [String(sum.n), moneyOf(currency)(sum)]),
        ]);
      }
    }
  }, 300_000);

  test('of each month are those of the report of that month alone', async () => {
    for (const query of [WHOLE, { ...WHOLE, currency: 'USD' }]) {
      const shown = mostFirst(await reportOf(query))[0]?.currency ?? '';
      await open('cohorts', { ...query, in: shown });
      const rows = (await rowsUnder('What became of each month')) ?? [];
      const months = ['2026-01', '2026-02', '2026-03'].map((month) =>
        reportOf({ ...query, from: month, to: month }),
      );
      const cells = (await Promise.all(months)).flatMap(({ currencies }) =>
        currencies
          .filter(({ currency, cell }) => currency === shown && cell.failed.n > 0)
          .map(({ cell }) => cell),
      );
      const columns = ['failed', 'recovered', 'lost', 'withdrawn', 'open'] as const;
      expect(rows.map((row) => row.slice(0, 10))).toEqual(
        cells.map((cell) => columns.flatMap((name) => [moneyOf(shown)(cell[name]), String(cell[name].n)])),
      );
    }
  }, 120_000);

  test('of the mails are those of the report', async () => {
    for (const query of some()) {
      const { mails } = await reportOf(query);
      await open('mails', query);
      const rows = (await rowsUnder('What became of each mail')) ?? [];
      expect([query, inOrder(rows.map(([sent]) => sent))]).toEqual([
        query,
        inOrder(mails.map(({ sent }) => String(sent))),
      ]);
    }
  }, 300_000);
});
