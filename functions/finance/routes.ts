// The routes of the finance API as a table: what each takes, who may call it, and what it answers.
import * as v from 'valibot';
import { oneLine } from '../../adapters/email/inert.ts';
import { reportWorkbook } from '../../adapters/xlsx/workbook.ts';
import { customerKey, type CustomerKey } from '../../core/ids.ts';
import { invoicesCsv } from '../../core/reports/csv.ts';
import type { Period } from '../../core/reports/period.ts';
import { addMs, type Instant } from '../../core/time.ts';
import {
  listCases,
  olderPagesOf,
  readCaseFile,
  readOlderPage,
  type CaseFile,
  type CasePlace,
} from '../../core/workflows/list-cases.ts';
import { readCohorts } from '../../core/workflows/read-cohorts.ts';
import { onlyOf, readReport, readReportWithRows } from '../../core/workflows/read-report.ts';
import type { HttpResult } from '../middleware.ts';
import { ACTION_NAMES, ACTIONS, type ActionName } from './actions.ts';
import { caseAnswer, caseLine, cohortsAnswer, journalPageAnswer, reportAnswer } from './answers.ts';
import { cursorOf, partsOf } from './cursor.ts';
import { healthAnswer } from './health.ts';
import { invoices } from './invoices.ts';
import { askedPeriod, casesPeriod, reportQuery } from './period.ts';
import { policyAnswer } from './policy-answer.ts';
import { HEADERS, parsed, ProblemError } from './problem.ts';
import { json, plainRoute, READS, type Asked, type FinanceDeps, type Route } from './route.ts';
import * as shapes from './shapes.ts';

/** Lambda answers with 6 MB at most. */
const MAX_ANSWER_BYTES = 5_500_000;

const file = (type: string, name: string, bytes: Uint8Array): HttpResult => {
  const body = Buffer.from(bytes).toString('base64');
  if (body.length > MAX_ANSWER_BYTES) {
    throw new ProblemError(
      'file_too_large',
      'the file would be too large to be answered: ask for a shorter period, or use "npx recoup report"',
    );
  }
  return {
    statusCode: 200,
    headers: { ...HEADERS, 'content-type': type, 'content-disposition': `attachment; filename="${name}"` },
    isBase64Encoded: true,
    body,
  };
};

const nameOf = ({ from, to }: Period, ending: string): string =>
  `recoup-${from.slice(0, 10)}-${addMs(to, -1).slice(0, 10)}.${ending}`;

const keyOf = ({ connections }: FinanceDeps, { parts }: Asked): CustomerKey => {
  const shape = v.object({ connection: shapes.PATH_PARTS.connection, customer: shapes.PATH_PARTS.customer });
  const { connection, customer } = parsed(shape, parts, 'path');
  if (connections.includes(connection)) return customerKey(connection, customer);
  throw new ProblemError(
    'no_connection',
    `there is no connection of that name: there is ${connections.join(', ')}`,
  );
};

const PLACE = v.tuple([v.pipe(v.string(), v.isoTimestamp()), v.string(), v.string()]);

const placeOf = (after: string): CasePlace => {
  const [openedAt, id, key] = partsOf(PLACE, after);
  return { openedAt: openedAt as Instant, id, key: key as CustomerKey };
};

const cursorTo = ({ openedAt, id, key }: CasePlace): string => cursorOf([openedAt, id, key]);

const keysMeant = (id: string, { connections }: FinanceDeps): readonly CustomerKey[] => {
  const [name = '', connection] = id.split('/').reverse();
  return connections.filter((one) => (connection ?? one) === one).map((one) => customerKey(one, name));
};

const cases = async (deps: FinanceDeps, { query, now }: Asked): Promise<HttpResult> => {
  const asked = parsed(shapes.CASES_QUERY, query, 'query');
  const { customer, invoice, outcome, currency, limit, after } = asked;
  const page = await listCases(
    deps.store,
    {
      ...casesPeriod(asked, now),
      outcome,
      currency,
      invoice,
      only: onlyOf(asked),
      customers: customer === undefined ? undefined : keysMeant(customer, deps),
    },
    { after: after === undefined ? null : placeOf(after), limit },
    now,
  );
  return json({ cases: page.cases.map(caseLine), next: page.next && cursorTo(page.next) });
};

/** The case that a path names. Throws a {@link ProblemError}. */
const fileOf = async (deps: FinanceDeps, asked: Asked): Promise<CaseFile> => {
  const key = keyOf(deps, asked);
  const { case: caseId } = parsed(v.object({ case: shapes.PATH_PARTS.case }), asked.parts, 'path');
  const found = await readCaseFile(deps.store, key, caseId, asked.now);
  if (found) return found;
  throw new ProblemError('no_case', 'there is no such case of this customer: look for it with GET /cases');
};

const oneCase = async (deps: FinanceDeps, asked: Asked): Promise<HttpResult> =>
  json(caseAnswer(await fileOf(deps, asked), deps, asked.person.role === 'operator', asked.now));

const olderJournal = async (deps: FinanceDeps, asked: Asked): Promise<HttpResult> => {
  const { page } = parsed(shapes.JOURNAL_QUERY, asked.query, 'query');
  const found = await fileOf(deps, asked);
  const lines = await readOlderPage(deps.store, found, page, asked.now);
  if (lines) return json(journalPageAnswer(found, page, lines));
  const pages = olderPagesOf(found);
  const why =
    pages === 0 ? 'it shows every line of its journal' : `it has ${pages} older pages of its journal`;
  throw new ProblemError('no_journal_page', `there is no such page of this case: ${why}`);
};

const report = async (deps: FinanceDeps, { query, now }: Asked): Promise<HttpResult> => {
  const asked = reportQuery(parsed(shapes.REPORT_QUERY, query, 'query'), now);
  return json(reportAnswer((await readReport(deps.store, asked, now)).report));
};

const cohorts = async (deps: FinanceDeps, { query, now }: Asked): Promise<HttpResult> => {
  const asked = parsed(shapes.COHORTS_QUERY, query, 'query');
  const meant = { ...askedPeriod(asked, now), currency: asked.currency, only: onlyOf(asked) };
  return json(cohortsAnswer(meant, await readCohorts(deps.store, meant, now), now));
};

const rowsQuery = (query: Asked['query'], now: Instant) =>
  reportQuery({ ...parsed(shapes.ROWS_QUERY, query, 'query'), by: 'decline', months: 12 }, now);

const asCsv = async (deps: FinanceDeps, { query, now }: Asked): Promise<HttpResult> => {
  const asked = rowsQuery(query, now);
  const { rows } = await readReportWithRows(deps.store, asked, now);
  return file(
    'text/csv; charset=utf-8; header=present',
    nameOf(asked, 'csv'),
    Buffer.from(invoicesCsv(rows)),
  );
};

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const asXlsx = async (deps: FinanceDeps, { query, now }: Asked): Promise<HttpResult> => {
  const asked = rowsQuery(query, now);
  const { report: figures, rows } = await readReportWithRows(deps.store, asked, now);
  return file(XLSX, nameOf(asked, 'xlsx'), await reportWorkbook(figures, rows, deps.where));
};

const actionRoute = (name: ActionName): [string, Route] => [
  `POST /customers/{connection}/{customer}/${name}`,
  {
    role: 'operator',
    id: name,
    does: ACTIONS[name].does,
    query: {},
    parts: ['connection', 'customer'],
    body: shapes.BODIES[name],
    example: shapes.EXAMPLES[name],
    answers: 'Done',
    problems: [400, 404, 409, 413, 415, 422],
    answer: async (deps, asked) => {
      parsed(shapes.NO_QUERY, asked.query, 'query');
      const key = keyOf(deps, asked);
      // TypeScript cannot follow through an index that each action is given the body of its own schema.
      const schema = shapes.BODIES[name] as unknown as v.GenericSchema<
        unknown,
        { note: string; ifVersion?: number }
      >;
      const body = parsed(schema, asked.body(), 'body');
      // A note of nothing but invisible characters says nothing.
      const note = parsed(shapes.NOTE, oneLine(body.note), 'note');
      const by = { who: oneLine(asked.person.who), note, ifVersion: body.ifVersion ?? null };
      const done = await ACTIONS[name].run(deps, key, body as never, by, asked.now);
      if (done.kind === 'refused') throw new ProblemError(done.code, `${done.why}; nothing was changed`);
      return json({
        connection: asked.parts['connection'],
        customer: asked.parts['customer'],
        version: done.version,
        told: done.told,
      });
    },
  },
];

/** Every route by method and path, as API Gateway names them. The one that answers with the document is made beside it. */
export const ROUTES: Readonly<Record<string, Route>> = {
  'GET /me': plainRoute(
    { id: 'me', does: 'Who is signed in, what they may do, and what is looked at.', answers: 'Me' },
    ({ connections, where, version }, { person: { who, role }, now }) => ({
      who,
      role,
      connections,
      where,
      now,
      version,
    }),
  ),
  'GET /health': plainRoute(
    {
      id: 'health',
      does: 'How the system stands: how late it is, and what waits for a person.',
      answers: 'Health',
    },
    (deps, { now }) => healthAnswer(deps, now),
  ),
  'GET /policy': plainRoute(
    { id: 'policy', does: 'The policy that is followed, every default filled in.', answers: 'Policy' },
    ({ policy }) => policyAnswer(policy),
  ),
  'GET /reports/recovery': {
    ...READS,
    id: 'report',
    does: 'What came back of the payments that failed in a period: figures with their denominators.',
    query: shapes.REPORT_QUERY.entries,
    answers: 'Report',
    problems: [400],
    answer: report,
  },
  'GET /reports/recovery.csv': {
    ...READS,
    id: 'report-csv',
    does: 'The invoices under a report as CSV (RFC 4180), safe to open in a spreadsheet.',
    query: shapes.ROWS_QUERY.entries,
    answers: 'text/csv',
    problems: [400, 422],
    answer: asCsv,
  },
  'GET /reports/recovery.xlsx': {
    ...READS,
    id: 'report-xlsx',
    does: 'The figures and the invoices under them as an Excel workbook.',
    query: shapes.ROWS_QUERY.entries,
    answers: XLSX,
    problems: [400, 422],
    answer: asXlsx,
  },
  'GET /reports/cohorts': {
    ...READS,
    id: 'cohorts',
    does: 'Months of failure beside each other: what came back of each, and by which day.',
    query: shapes.COHORTS_QUERY.entries,
    answers: 'Cohorts',
    problems: [400],
    answer: cohorts,
  },
  'GET /invoices': {
    ...READS,
    id: 'invoices',
    does: 'The invoices under one total of a report, the largest amounts first, a page at a time.',
    query: shapes.INVOICES_QUERY.entries,
    answers: 'Invoices',
    problems: [400],
    answer: invoices,
  },
  'GET /cases': {
    ...READS,
    id: 'cases',
    does: 'Cases, the newest first, a page at a time.',
    query: shapes.CASES_QUERY.entries,
    answers: 'Cases',
    problems: [400],
    answer: cases,
  },
  'GET /cases/{connection}/{customer}/{case}': {
    ...READS,
    id: 'case',
    does: 'Everything that is known of one case: money, steps with their rules, mails, what comes next.',
    query: {},
    parts: ['connection', 'customer', 'case'],
    answers: 'Case',
    problems: [400, 404],
    answer: oneCase,
  },
  'GET /cases/{connection}/{customer}/{case}/journal': {
    ...READS,
    id: 'case-journal',
    does: 'Older lines of the journal than those that a case shows, a page at a time.',
    query: shapes.JOURNAL_QUERY.entries,
    parts: ['connection', 'customer', 'case'],
    answers: 'JournalPage',
    problems: [400, 404],
    answer: olderJournal,
  },
  ...Object.fromEntries(ACTION_NAMES.map(actionRoute)),
};
