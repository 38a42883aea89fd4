// `recoup tie-out`: the books beside the provider's own export of events, to the minor unit, with every difference.
import { Command } from 'commander';
import { readExport } from '../adapters/stripe/export.ts';
import { formatMoney } from '../core/money.ts';
import type { Policy } from '../core/recovery/policy.ts';
import { tieOut, type TieOut, type TieOutDifference, type TieOutTerms } from '../core/reports/tie-out.ts';
import { addMs, type Instant } from '../core/time.ts';
import { readReportWithRows } from '../core/workflows/read-report.ts';
import { readRecording, RecordingError } from '../local/recorded-events.ts';
import { loadPolicy } from './load-policy.ts';
import { asJson, minute, plain, table } from './printed.ts';
import { withStore, withStoreOptions, type StoreOptions } from './store-target.ts';
import { UserError } from './user-error.ts';

type Options = StoreOptions & { readonly events: string; readonly policy?: string; readonly json?: boolean };

const WORDS: Readonly<Record<TieOutDifference['what'], string>> = {
  not_in_books: 'failed in the export, not in the books',
  not_in_export: 'in the books, did not fail in the export',
  failed: 'what was owed when it failed',
  recovered: 'what was recovered',
  outcome: 'what became of it',
};

const shown = (value: TieOutDifference['ours'], currency: string): string =>
  value === null ? '-' : typeof value === 'number' ? formatMoney({ minor: value, currency }, 'en') : value;

const totalsTable = ({ totals }: TieOut): string =>
  table(
    ['', 'invoices', 'failed, books', 'failed, export', 'recovered, books', 'recovered, export'],
    totals.map(({ currency, invoices, failed, recovered }) => [
      currency,
      String(invoices),
      ...[failed.ours, failed.theirs, recovered.ours, recovered.theirs].map((minor) =>
        shown(minor, currency),
      ),
    ]),
  );

const leftOutText = ({ first_payment: first, overdue, brief }: TieOut['leftOut']): string => {
  const left = [
    first > 0 ? `${first} first payments of sign-ups` : '',
    overdue > 0 ? `${overdue} sent invoices that were not paid when they were due` : '',
  ].filter(Boolean);
  return [
    ...(left.length === 0 ? [] : [`Left out, as the policy does not ask for them: ${left.join('; ')}.`]),
    ...(brief === 0
      ? []
      : [`Left out: ${brief} sent invoices that were settled within a day after they were due.`]),
  ].join('\n');
};

/** What a policy asks for, of what an export can tell. */
export const termsOf = ({
  firstPayments,
  campaigns,
}: Pick<Policy, 'firstPayments' | 'campaigns'>): TieOutTerms => ({
  firstPayments: firstPayments === 'recover',
  overdue: campaigns.some(({ kind }) => kind === 'invoice_overdue'),
});

/** The result as text: both sums of each currency, and every difference. */
export const tieOutText = (result: TieOut, where: string, from: Instant, to: Instant): string => {
  const { differences, leftOut } = result;
  const rows = differences.map(({ invoiceId, customerId, currency, what, ours, theirs }) =>
    [invoiceId, customerId ?? '-', WORDS[what], shown(ours, currency), shown(theirs, currency)].map(plain),
  );
  return [
    `The books of ${where} beside the export, failures from ${minute(from)} to ${minute(to)} (UTC)`,
    totalsTable(result),
    leftOutText(leftOut),
    differences.length === 0
      ? 'No difference: every invoice agrees to the minor unit.'
      : `${differences.length} differences\n${table(['invoice', 'customer', 'what', 'books', 'export'], rows)}`,
  ]
    .filter(Boolean)
    .join('\n\n');
};

const exportOf = async (path: string) => {
  const recording = await readRecording(path).catch((error: unknown) => {
    throw error instanceof RecordingError ? new UserError(error.message) : error;
  });
  const told = readExport(recording.events.map(({ value }) => value));
  if (told.from === null || told.to === null) {
    throw new UserError(
      `${path}: there is no event of Stripe's in it; export events, one JSON a line or a list`,
    );
  }
  return { ...told, from: told.from as Instant, to: told.to as Instant };
};

const run = async (options: Options): Promise<void> => {
  const told = await exportOf(options.events);
  const asks = termsOf(await loadPolicy(options.policy));
  await withStore(options, async ({ store, where, now }) => {
    const period = { from: told.from, to: addMs(told.to, 1) };
    const { rows } = await readReportWithRows(store, { ...period, by: 'decline', months: 12 }, now());
    const result = tieOut(rows, told.invoices, asks);
    if (result.differences.length > 0) process.exitCode = 1;
    console.log(
      options.json ? asJson({ where, ...period, ...result }) : tieOutText(result, where, told.from, told.to),
    );
  });
};

/** The command, ready to be added to the program. */
export const tieOutCommand = (): Command =>
  withStoreOptions(new Command('tie-out'))
    .description(
      "Compares the books with the provider's own events, invoice by invoice, and lists every difference.",
    )
    .requiredOption('--events <path>', 'a folder, a .json or a .jsonl file of events, in any order')
    .option('--policy <file>', 'a policy instead of policy.ts: whether first payments count')
    .option('--json', 'everything as JSON')
    .action(run);
