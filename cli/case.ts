// `recoup case`: why a customer is where they are: every step with its rule, the money, what comes next, the journal.
import { Command } from 'commander';
import { formatMoney } from '../core/money.ts';
import {
  addressesOf,
  isUnreachable,
  type Adjustment,
  type Answer,
  type CaseRecord,
  type Customer,
  type InvoiceBook,
  type JournalEntry,
} from '../core/recovery/customer.ts';
import {
  explain,
  type ExplainedInvoice,
  type ExplainedNext,
  type ExplainedNotice,
  type ExplainedStep,
  type Explanation,
} from '../core/recovery/explain.ts';
import { ADJUSTMENT_WORDS, caseOutcome, foldCase } from '../core/reports/outcome.ts';
import type { Instant } from '../core/time.ts';
import { readCustomer, type CustomerFile } from '../core/workflows/read-cases.ts';
import { loadPolicy } from './load-policy.ts';
import { connectionsOf, findCustomer } from './operator.ts';
import { asJson, minute, plain, table } from './printed.ts';
import { withStore, withStoreOptions, type StoreOptions } from './store-target.ts';

type Options = StoreOptions & { readonly json?: boolean };

const when = (at: Instant | null): string => (at === null ? '-' : minute(at));

const MONEY = [
  ['recovered', 'recoveredMinor'],
  ['withdrawn', 'withdrawnMinor'],
  ['lost', 'lostMinor'],
  ['open', 'openMinor'],
] as const;

const moneyOf = (book: InvoiceBook): string => {
  const amount = (minor: number) => formatMoney({ minor, currency: book.currency }, 'en');
  const parts = MONEY.filter(([, field]) => book[field] > 0).map(
    ([name, field]) => `${amount(book[field])} ${name}`,
  );
  return `${amount(book.failedMinor)} failed = ${parts.join(' + ')}`;
};

/** Why a step has its status: what blocks it until when, and the rule that it follows then. */
const whyOf = ({ status, why, rule, until }: ExplainedStep): string => {
  if (status !== 'blocked') return why;
  const told = until === null || why.includes(minute(until)) ? why : `${why}, until ${minute(until)}`;
  return rule === null || rule === why ? told : `${told}; then ${rule}`;
};

const stepRow = (step: ExplainedStep): string[] => [
  step.status,
  when(step.at),
  step.id,
  step.message ?? step.kind,
  plain(whyOf(step)),
];

const invoiceText = (invoice: ExplainedInvoice): string => {
  const { book, fails, number } = invoice;
  const name = number === null ? book.subjectId : `${number} (${book.subjectId})`;
  const told = [
    `failed ${minute(invoice.failedAt)}`,
    fails && `${fails.because.replaceAll('_', ' ')} (${fails.class.replaceAll('_', ' ')})`,
    fails?.card && `card ${fails.card}`,
    invoice.campaign && `campaign ${invoice.campaign}`,
    invoice.providerTriesAt && `the provider tries again ${minute(invoice.providerTriesAt)}`,
  ];
  return [
    plain(`Invoice ${name}: ${moneyOf(book)}; ${book.outcome}: ${book.why}`),
    plain(`  ${told.filter(Boolean).join(' · ')}`),
    table(['status', 'when (UTC)', 'step', 'what', 'why'], invoice.steps.map(stepRow)),
  ].join('\n');
};

const noticeText = ({ subjectId, kind, date, over, campaign, steps }: ExplainedNotice): string =>
  [
    plain(
      `Notice ${subjectId}: ${kind.replaceAll('_', ' ')}, comes ${minute(date)}${over ? `; over: ${over}` : ''}`,
    ),
    ...(campaign === null ? [] : [plain(`  campaign ${campaign}`)]),
    table(['status', 'when (UTC)', 'step', 'what', 'why'], steps.map(stepRow)),
  ].join('\n');

const nextText = (next: ExplainedNext): string => {
  if (next.kind === 'nothing') return `Next: nothing (${next.why})`;
  return next.kind === 'close'
    ? `Next: ${minute(next.at)} the case closes as ${next.outcome} (${next.why})`
    : `Next: ${minute(next.at)} ${next.step} of ${next.subjectId} (${next.why})`;
};

const headText = (explained: Explanation): string[] => {
  const { hold, held, setAside, underWay, asked } = explained;
  const open = explained.case;
  return [
    open ? `Case ${open.id}: ${open.outcome}, opened ${minute(open.openedAt)}` : 'No case is open.',
    ...(held && hold ? [`Held: ${held.why} since ${minute(hold.at)}: ${hold.note}`] : []),
    ...(setAside ? [`Set aside for a person since ${minute(setAside.at)}: ${setAside.why}`] : []),
    ...(underWay
      ? [`Under way since ${minute(underWay.since)}: ${underWay.step} of ${underWay.subjectId}`]
      : []),
    ...asked.map(
      ({ subjectId, at, by }) => `A try of ${subjectId} is asked for by ${by} from ${minute(at)} on`,
    ),
    nextText(explained.next),
    explained.nextLook === null
      ? 'The clock looks again when something is told.'
      : `The clock looks again ${minute(explained.nextLook)}.`,
  ].map(plain);
};

type Told = Omit<Answer, 'text'> & Partial<Pick<Answer, 'text'>>;

/** What the customer told on their page; their own words stand here as long as the case is open. */
const answersText = (answers: readonly Told[]): string[] =>
  answers.length === 0
    ? []
    : [
        'Told by the customer\n' +
          table(
            ['when (UTC)', 'what', 'in their words'],
            answers.map(({ at, kind, promisedDay, held, text }) => [
              minute(at),
              plain(
                kind === 'promise'
                  ? `will pay on ${promisedDay ?? '?'} (${held ? 'held until its end' : 'holds nothing back'})`
                  : kind.replaceAll('_', ' '),
              ),
              plain(text === undefined ? '(not kept)' : (text ?? '')),
            ]),
          ),
      ];

/** What the mail service told of the mails of what is open, and how many addresses are left. No address is printed. */
const mailsText = ({ facts }: Customer): string[] => {
  const told = Object.entries(facts.deliveries).flatMap(([name, delivered]) =>
    Object.entries(delivered).map(([event, at]) => ({ at, name, event })),
  );
  const rows = told
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map((one) => [minute(one.at), one.event, one.name]);
  const known = addressesOf(facts);
  const stopped = known.filter((address) => isUnreachable(facts, address)).length;
  return [
    ...(rows.length > 0
      ? [
          `Told by the mail service\n${table(
            ['when (UTC)', 'what', 'mail'],
            rows.map((row) => row.map(plain)),
          )}`,
        ]
      : []),
    ...(stopped > 0
      ? [`No mail goes to ${stopped} of ${known.length} addresses: it came back, or its reader complained.`]
      : []),
  ];
};

const journalText = (journal: readonly JournalEntry[], olderPages: number): string[] =>
  journal.length === 0
    ? []
    : [
        (olderPages === 0
          ? 'Journal\n'
          : `Journal (older lines: GET /cases/…/journal of the finance API, page 1 to ${olderPages})\n`) +
          table(
            ['when (UTC)', 'what', 'why'],
            journal.map(({ at, what, why, count }) => [
              minute(at),
              plain(what),
              plain(count > 1 ? `${why} (${count} times)` : why),
            ]),
          ),
      ];

const closedText = (record: CaseRecord, adjustments: readonly Adjustment[]): string => {
  const { invoices } = foldCase(record, adjustments);
  const outcome = caseOutcome(invoices.map((book) => book.outcome));
  const own = adjustments.filter(({ caseId }) => caseId === record.id);
  const steps = record.steps.map((step) => [
    step.status,
    minute(step.at),
    step.id,
    step.message ?? step.kind,
    plain(`${step.subjectId}: ${step.why}`),
  ]);
  return [
    plain(`Case ${record.id}: ${outcome}, ${minute(record.openedAt)} to ${when(record.closedAt)}`),
    ...invoices.map((book) =>
      plain(`  Invoice ${book.subjectId}: ${moneyOf(book)}; ${book.outcome}: ${book.why}`),
    ),
    ...own.map(({ at, subjectId, amount, kind }) =>
      plain(`  ${minute(at)} ${formatMoney(amount, 'en')} of ${subjectId} ${ADJUSTMENT_WORDS[kind]}`),
    ),
    ...(steps.length > 0 ? [table(['status', 'when (UTC)', 'step', 'what', 'why'], steps)] : []),
    ...answersText(record.answers),
    ...journalText(record.journal, record.journalPages ?? 0),
  ].join('\n');
};

/** A customer as a person reads it: what is open with every step, then what was closed. */
export const printedCase = (
  explained: Explanation,
  { customer, closed, adjustments }: CustomerFile,
  where: string,
): string =>
  [
    plain(`${explained.key} in ${where}, version ${explained.version}`),
    headText(explained).join('\n'),
    ...explained.invoices.map(invoiceText),
    ...explained.notices.map(noticeText),
    ...answersText(customer.recovery.answers),
    ...mailsText(customer),
    ...journalText(customer.recovery.journal, customer.recovery.journalPages),
    ...closed.map((record) => closedText(record, adjustments)),
  ].join('\n\n');

const run = async (id: string, options: Options): Promise<void> => {
  const policy = await loadPolicy(undefined);
  const connections = await connectionsOf(options);
  await withStore(options, async (target) => {
    const key = await findCustomer(target, id, connections);
    const now = target.now();
    const file = await readCustomer(target.store, key, now);
    const explained = explain(file.customer, policy, now);
    const { closed, adjustments } = file;
    const { journal, answers } = file.customer.recovery;
    console.log(
      options.json
        ? asJson({ where: target.where, ...explained, answers, journal, closed, adjustments })
        : printedCase(explained, file, target.where),
    );
  });
};

/** The command, ready to be added to the program. */
export const caseCommand = (): Command =>
  withStoreOptions(new Command('case'))
    .description('Explains one customer: every step with its rule, the money, what comes next, the journal.')
    .argument('<id>', 'a customer’s id, cus_… or stripe/cus_…; on this machine also an invoice’s, in_…')
    .option('--json', 'print everything as JSON')
    .action(run);
