// The page of the preview: three choices, the mail as HTML and, beside it, as text.
import { html } from 'hono/html';
import { LANGUAGES, type Language, type MailText } from '../../../core/ports.ts';
import { SCENARIO_NAMES, type Scenario } from '../../mail-samples.ts';
import type { Shown } from '../preview.ts';
import type { LocalSystem } from '../system.ts';
import { page, type Markup } from './layout.ts';

/** What is looked at. */
export type Chosen = {
  readonly message: MailText;
  readonly language: Language;
  readonly scenario: Scenario;
};

/** As strict as that of the other pages, and besides one script of our own, which asks this server alone. */
export const PREVIEW_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Shows what is chosen at once, and the page again when something was saved. Without it both take a press. */
export const WATCH_SCRIPT = `const form = document.getElementById('choose');
form.addEventListener('change', () => form.requestSubmit());
const known = form.dataset.state;
for (;;) {
  try {
    const answer = await fetch('/preview/state?known=' + known);
    if ((await answer.json()).state !== known) location.reload();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
`;

const addressOf = (chosen: Chosen, path = '/preview'): string =>
  `${path}?${new URLSearchParams(chosen).toString()}`;

/** A language in its own words. */
const nameOf = (language: Language): string =>
  new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;

const choice = (
  name: keyof Chosen,
  label: string,
  options: readonly (readonly [value: string, words: string])[],
  chosen: Chosen,
): Markup =>
  html`<label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${options.map(
        ([value, words]) =>
          html`<option value="${value}" ${value === chosen[name] ? html`selected` : null}>${words}</option>`,
      )}
    </select>`;

const inWords = (name: string): string => name.replaceAll('-', ' ');

/** The choices before and after of each kind, for who goes through all of them without a script. */
const steps = (chosen: Chosen, texts: readonly MailText[]): Markup => {
  const at = texts.indexOf(chosen.message);
  const [before, after] = [texts[at - 1], texts[at + 1]];
  const link = (message: MailText | undefined, words: string) =>
    message === undefined
      ? null
      : html`<a href="${addressOf({ ...chosen, message })}">${words} ${inWords(message)}</a>`;
  return html`<p class="steps">${link(before, '←')} ${link(after, '→')}</p>`;
};

const shownPart = (chosen: Chosen, shown: Shown): Markup =>
  'fault' in shown
    ? html`<p class="error" role="alert">${shown.fault}</p>`
    : html`<p><bdi>${shown.mail.subject}</bdi></p>
        <div class="beside">
          <section aria-labelledby="html">
            <h2 id="html">As it looks</h2>
            <iframe
              class="mail"
              src="${addressOf(chosen, '/preview/html')}"
              sandbox
              title="The mail as HTML"
            ></iframe>
          </section>
          <section aria-labelledby="text">
            <h2 id="text">As plain text</h2>
            <pre class="mail-text" lang="${shown.mail.language}">${shown.mail.text}</pre>
          </section>
        </div>`;

/** The page; `texts` is all that can be looked at, and `state` names the folder as it was when it was read. */
export const previewPage = (
  system: LocalSystem,
  chosen: Chosen,
  texts: readonly MailText[],
  shown: Shown,
  state: string,
): Markup => {
  const body = html`<h1>Preview</h1>
    <p class="hint">
      From the files in <code>emails/</code> as they are now: save one, and this page follows. Everything in
      these mails is invented, and none is sent.
    </p>
    <form method="get" action="/preview" id="choose" class="to" data-state="${state}">
      ${choice(
        'message',
        'Message',
        texts.map((text) => [text, inWords(text)] as const),
        chosen,
      )}
      ${choice(
        'language',
        'Language',
        LANGUAGES.map((language) => [language, nameOf(language)] as const),
        chosen,
      )}
      ${choice(
        'scenario',
        'Scenario',
        SCENARIO_NAMES.map((name) => [name, inWords(name)] as const),
        chosen,
      )}
      <button>Show</button>
    </form>
    ${steps(chosen, texts)} ${shownPart(chosen, shown)}
    <script type="module" src="/preview/watch.js"></script>`;
  return page(system, { title: 'Preview', here: 'preview', body });
};
