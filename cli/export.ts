// `recoup export`: every case and adjustment of some months as newline JSON, to a file or printed.
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { monthNamed } from '../core/reports/digest-period.ts';
import { monthOf, type Instant } from '../core/time.ts';
import { asNdjson, exportCases, type MonthRange } from '../core/workflows/export-cases.ts';
import { cannotWrite } from './report-files.ts';
import { withStore, withStoreOptions, type StoreOptions, type StoreTarget } from './store-target.ts';
import { UserError } from './user-error.ts';

type Options = StoreOptions & { readonly from?: string; readonly to?: string; readonly out?: string };

const monthAsked = (text: string, asked: string): string => {
  if (monthNamed(text) !== null) return text;
  throw new UserError(`${asked}: write a month, such as 2026-03`);
};

/** The months that are asked for; not told, the month that `now` is in. Throws {@link UserError}. */
const rangeOf = (options: Options, now: Instant): MonthRange => {
  const present = monthOf(now);
  const from = options.from === undefined ? undefined : monthAsked(options.from, '--from');
  const to = options.to === undefined ? undefined : monthAsked(options.to, '--to');
  const range = { from: from ?? to ?? present, to: to ?? from ?? present };
  if (range.to < range.from) throw new UserError('--to is before --from: there is no month between them');
  if (range.from > present)
    throw new UserError(`--from ${range.from} has not begun: it is ${now.slice(0, 10)} there`);
  // Nothing is opened in months to come, and nobody is to wait for centuries of them to be listed.
  return { from: range.from, to: range.to > present ? present : range.to };
};

const counting = (lines: AsyncIterable<string>) => {
  const count = { lines: 0 };
  const counted = async function* () {
    for await (const line of lines) {
      count.lines += 1;
      yield line;
    }
  };
  return { count, counted };
};

/** Writes line by line beside the file, which gets its name at the end: nothing half written stands there. */
const writeWhole = async (file: string, lines: AsyncIterable<string>): Promise<number> => {
  const { count, counted } = counting(lines);
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  try {
    // It is there before anything can fail: a stream would open it later, perhaps after it was removed.
    const opened = await open(part, 'w');
    await pipeline(counted, opened.createWriteStream());
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw cannotWrite(file, error);
  }
  return count.lines;
};

const print = async (lines: AsyncIterable<string>): Promise<void> => {
  try {
    await pipeline(lines, process.stdout, { end: false });
  } catch (error) {
    // A reader that has seen enough, such as `head`, hangs up: that is no failure.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
};

/**
 * Exports the months that the options ask for, from a store. Answers with the line to print, or null when
 * the lines themselves were printed. Throws {@link UserError}.
 */
export const answerExport = async (
  { store, now }: Pick<StoreTarget, 'store' | 'now'>,
  options: Options,
): Promise<string | null> => {
  const at = now();
  const range = rangeOf(options, at);
  const lines = asNdjson(exportCases(store, range, at));
  if (options.out === undefined) {
    await print(lines);
    return null;
  }
  const written = await writeWhole(options.out, lines);
  const count = `${written} ${written === 1 ? 'line' : 'lines'}`;
  return `${options.out}: ${count}, cases opened ${range.from} to ${range.to}`;
};

const run = (options: Options): Promise<void> =>
  withStore(options, async (target) => {
    const told = await answerExport(target, options);
    if (told !== null) console.log(told);
  });

/** The command, ready to be added to the program. */
export const exportCommand = (): Command =>
  withStoreOptions(new Command('export'))
    .description('Every case and adjustment as newline JSON, for other programs: docs/export.md.')
    .option(
      '--from <month>',
      'the first month in which cases were opened, such as 2026-01; this month unless given',
    )
    .option('--to <month>', 'the last month, included')
    .option('--out <file>', 'write them there instead of printing them')
    .action(run);
