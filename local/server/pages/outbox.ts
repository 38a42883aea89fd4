// The outbox: every mail that would have been sent, and every charge and end that would have been asked for.
import { html } from 'hono/html';
import type { SentMail } from '../../../adapters/memory/outbox.ts';
import { deliveryName, type Customer, type Delivered } from '../../../core/recovery/customer.ts';
import type { DeliveryEvent } from '../../../core/recovery/fact.ts';
import { own } from '../../../core/recovery/merge.ts';
import type { Instant } from '../../../core/time.ts';
import { casePath } from '../books.ts';
import type { LocalSystem } from '../system.ts';
import { page, pager, type Markup } from './layout.ts';
import { dateAndTime, plural, stepWords } from './words.ts';
import { compare } from '../../../core/order.ts';

const PAGE_SIZE = 50;

/** A mail with its number in the outbox, from 1. */
export type Numbered = { readonly mail: SentMail; readonly number: number };

/** What the mail service tells, in words. Programs that look through mails for what is bad open and click as readers do. */
const DELIVERY_WORDS: Readonly<Record<DeliveryEvent, string>> = {
  sent: 'taken',
  delivered: 'delivered',
  delayed: 'delayed',
  opened: 'opened, by a reader or a program',
  clicked: 'clicked, by a reader or a program',
  bounced: 'came back',
  complained: 'the reader complained',
  rejected: 'rejected',
};

const inOrder = (delivered: Delivered) =>
  (Object.entries(delivered) as [DeliveryEvent, Instant][]).sort(([, a], [, b]) => compare(a, b));

/** What became of the mail of one step, as far as the mail service told; null = it told nothing. */
const deliveryPart = (
  customer: Customer | null,
  { subjectId, stepId }: { readonly subjectId: string; readonly stepId: string },
): Markup | null => {
  const delivered = customer && own(customer.facts.deliveries, deliveryName(subjectId, stepId));
  if (!delivered) return null;
  return html`${inOrder(delivered).map(
    ([event, at], i) =>
      html`${i > 0 ? ' · ' : ''}${DELIVERY_WORDS[event]} <time datetime="${at}">${dateAndTime(at)}</time>`,
  )}`;
};

/** A list of mails, each with a link to it. */
const mailsTable = (mails: readonly Numbered[]): Markup =>
  html`<table class="stacked">
    <thead>
      <tr>
        <th scope="col">Subject</th>
        <th scope="col">To</th>
        <th scope="col">Message</th>
        <th scope="col">Sent</th>
      </tr>
    </thead>
    <tbody>
      ${mails.map(
        ({ mail, number }) =>
          html`<tr>
            <th scope="row" data-label="Subject">
              <a href="/outbox/${number}"><bdi>${mail.subject}</bdi></a>
            </th>
            <td data-label="To"><bdi>${mail.to}</bdi></td>
            <td data-label="Message">
              ${stepWords('email', mail.message, mail.stepId).replace('Mail: ', '')}
            </td>
            <td data-label="Sent"><time datetime="${mail.at}">${dateAndTime(mail.at)}</time></td>
          </tr>`,
      )}
    </tbody>
  </table>`;

const withheldPart = ({ withheld }: LocalSystem): Markup | null =>
  withheld.length === 0
    ? null
    : html`<section aria-labelledby="withheld">
        <h2 id="withheld">Would have been asked of the provider</h2>
        <p class="hint">
          The local server changes nothing at the provider. This is what the cloud would have done.
        </p>
        <table class="stacked">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">When</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            ${[...withheld]
              .reverse()
              .slice(0, PAGE_SIZE)
              .map(
                (entry) =>
                  html`<tr>
                    <th scope="row" data-label="What">
                      <a href="${casePath(entry.customerKey, entry.caseId)}"
                        ><bdi>would have ${entry.words}</bdi></a
                      >
                    </th>
                    <td data-label="When"><time datetime="${entry.at}">${dateAndTime(entry.at)}</time></td>
                    <td data-label="Why">${entry.why}</td>
                  </tr>`,
              )}
          </tbody>
        </table>
      </section>`;

/** What the business itself was told: at hand, and out of the way of what customers read. */
const toldPart = ({ told }: LocalSystem): Markup | null =>
  told.length === 0
    ? null
    : html`<section aria-labelledby="told">
        <h2 id="told">Told to you, the operator</h2>
        <p class="hint">What steps of kind notify send: a mail to your address, or a post to your webhook.</p>
        ${[...told]
          .reverse()
          .slice(0, PAGE_SIZE)
          .map(
            (one) =>
              html`<details>
                <summary>
                  <bdi>${one.subject}</bdi>${one.email === null ? null : html`, to <bdi>${one.email}</bdi>`},
                  <time datetime="${one.at}">${dateAndTime(one.at)}</time>
                </summary>
                <p><a href="${casePath(one.customerKey, one.caseId)}">The case</a></p>
                <pre class="mail-text">${one.text}</pre>
              </details>`,
          )}
      </section>`;

/** The page of the outbox, the newest mail first. */
export const outboxPage = (system: LocalSystem, wanted: number): Markup => {
  const all = system.mails.map((mail, i): Numbered => ({ mail, number: i + 1 })).reverse();
  const pages = Math.max(1, Math.ceil(all.length / PAGE_SIZE));
  const at = Math.min(wanted, pages);
  const shown = all.slice((at - 1) * PAGE_SIZE, at * PAGE_SIZE);
  const body = html`<h1>Outbox</h1>
    <p>${plural(all.length, 'mail')}, the newest first.</p>
    ${withheldPart(system)} ${toldPart(system)}
    <section aria-labelledby="mails">
      <h2 id="mails">Mails</h2>
      ${shown.length > 0 ? mailsTable(shown) : html`<p class="empty">No mail yet.</p>`}
      ${pager(at, pages, (to) => (to > 1 ? `/outbox?page=${to}` : '/outbox'))}
    </section>`;
  return page(system, { title: 'Outbox', here: 'outbox', body, live: true });
};

/** The page of one mail: headers, how it looks, and its plain text. */
export const mailPage = (system: LocalSystem, { mail, number }: Numbered): Markup => {
  const headers: readonly (readonly [string, string])[] = [
    ['From', `${mail.from.name} <${mail.from.email}>`],
    ['To', mail.to],
    ['Reply-To', mail.replyTo],
    ['Subject', mail.subject],
    ['Language', mail.language],
    ['Message', mail.message],
    ['Message id', mail.messageId],
  ];
  const delivery = deliveryPart(system.books.find(mail.customerKey, mail.caseId)?.customer ?? null, mail);
  const body = html`<p class="crumbs"><a href="/outbox">Outbox</a></p>
    <h1><bdi>${mail.subject}</bdi></h1>
    <dl class="facts headers">
      <div>
        <dt>Sent</dt>
        <dd><time datetime="${mail.at}">${dateAndTime(mail.at)}</time></dd>
      </div>
      ${headers.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd><bdi>${value}</bdi></dd>
          </div>`,
      )}
      ${
        delivery &&
        html`<div>
          <dt>The mail service told</dt>
          <dd>${delivery}</dd>
        </div>`
      }
      <div>
        <dt>Case</dt>
        <dd>
          <a href="${casePath(mail.customerKey, mail.caseId)}"><code>${mail.caseId}</code></a>
        </dd>
      </div>
    </dl>
    <section aria-labelledby="html">
      <h2 id="html">As it looks</h2>
      <iframe class="mail" src="/outbox/${number}/html" sandbox title="The mail as HTML"></iframe>
    </section>
    <section aria-labelledby="text">
      <h2 id="text">As plain text</h2>
      <pre class="mail-text">${mail.text}</pre>
    </section>`;
  return page(system, { title: mail.subject, here: 'outbox', body });
};
