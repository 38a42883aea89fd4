// The frame of every page: its head, the way around, what kind of data this is, and what the clock is busy with.
import { html } from 'hono/html';
import type { Instant } from '../../../core/time.ts';
import { toMs } from '../../../core/time.ts';
import { CASES_PATH } from '../books.ts';
import type { Activity, LocalSystem } from '../system.ts';
import { dateAndTime, plural } from './words.ts';

/** Markup in which everything from outside has been escaped. */
export type Markup = ReturnType<typeof html>;

export type PageOptions = {
  readonly title: string;
  readonly here: 'outbox' | 'preview' | 'clock' | null;
  readonly body: Markup;
  /** Loads the page again while the clock is busy, so that progress is seen. */
  readonly live?: boolean;
};

const LINKS = [
  ['cases', CASES_PATH, 'Cases'],
  ['outbox', '/outbox', 'Outbox'],
  ['preview', '/preview', 'Preview'],
  ['clock', '/clock', 'Clock'],
] as const;

const dayOf = (from: Instant, at: Instant): number =>
  Math.max(0, Math.floor((toMs(at) - toMs(from)) / 86_400_000));

const DOING: Readonly<Record<Activity['what'], string>> = {
  loading: 'Loading the demonstration',
  'catching up': 'Catching up with the time that has passed',
  moving: 'Moving the clock',
};

/** How far a long activity is: "Loading the demonstration: day 12 of 30". */
export const progressOf = (activity: Activity, now: Instant): string => {
  const days = dayOf(activity.from, activity.to);
  const far = days === 0 ? `to ${dateAndTime(activity.to)}` : `day ${dayOf(activity.from, now)} of ${days}`;
  return `${DOING[activity.what]}: ${far}`;
};

const progress = (system: LocalSystem): Markup | null => {
  const activity = system.activity();
  if (!activity) return null;
  const whole = Math.max(1, toMs(activity.to) - toMs(activity.from));
  const share = Math.min(100, Math.round((100 * (toMs(system.now()) - toMs(activity.from))) / whole));
  return html`<div class="progress" role="status">
    <span>${progressOf(activity, system.now())}</span>
    <progress max="100" value="${share}" aria-label="Progress">${share} %</progress>
  </div>`;
};

const sending = ({ sendsTo }: LocalSystem): Markup =>
  sendsTo === null
    ? html`No mail is sent.`
    : html`Mails to <bdi>${sendsTo}</bdi> are really sent, and to nobody else.`;

const notice = (system: LocalSystem): Markup =>
  system.kind === 'demo'
    ? html`<p class="notice">
        <strong>Demonstration data.</strong> Every customer, payment and mail here is invented. Nothing is
        charged. ${sending(system)}
      </p>`
    : html`<p class="notice">
        <strong>Your Stripe account, read only.</strong> Nothing is changed at Stripe: charges and
        cancellations are only noted in the <a href="/outbox">outbox</a>. ${sending(system)}
      </p>`;

const troubles = (system: LocalSystem): Markup | null => {
  const last = system.troubles.at(-1);
  if (last === undefined) return null;
  return html`<details class="trouble">
    <summary>${plural(system.troubles.length, 'piece')} of trouble, the last: ${last}</summary>
    <ul>
      ${system.troubles.map((line) => html`<li>${line}</li>`)}
    </ul>
  </details>`;
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

/** A whole page. */
export const page = (system: LocalSystem, { title, here, body, live = false }: PageOptions): Markup => {
  const now = system.now();
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${live && system.activity() ? html`<meta http-equiv="refresh" content="1" />` : null}
        <title>${title} · Recoup</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <div class="bar">
            <a class="brand" href="/">Recoup</a>
            <nav aria-label="Main">
              ${LINKS.map(
                ([name, href, label]) =>
                  html`<a href="${href}" ${name === here ? html`aria-current="page"` : null}>${label}</a>`,
              )}
            </nav>
            <a class="now" href="/clock" aria-label="The clock shows ${dateAndTime(now)} UTC">
              <time datetime="${now}">${dateAndTime(now)}</time> UTC
            </a>
          </div>
        </header>
        <main id="main">${notice(system)} ${progress(system)} ${troubles(system)} ${body}</main>
      </body>
    </html>`;
};
