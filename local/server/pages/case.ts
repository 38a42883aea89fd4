// One case: its invoices and their money, what was done and what was not and why, what comes next, the mails, the journal.
import { html } from 'hono/html';
import { splitKey } from '../../../core/ids.ts';
import { newestAttempt, promisedAttempt, readDecline } from '../../../core/recovery/agenda.ts';
import {
  addressesOf,
  contactOf,
  isUnreachable,
  type Answer,
  type AnswerKind,
  type Customer,
  type InvoiceBook,
} from '../../../core/recovery/customer.ts';
import { ADJUSTMENT_WORDS, caseOutcome } from '../../../core/reports/outcome.ts';
import type { Instant } from '../../../core/time.ts';
import type { BookedCase } from '../books.ts';
import { forecast, type Forecast } from '../forecast.ts';
import type { LocalSystem } from '../system.ts';
import { badge } from './cases.ts';
import { page, type Markup } from './layout.ts';
import { deliveryPart, mailsTable } from './outbox.ts';
import { amount, dateAndTime, distance, nextWords, plural, stepWords } from './words.ts';

const moment = (at: Instant): Markup => html`<time datetime="${at}">${dateAndTime(at)}</time>`;

const nextPart = (next: Forecast | null, closedAt: Instant | null, now: Instant): Markup => {
  if (next === null) {
    return html`<p>
      The case is closed${closedAt ? html` since ${moment(closedAt)}` : null}. Nothing follows. Money that
      comes later or leaves again is added to its books.
    </p>`;
  }
  return html`<p class="next">
      <strong>${nextWords(next)}</strong>
      ${next.at === null ? null : html`<span>${moment(next.at)} · ${distance(next.at, now)}</span>`}
    </p>
    <p>Why: ${next.why}</p>
    <p class="hint">A dry run of the plan on what is known now. A payment or any other news changes it.</p>`;
};

/** Why an open invoice fails, with which card, and when the provider will really try again. */
const failureOf = (book: InvoiceBook, customer: Customer | null, now: Instant): Markup | null => {
  const invoice = customer?.facts.invoices[book.invoiceId];
  if (!customer || !invoice || book.outcome !== 'open') return null;
  const card = newestAttempt(customer.facts, invoice.id)?.card ?? null;
  const reading = readDecline(customer.facts, invoice);
  const next = promisedAttempt(invoice, reading, now);
  const told = [
    `${reading.because.replaceAll('_', ' ')} (${reading.class.replaceAll('_', ' ')})`,
    card && `${card.brand ?? 'card'} ending in ${card.last4 ?? '????'}`,
    `tried ${plural(invoice.schedule.value.attemptCount, 'time')}`,
    next ? `the provider tries again on ${dateAndTime(next)}` : 'no further try will come',
  ];
  return html`<small>${told.filter(Boolean).join(' · ')}</small>`;
};

const MONEY = [
  ['Failed', 'failedMinor'],
  ['Recovered', 'recoveredMinor'],
  ['Withdrawn', 'withdrawnMinor'],
  ['Lost', 'lostMinor'],
  ['Open', 'openMinor'],
] as const;

const invoicesTable = ({ record, customer }: BookedCase, now: Instant): Markup =>
  html`<table class="stacked">
    <thead>
      <tr>
        <th scope="col">Invoice</th>
        ${MONEY.map(([name]) => html`<th scope="col" class="number">${name}</th>`)}
        <th scope="col">Outcome</th>
        <th scope="col">Why</th>
      </tr>
    </thead>
    <tbody>
      ${record.invoices.map(
        (book) =>
          html`<tr>
            <th scope="row" data-label="Invoice">
              <bdi>${customer?.facts.invoices[book.invoiceId]?.details.value.number ?? book.subjectId}</bdi>
              ${failureOf(book, customer, now)}
            </th>
            ${MONEY.map(
              ([name, field]) =>
                html`<td class="number ${book[field] === 0 ? 'none' : ''}" data-label="${name}">
                  ${amount({ minor: book[field], currency: book.currency })}
                </td>`,
            )}
            <td data-label="Outcome">${badge(book.outcome)}</td>
            <td data-label="Why">${book.why}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

/** What came in or left again since: the table of invoices has late payments in it, and nothing of the rest. */
const movedList = ({ adjustments }: BookedCase): Markup =>
  html`<ul>
    ${adjustments.map(
      ({ at, amount: moved, subjectId, kind }) =>
        html`<li>${moment(at)} · ${amount(moved)} of <bdi>${subjectId}</bdi> ${ADJUSTMENT_WORDS[kind]}</li>`,
    )}
  </ul>`;

const deliveryOf = (customer: Customer | null, subjectId: string, stepId: string): Markup | null => {
  const told = deliveryPart(customer, { subjectId, stepId });
  return told && html`<small>The mail: ${told}</small>`;
};

const stepsTable = ({ record, customer }: BookedCase): Markup => {
  if (record.steps.length === 0) return html`<p class="empty">No step has been taken yet.</p>`;
  const steps = [...record.steps].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return html`<table class="stacked">
    <thead>
      <tr>
        <th scope="col">Step</th>
        <th scope="col">When</th>
        <th scope="col">Status</th>
        <th scope="col">Why</th>
      </tr>
    </thead>
    <tbody>
      ${steps.map(
        (step) =>
          html`<tr>
            <th scope="row" data-label="Step">
              ${stepWords(step.kind, step.message, step.id)}
              <small><bdi>${step.id} of ${step.subjectId}</bdi></small>
            </th>
            <td data-label="When">${moment(step.at)}</td>
            <td data-label="Status">
              <span class="status ${step.status}">${step.status}</span>
              ${deliveryOf(customer, step.subjectId, step.id)}
            </td>
            <td data-label="Why">${step.why}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
};

const ANSWER_WORDS: Readonly<Record<AnswerKind, string>> = {
  too_expensive: 'Too expensive',
  not_using: 'Does not use it',
  promise: 'Will pay',
  wrong_person: 'Wrong person',
  other: 'Something else',
};

type Told = Omit<Answer, 'text'> & Partial<Pick<Answer, 'text'>>;

const answerWords = ({ kind, promisedDay }: Told): Markup =>
  html`${ANSWER_WORDS[kind]}${promisedDay === null ? '' : html` on <time>${promisedDay}</time>`}`;

const consequenceOf = ({ kind, held }: Told): string => {
  if (kind !== 'promise') return 'Stops nothing by itself: it is for you to act on';
  return held ? 'Became a hold until the end of that day' : 'Holds nothing back: a hold is for you to decide';
};

/** What the customer told on their page; their own words are there only while the case is open. */
const answersTable = (answers: readonly Told[]): Markup =>
  html`<table class="stacked">
    <thead>
      <tr>
        <th scope="col">Answer</th>
        <th scope="col">When</th>
        <th scope="col">In their words</th>
        <th scope="col">What it does</th>
      </tr>
    </thead>
    <tbody>
      ${answers.map(
        (told) =>
          html`<tr>
            <th scope="row" data-label="Answer">${answerWords(told)}</th>
            <td data-label="When">${moment(told.at)}</td>
            <td data-label="In their words" class="words">
              ${
                told.text
                  ? html`<bdi>${told.text}</bdi>`
                  : html`<span class="none">${told.text === undefined ? 'not kept' : 'none'}</span>`
              }
            </td>
            <td data-label="What it does">${consequenceOf(told)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

const journalList = ({ record }: BookedCase): Markup =>
  record.journal.length === 0
    ? html`<p class="empty">Nothing is written yet.</p>`
    : html`<ol class="journal">
        ${record.journal.map(
          (entry) =>
            html`<li>
              ${moment(entry.at)}
              <span
                ><strong>${entry.what}</strong>:
                ${entry.why}${entry.count > 1 ? ` (${entry.count} ×)` : ''}</span
              >
            </li>`,
        )}
      </ol>`;

const section = (id: string, title: string, body: Markup): Markup =>
  html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;

/** Every address that is written to, and which of them no mail goes to any more. */
const addressesPart = (customer: Customer | null, sentTo: string | undefined): Markup => {
  const known = customer ? addressesOf(customer.facts) : [];
  if (!customer || known.length === 0) return html`<bdi>${sentTo ?? 'no e-mail address'}</bdi>`;
  return html`${known.map(
    (address, i) =>
      html`${i > 0 ? html`<br />` : ''}<bdi>${address}</bdi>${
        isUnreachable(customer.facts, address)
          ? html`<small>No mail goes there: one came back, or its reader complained</small>`
          : ''
      }`,
  )}`;
};

/** The page of one case. */
export const casePage = (system: LocalSystem, booked: BookedCase): Markup => {
  const { record, customer } = booked;
  const now = system.now();
  const contact = customer && contactOf(customer.facts);
  const { connection, customerId } = splitKey(record.key);
  const mails = system.mails
    .map((mail, i) => ({ mail, number: i + 1 }))
    .filter(({ mail }) => mail.caseId === record.id && mail.customerKey === record.key);
  const name = contact?.name ?? contact?.email ?? mails[0]?.mail.to ?? customerId;
  const answers: readonly Told[] = customer?.recovery.answers ?? record.answers;
  const outcome = caseOutcome(record.invoices.map((book) => book.outcome));
  const next = customer && forecast(customer, system.policy, now);
  const body = html`<p class="crumbs"><a href="/cases">Cases</a></p>
    <h1><bdi>${name}</bdi> ${badge(outcome)}</h1>
    <dl class="facts">
      <div>
        <dt>E-mail</dt>
        <dd>${addressesPart(customer, mails[0]?.mail.to)}</dd>
      </div>
      <div>
        <dt>Customer</dt>
        <dd><code>${connection}/${customerId}</code></dd>
      </div>
      <div>
        <dt>Case</dt>
        <dd><code>${record.id}</code></dd>
      </div>
      <div>
        <dt>Opened</dt>
        <dd>${moment(record.openedAt)}</dd>
      </div>
      ${
        record.closedAt
          ? html`<div>
              <dt>Closed</dt>
              <dd>${moment(record.closedAt)}</dd>
            </div>`
          : null
      }
    </dl>
    ${section('next', 'What comes next', nextPart(next, record.closedAt, now))}
    ${answers.length > 0 ? section('answers', 'Told by the customer', answersTable(answers)) : null}
    ${section('invoices', 'Invoices', invoicesTable(booked, now))}
    ${booked.adjustments.length > 0 ? section('moved', 'Money since then', movedList(booked)) : null}
    ${section('steps', 'Steps', stepsTable(booked))}
    ${section('mails', 'Mails', mails.length > 0 ? mailsTable(mails) : html`<p class="empty">No mail was sent.</p>`)}
    ${section('journal', 'Journal', journalList(booked))}`;
  return page(system, { title: name, here: null, body });
};
