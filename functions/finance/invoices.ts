// Every total opens the list of invoices under it: which total is asked for, and where its list goes on.
import * as v from 'valibot';
import type { CustomerKey } from '../../core/ids.ts';
import { totalOf, type RowPlace } from '../../core/reports/totals.ts';
import { addMs, monthOf, type Instant } from '../../core/time.ts';
import { listInvoices, type TotalQuery } from '../../core/workflows/list-invoices.ts';
import type { HttpResult } from '../middleware.ts';
import { invoicesAnswer } from './answers.ts';
import { cursorOf, partsOf } from './cursor.ts';
import { reportQuery } from './period.ts';
import { faultOf } from './codes.ts';
import { invalid, parsed } from './problem.ts';
import { json, type Asked, type FinanceDeps } from './route.ts';
import { AGES, INVOICES_QUERY } from './shapes.ts';

const PLACE = v.tuple([v.string(), v.pipe(v.number(), v.safeInteger()), v.string(), v.string(), v.string()]);

const placeOf = (after: string): RowPlace => {
  const [currency, minor, key, caseId, subjectId] = partsOf(PLACE, after);
  return { currency, minor, key: key as CustomerKey, caseId, subjectId };
};

const cursorTo = ({ currency, minor, key, caseId, subjectId }: RowPlace): string =>
  cursorOf([currency, minor, key, caseId, subjectId]);

/** What `value` breaks, for each of what it can name. */
const WRONG_VALUE = {
  cause: faultOf('value', 'value_needed', 'a cause, such as new_card'),
  mail: faultOf('value', 'value_needed', 'a mail as the report names it, such as reminder-1 (reminder)'),
  reason: faultOf('value', 'value_needed', 'the reason as the report has it'),
  answer: faultOf('value', 'value_needed', 'an answer, such as too_expensive'),
  group: faultOf('value', 'value_needed', 'a value of the groups of the report'),
  age: faultOf('value', 'value_age', AGES.join(', ')),
  month: faultOf('value', 'value_month'),
} as const;

const MONTH = /^\d{4}-\d{2}$/;

type Period = Pick<TotalQuery, 'from' | 'to'>;

/** What else a value has to be besides some text. */
const IS_TOLD: Readonly<Record<string, (value: string, period: Period) => boolean>> = {
  age: (value) => AGES.some((name) => name === value),
  month: (value, { from, to }) =>
    MONTH.test(value) && value >= monthOf(from) && value <= monthOf(addMs(to, -1)),
};

/** The value that a total asks for, checked; empty for one that asks for none, or for all months. Throws a {@link ProblemError}. */
const valueIn = ({ total, value }: v.InferOutput<typeof INVOICES_QUERY>, period: Period): string => {
  const { valueIs } = totalOf(total);
  if (valueIs === null) {
    if (value !== undefined) throw invalid('query', faultOf('value', 'value_unwanted'));
    return '';
  }
  // Money that moved is asked for of a month, or of all months of the period.
  if (valueIs === 'month' && value === undefined) return '';
  const isTold = IS_TOLD[valueIs] ?? (() => true);
  if (value === undefined || !isTold(value, period)) throw invalid('query', WRONG_VALUE[valueIs]);
  return value;
};

const queryOf = (asked: v.InferOutput<typeof INVOICES_QUERY>, now: Instant): TotalQuery => {
  const query = reportQuery({ ...asked, months: 12 }, now);
  return { ...query, total: asked.total, value: valueIn(asked, query) };
};

/** A page of the invoices under a total. */
export const invoices = async (deps: FinanceDeps, { query, now }: Asked): Promise<HttpResult> => {
  const asked = parsed(INVOICES_QUERY, query, 'query');
  const { after, limit } = asked;
  const place = { after: after === undefined ? null : placeOf(after), limit };
  const page = await listInvoices(deps.store, queryOf(asked, now), place, now);
  return json(invoicesAnswer(page, page.next && cursorTo(page.next)));
};
