// Reports: a million cases folded, in a process of its own; and a year of months told by their kept sums.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createDynamoStore } from '../adapters/dynamodb/store.ts';
import { packSums } from '../adapters/dynamodb/sums.ts';
import { countInto, emptyCounting, endOf, type Counting } from '../core/reports/rollup.ts';
import { addDays, instantFromMs, monthAfter, startOfMonth } from '../core/time.ts';
import { reportCase } from '../core/reports/rows.ts';
import { readReport } from '../core/workflows/read-report.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../local/embedded-dynamodb.ts';
import { madeCase } from './made-cases.ts';
import type { Folded } from './fold-million.ts';
import { compare } from './measure.ts';

const MONTHS = 12;
const CASES = 100_000;
const FIRST = '2025-01';

export const monthsFrom = (first: string, count: number): string[] => {
  const months = [first];
  while (months.length < count) months.push(monthAfter(months.at(-1) ?? first));
  return months;
};

/** Cases of a month, spread over its days. */
export const sumsOfMonth = (month: string, from: number, cases: number): Counting => {
  const counted = emptyCounting();
  const start = Date.parse(startOfMonth(month));
  const length = Date.parse(startOfMonth(monthAfter(month))) - start;
  for (let i = 0; i < cases; i += 1) {
    const openedAt = instantFromMs(start + Math.floor((i / cases) * length));
    countInto(counted, reportCase(madeCase(from + i, openedAt)), openedAt);
  }
  return counted;
};

/** The milliseconds of an overview over twelve months of 100,000 cases, and what their sums take in the table. */
const overview = async (): Promise<Record<string, number>> => {
  const embedded = await startEmbeddedDynamo();
  try {
    const store = createDynamoStore({ client: embedded.client, tableName: EMBEDDED_TABLE });
    const months = monthsFrom(FIRST, MONTHS);
    let most = 0;
    for (const [i, month] of months.entries()) {
      const sums = {
        until: endOf(month),
        ...sumsOfMonth(month, i * CASES, Math.ceil(CASES / MONTHS)),
        open: [],
      };
      const packed = packSums(sums);
      most = Math.max(most, packed === 'too_large' ? Number.NaN : packed.length);
      await store.saveRollup({ month, version: 1, staleAt: null, sums });
    }
    const to = startOfMonth(monthAfter(months.at(-1) ?? FIRST));
    const now = addDays(to, 20);
    const query = { from: startOfMonth(FIRST), to, by: 'decline', months: 12 } as const;
    const { report } = await readReport(store, query, now);
    // Of the last month some failed after the year.
    const isAll = report.cases > 0.99 * CASES;
    if (!isAll) throw new Error(`the overview tells of ${report.cases} cases, not of ${CASES}`);
    const ms = await compare(
      [{ name: 'overview', run: async () => void (await readReport(store, query, now)) }],
      5,
    );
    return {
      casesInOverview: report.cases,
      overviewMs: Number((ms.get('overview') ?? Number.NaN).toFixed(1)),
      kilobytesAMonth: Number((most / 1024).toFixed(1)),
    };
  } finally {
    await embedded.stop();
  }
};

const apart = (): Folded => {
  const program = fileURLToPath(import.meta.resolve('./fold-million.ts'));
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the fold failed: ${stderr}`);
  return JSON.parse(stdout) as Folded;
};

/** Seconds and memory of a million cases folded; the overview of a year. */
export const benchReports = async (): Promise<Record<string, number>> => {
  const { cases, seconds, cpuSeconds, peakMb } = apart();
  return {
    casesFolded: cases,
    foldSeconds: Number(seconds.toFixed(2)),
    foldCpuSeconds: Number(cpuSeconds.toFixed(2)),
    foldPeakMb: Math.round(peakMb),
    ...(await overview()),
  };
};
