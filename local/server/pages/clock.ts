// The clock: what time it is, and how to move it on.
import { html } from 'hono/html';
import type { LocalSystem, Moved } from '../system.ts';
import { page, type Markup } from './layout.ts';
import { dateAndTime, plural } from './words.ts';

const STEPS = [
  ['1h', '1 hour'],
  ['1d', '1 day'],
  ['3d', '3 days'],
  ['1w', '1 week'],
] as const;

const moveForms = (system: LocalSystem, origin: string): Markup => {
  const now = system.now();
  return html`<section aria-labelledby="move">
      <h2 id="move">Move it on</h2>
      <p class="hint">
        Everything due on the way happens, in order and at its own moment. It never goes back.
      </p>
      <form method="post" action="/clock" class="buttons">
        ${STEPS.map(([value, label]) => html`<button name="advance" value="${value}">+ ${label}</button>`)}
      </form>
      <form method="post" action="/clock" class="to">
        <label for="to">Or to this time (UTC)</label>
        <input
          id="to"
          type="datetime-local"
          name="to"
          required
          min="${now.slice(0, 16)}"
          value="${now.slice(0, 16)}"
        />
        <button>Move</button>
      </form>
    </section>
    <section aria-labelledby="program">
      <h2 id="program">From a program</h2>
      <pre tabindex="0">curl ${origin}/clock -H 'content-type: application/json' -d '{"advance":"3d"}'</pre>
      <p class="hint">
        <code>advance</code> takes <code>90m</code>, <code>12h</code>, <code>3d</code> or <code>2w</code>;
        <code>to</code> takes a time such as <code>${now.slice(0, 10)}T18:00:00Z</code>.
      </p>
    </section>`;
};

const demoEnd = ({ demo, now }: LocalSystem): Markup | null =>
  demo === null
    ? null
    : html`<p>
        ${
          now() > demo.until
            ? html`The demonstration’s own payments ended on ${dateAndTime(demo.until)}. Stop the server and
              delete its data folder to begin anew.`
            : html`New payments of the demonstration come in until ${dateAndTime(demo.until)}.`
        }
      </p>`;

/** What a request to move the clock came to, told at the top of the page. */
export type ClockNotice = { readonly kind: 'refused'; readonly why: string } | Moved | null;

const told = (notice: ClockNotice): Markup | null => {
  if (notice === null) return null;
  if (notice.kind === 'refused') return html`<p class="error" role="alert">${notice.why}</p>`;
  return html`<p class="moved" role="status">
    Moved to ${dateAndTime(notice.to)}. <a href="/outbox">${plural(notice.mails, 'mail')}</a> went out on the
    way.
  </p>`;
};

/** The page of the clock. */
export const clockPage = (system: LocalSystem, origin: string, notice: ClockNotice): Markup => {
  const now = system.now();
  const body = html`<h1>Clock</h1>
    ${told(notice)}
    <p class="big-time"><time datetime="${now}">${dateAndTime(now)}</time> UTC</p>
    ${demoEnd(system)}
    ${
      system.kind === 'demo'
        ? moveForms(system, origin)
        : html`<p>This is the machine’s own time. It cannot be moved while a real account is read.</p>`
    }`;
  return page(system, { title: 'Clock', here: 'clock', body, live: notice?.kind !== 'refused' });
};
