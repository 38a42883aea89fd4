// The list of cases: who, what is owed, how it stands, which step is next and why; and the sums by currency.
import { html } from 'hono/html';
import { splitKey } from '../../../core/ids.ts';
import { sumByCurrency } from '../../../core/money.ts';
import { readDecline } from '../../../core/recovery/agenda.ts';
import { contactOf, type Outcome } from '../../../core/recovery/customer.ts';
import { caseOutcome, totalsOf, type CaseTotals } from '../../../core/reports/outcome.ts';
import type { Instant } from '../../../core/time.ts';
import { casePath, type BookedCase } from '../books.ts';
import { createForecaster, type Forecast } from '../forecast.ts';
import type { LocalSystem } from '../system.ts';
import { page, type Markup } from './layout.ts';
import { amount, dateAndTime, distance, nextWords, OUTCOME_WORDS, OUTCOMES, plural } from './words.ts';
import { compare } from '../../../core/order.ts';

const PAGE_SIZE = 50;

/** What is shown of the list. */
export type CasesQuery = { readonly outcome: Outcome | null; readonly page: number };

type Row = {
  readonly booked: BookedCase;
  readonly outcome: Outcome;
  readonly next: Forecast | null;
};

export const badge = (outcome: Outcome): Markup =>
  html`<span class="badge ${outcome}">${OUTCOME_WORDS[outcome]}</span>`;

/** Open cases first, by what is due soonest; then the others, the last closed first. */
const inOrder = (a: Row, b: Row): number => {
  const [first, second] = [a.booked.record, b.booked.record];
  if (first.closedAt === null && second.closedAt === null) {
    return compare(a.next?.at ?? '9999', b.next?.at ?? '9999') || compare(first.id, second.id);
  }
  if (first.closedAt === null) return -1;
  if (second.closedAt === null) return 1;
  return compare(second.closedAt, first.closedAt) || compare(first.id, second.id);
};

/** The bar of one currency: what became of what failed. Drawn by attributes, for no inline style is allowed. */
const bar = (sums: CaseTotals): Markup => {
  const parts = (['recovered', 'withdrawn', 'lost', 'open'] as const).map((name) => ({
    name,
    share: sums.failed === 0 ? 0 : (100 * sums[name]) / sums.failed,
  }));
  let x = 0;
  return html`<svg class="bar-chart" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    ${parts.map(({ name, share }) => {
      const rect = html`<rect
        class="${name}"
        x="${x.toFixed(2)}"
        y="0"
        width="${share.toFixed(2)}"
        height="8"
      />`;
      x += share;
      return rect;
    })}
  </svg>`;
};

const totalsTable = (cases: readonly BookedCase[]): Markup => {
  const totals = Object.entries(totalsOf(cases.flatMap(({ record }) => record.invoices)));
  const columns = ['failed', 'recovered', 'withdrawn', 'lost', 'open'] as const;
  return html`<section>
    <h2 id="totals">Money by currency</h2>
    <p class="hint">Failed = recovered + withdrawn + lost + open, to the minor unit.</p>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="totals">
      <table class="totals">
        <thead>
          <tr>
            <th scope="col">Currency</th>
            ${columns.map(
              (name) =>
                html`<th scope="col" class="number">
                  <span class="key ${name}">${name === 'failed' ? 'Failed' : OUTCOME_WORDS[name]}</span>
                </th>`,
            )}
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          ${totals.map(
            ([currency, sums]) =>
              html`<tr>
                <th scope="row">${currency}</th>
                ${columns.map(
                  (name) =>
                    html`<td class="number ${sums[name] === 0 ? 'none' : ''}">
                      ${amount({ minor: sums[name], currency })}
                    </td>`,
                )}
                <td class="chart">${bar(sums)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
};

/** Who it is: the name while the case is open; afterwards only what its mails were addressed to. */
const whoOf = ({ record, customer }: BookedCase, addresses: ReadonlyMap<string, string>) => {
  const contact = customer && contactOf(customer.facts);
  const id = splitKey(record.key).customerId;
  const email = contact?.email ?? addresses.get(record.id) ?? null;
  return { name: contact?.name ?? email ?? id, detail: contact?.name ? (email ?? id) : id };
};

/** To whom the mails of each case went. */
const addressesOf = ({ mails }: LocalSystem): Map<string, string> =>
  new Map(mails.map((mail) => [mail.caseId, mail.to]));

const owed = ({ record }: BookedCase): Markup => {
  const sums = (minor: 'openMinor' | 'failedMinor') =>
    sumByCurrency(record.invoices.map((book) => ({ minor: book[minor], currency: book.currency }))).filter(
      (sum) => sum.minor > 0,
    );
  const [open, failed] = [sums('openMinor'), sums('failedMinor')];
  const list = (open.length > 0 ? open : failed).map((sum, i) => [i > 0 ? html`<br />` : null, amount(sum)]);
  return html`${list}${open.length > 0 ? null : html`<small>failed</small>`}${
    record.invoices.length > 1 ? html`<small>${plural(record.invoices.length, 'invoice')}</small>` : null
  }`;
};

const when = (at: Instant | null, now: Instant): Markup | null =>
  at === null
    ? null
    : html`<small><time datetime="${at}">${dateAndTime(at)}</time> · ${distance(at, now)}</small>`;

/** Why the oldest open payment fails, in the bank's own word. */
const failureOf = ({ record, customer }: BookedCase): Markup | null => {
  const book = record.invoices.find((one) => one.outcome === 'open');
  const invoice = book && customer?.facts.invoices[book.invoiceId];
  if (!customer || !invoice) return null;
  const reading = readDecline(customer.facts, invoice);
  return html`<small>the payment fails: ${reading.because.replaceAll('_', ' ')}</small>`;
};

const rowOf = (row: Row, now: Instant, addresses: ReadonlyMap<string, string>): Markup => {
  const { record } = row.booked;
  const { name, detail } = whoOf(row.booked, addresses);
  const settled = record.invoices.find((book) => book.outcome === row.outcome)?.why ?? '';
  return html`<tr>
    <th scope="row" data-label="Customer">
      <a href="${casePath(record.key, record.id)}"><bdi>${name}</bdi></a>
      <small><bdi>${detail}</bdi></small>
    </th>
    <td class="number" data-label="Owed">${owed(row.booked)}</td>
    <td data-label="Outcome">${badge(row.outcome)}</td>
    <td data-label="Next">
      ${row.next ? nextWords(row.next) : html`<span class="quiet">Closed</span>`}
      ${when(row.next ? row.next.at : record.closedAt, now)}
    </td>
    <td data-label="Why">${row.next?.why ?? settled} ${failureOf(row.booked)}</td>
  </tr>`;
};

const href = (outcome: Outcome | null, at: number): string => {
  const query = new URLSearchParams({ ...(outcome && { outcome }), ...(at > 1 && { page: String(at) }) });
  return query.size === 0 ? '/cases' : `/cases?${query.toString()}`;
};

const filters = (rows: readonly Row[], chosen: Outcome | null): Markup => {
  const counts = new Map<Outcome | null, number>([[null, rows.length]]);
  for (const { outcome } of rows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return html`<nav class="filters" aria-label="Filter by outcome">
    ${[null, ...OUTCOMES].map(
      (outcome) =>
        html`<a href="${href(outcome, 1)}" ${outcome === chosen ? html`aria-current="page"` : null}>
          ${outcome ? OUTCOME_WORDS[outcome] : 'All'} <span class="count">${counts.get(outcome) ?? 0}</span>
        </a>`,
    )}
  </nav>`;
};

/** Links to the page before and the page after. */
export const pager = (at: number, pages: number, link: (at: number) => string): Markup | null =>
  pages <= 1
    ? null
    : html`<nav class="pager" aria-label="Pages">
        ${at > 1 ? html`<a rel="prev" href="${link(at - 1)}">Previous</a>` : html`<span></span>`}
        <span>Page ${at} of ${pages}</span>
        ${at < pages ? html`<a rel="next" href="${link(at + 1)}">Next</a>` : html`<span></span>`}
      </nav>`;

const empty = (system: LocalSystem, chosen: Outcome | null): Markup => {
  if (system.activity()) return html`<p class="empty">The first cases appear in a moment.</p>`;
  if (chosen) return html`<p class="empty">No case is ${OUTCOME_WORDS[chosen].toLowerCase()}.</p>`;
  return html`<p class="empty">
    No payment has failed yet. Forward your events with
    <code>stripe listen --forward-to …/webhooks/stripe</code> and the first failure opens a case here.
  </p>`;
};

const table = (rows: readonly Row[], system: LocalSystem): Markup => {
  const now = system.now();
  const addresses = addressesOf(system);
  return html`<table class="cases stacked">
    <thead>
      <tr>
        <th scope="col">Customer</th>
        <th scope="col" class="number">Owed</th>
        <th scope="col">Outcome</th>
        <th scope="col">Next step</th>
        <th scope="col">Why</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => rowOf(row, now, addresses))}
    </tbody>
  </table>`;
};

/** Makes the page of the cases. */
export const createCasesPage = (system: LocalSystem): ((query: CasesQuery) => Markup) => {
  const foretell = createForecaster(system.policy);
  return (query) => {
    const now = system.now();
    const cases = system.books.all();
    const rows = cases
      .map((booked): Row => ({
        booked,
        outcome: caseOutcome(booked.record.invoices.map((book) => book.outcome)),
        next: booked.customer && foretell(booked.customer, now),
      }))
      .sort(inOrder);
    const shown = query.outcome ? rows.filter(({ outcome }) => outcome === query.outcome) : rows;
    const pages = Math.max(1, Math.ceil(shown.length / PAGE_SIZE));
    const at = Math.min(query.page, pages);
    const part = shown.slice((at - 1) * PAGE_SIZE, at * PAGE_SIZE);
    const body = html`<h1>Cases</h1>
      ${cases.length > 0 ? totalsTable(cases) : null}
      <section aria-labelledby="list">
        <h2 id="list">Who owes what</h2>
        ${filters(rows, query.outcome)}
        ${part.length > 0 ? table(part, system) : empty(system, query.outcome)}
        ${pager(at, pages, (to) => href(query.outcome, to))}
      </section>`;
    return page(system, { title: 'Cases', here: 'cases', body, live: true });
  };
};
