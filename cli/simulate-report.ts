// What `recoup simulate --report` tells of a world that has ended: its report, and the books beside the provider's own events.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readExport } from '../adapters/stripe/export.ts';
import type { Policy } from '../core/recovery/policy.ts';
import { tieOut } from '../core/reports/tie-out.ts';
import { monthAfter, monthOf, startOfMonth, type Instant } from '../core/time.ts';
import { readReportWithRows } from '../core/workflows/read-report.ts';
import type { Ended } from '../local/simulation/simulate.ts';
import { cannotWrite, writeFileOf, writeReportFiles } from './report-files.ts';
import { reportText } from './report-text.ts';
import { termsOf, tieOutText } from './tie-out.ts';

const FILES = { csv: 'invoices.csv', xlsx: 'report.xlsx', html: 'report.html' } as const;
/** The provider's own events, as `recoup tie-out --events` reads them. */
const EVENTS = 'events.jsonl';

const WHERE = 'a simulated business';

/** Makes the folder when there is none. Throws {@link UserError} when it cannot be made. */
const openFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(folder, error);
  });
};

/**
 * Writes the report of all failures of a world, its invoices, and the provider's events into a folder, over what is there; and
 * answers with the report as text and with what the books and the events differ in. Throws {@link UserError}.
 */
export const reportWorld = async (world: Ended, policy: Policy, folder: string): Promise<string> => {
  const { store, log, now } = world;
  const from: Instant = startOfMonth(monthOf(world.from));
  const to = startOfMonth(monthAfter(monthOf(now)));
  const told = await readReportWithRows(store, { from, to, by: 'decline', months: 12 }, now);
  await openFolder(folder);
  const files = Object.entries(FILES).map(([form, file]) => ({
    form: form as keyof typeof FILES,
    file: join(folder, file),
  }));
  const wrote = await writeReportFiles(files, told, WHERE);
  const events = join(folder, EVENTS);
  await writeFileOf(events, log.map(({ event }) => `${JSON.stringify(event)}\n`).join(''));
  const { invoices } = readExport(log.map(({ event }) => event));
  const tied = tieOut(told.rows, invoices, termsOf(policy));
  return [
    reportText(told.report, WHERE, null),
    tieOutText(tied, WHERE, from, now),
    [...wrote, `${events}: ${log.length.toLocaleString('en')} events of the provider's`].join('\n'),
  ].join('\n\n');
};
