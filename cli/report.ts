// `recoup report`: what came back of what failed in a period, as text or as data.
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import * as v from 'valibot';
import type { Store } from '../core/ports.ts';
import { convert, type Rates } from '../core/reports/convert.ts';
import { isFault, periodOf, type Period } from '../core/reports/period.ts';
import { DIMENSIONS, type Dimension } from '../core/reports/tally.ts';
import type { Instant } from '../core/time.ts';
import { onlyOf, readReport, readReportWithRows, type ReportQuery } from '../core/workflows/read-report.ts';
import { asJson } from './printed.ts';
import { askedFor, writeReportFiles, type ReportFiles } from './report-files.ts';
import { reportText } from './report-text.ts';
import { withStore, withStoreOptions, type StoreOptions, type StoreTarget } from './store-target.ts';
import { UserError } from './user-error.ts';
import { wholeNumber } from './whole-number.ts';

type Options = StoreOptions &
  ReportFiles &
  Partial<Record<Dimension, string>> & {
    readonly from?: string;
    readonly to?: string;
    readonly currency?: string;
    readonly by: Dimension;
    readonly months: number;
    readonly rates?: string;
    readonly json?: boolean;
  };

/** The period that is asked for; not told, the month that `now` is in. Throws {@link UserError}. */
const periodAsked = (options: Options, now: Instant): Period => {
  const told = periodOf(options, now);
  if (!isFault(told)) return told;
  throw new UserError(
    told.isEmpty ? '--to is before --from: the period has no day' : `--${told.field}: ${told.why}`,
  );
};

const queryOf = (options: Options, now: Instant): ReportQuery => {
  const { by, months } = options;
  const period = periodAsked(options, now);
  if (period.from > now)
    throw new UserError(
      `the period has not begun: it is ${now.slice(0, 10)} there; write a --from that is not after it`,
    );
  return { ...period, by, only: onlyOf(options), months, currency: currencyOf(options) };
};

/** The currency that is asked for. Throws {@link UserError} for one that there is not. */
const currencyOf = ({ currency }: Options): string | undefined => {
  const code = currency?.toUpperCase();
  if (code === undefined || Intl.supportedValuesOf('currency').includes(code)) return code;
  throw new UserError(`--currency ${currency}: there is no such currency; write its code, such as EUR`);
};

/** In which currencies something failed in the period, when in the one that was asked for nothing did. */
const otherCurrencies = async (store: Store, query: ReportQuery, now: Instant): Promise<string> => {
  const { report } = await readReport(store, { ...query, currency: undefined }, now);
  const found = report.currencies.map(({ currency }) => currency);
  return found.length === 0 ? '' : `\nIn that time and with these filters there is ${found.join(', ')}.`;
};

const ratesShape = v.strictObject({
  base: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'three capital letters, such as EUR')),
  asOf: v.pipe(v.string(), v.nonEmpty('of when the rates are, such as 2026-11-01')),
  rates: v.record(v.string(), v.pipe(v.number('a number'), v.gtValue(0, 'above 0'), v.finite())),
});

/** The rates of a file. Throws {@link UserError} with what to change. */
const readRates = async (path: string): Promise<Rates> => {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError(
      `--rates ${path}: ${code === 'ENOENT' ? 'no such file' : (code ?? 'it is not JSON')}`,
    );
  }
  const parsed = v.safeParse(ratesShape, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new UserError(`--rates ${path}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
};

/** What a command prints: what was asked for, and of each file that it wrote a line. */
export type ReportAnswer = { readonly text: string | null; readonly wrote: readonly string[] };

/**
 * Reads the report that the options ask for, from a store, and writes its files. Throws {@link UserError}.
 */
export const answerReport = async (
  { store, where, now }: Pick<StoreTarget, 'store' | 'where' | 'now'>,
  options: Options,
): Promise<ReportAnswer> => {
  const at = now();
  const query = queryOf(options, at);
  const files = askedFor(options);
  // The invoices are read only for whom they are for: figures alone can be told by the sums that are kept.
  const isListed = options.json === true || files.length > 0;
  const { report, rows } = isListed
    ? await readReportWithRows(store, query, at)
    : { ...(await readReport(store, query, at)), rows: [] };
  const wrote = await writeReportFiles(files, { report, rows }, where);
  const rates = options.rates === undefined ? null : await readRates(options.rates);
  const converted = rates && convert(report, rates);
  if (options.json) return { text: asJson({ where, report, converted, invoices: rows }), wrote };
  if (files.length > 0) return { text: null, wrote };
  const isNone = report.currencies.length === 0 && query.currency !== undefined;
  const hint = isNone ? await otherCurrencies(store, query, at) : '';
  return { text: `${reportText(report, where, converted)}${hint}`, wrote };
};

const run = (options: Options): Promise<void> =>
  withStore(options, async (target) => {
    const { text, wrote } = await answerReport(target, options);
    // Beside data, what was written is told where no program reads it.
    for (const line of wrote) (text === null ? console.log : console.error)(line);
    if (text !== null) console.log(text);
  });

/** The command, ready to be added to the program. */
export const reportCommand = (): Command => {
  const command = withStoreOptions(new Command('report'))
    .description('What came back of the payments that failed in a period: figures with their denominators.')
    .option('--from <day>', 'the first day or month, such as 2026-03; this month unless given')
    .option('--to <day>', 'the last day or month, included')
    .option('--currency <code>', 'only this currency, such as EUR')
    .addOption(
      new Option('--by <what>', 'what failures are told apart by').choices(DIMENSIONS).default('decline'),
    )
    .option(
      '--months <n>',
      'how many months a plan that was kept is assumed to go on',
      wholeNumber(1, 120),
      12,
    )
    .option('--csv <file>', 'write the invoices there, a line each')
    .option('--xlsx <file>', 'write an Excel workbook: the figures, the invoices, the months')
    .option('--html <file>', 'write one page, to be mailed or printed')
    .option(
      '--rates <file>',
      'all currencies as one, by a JSON file: {"base":"EUR","asOf":"…","rates":{"USD":0.92}}',
    )
    .option('--json', 'everything as JSON, with the invoices')
    .action(run);
  for (const name of DIMENSIONS) command.option(`--${name} <value>`, `only this ${name}`);
  return command;
};
