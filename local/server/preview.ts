// `/preview`: every mail as it would look, from the files as they are now; the page follows what is saved.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono, type Context } from 'hono';
import { createComposer } from '../../adapters/email/render.ts';
import { TemplateError } from '../../adapters/email/templates.ts';
import { LANGUAGES, MESSAGES, type Mail, type MailText } from '../../core/ports.ts';
import { senderFor } from '../../core/recovery/sender.ts';
import { EMAILS, loadEmails } from '../emails.ts';
import { SCENARIO_NAMES, sampleRequest, streamOfSample } from '../mail-samples.ts';
import { PREVIEW_POLICY, previewPage, WATCH_SCRIPT, type Chosen } from './pages/preview.ts';
import type { LocalSystem } from './system.ts';

/** How often a waiting page is told whether something was saved. */
const LOOK_MS = 400;
/** For how long one request is kept waiting, so that a server that stops need not wait for it. */
const PATIENCE_MS = 25_000;

/** A name of everything in the folder as it is now. */
const stateOf = (dir: string): string => {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir).toSorted()) {
    if (/\.(json|liquid|mjml)$/.test(name)) hash.update(`${name}\n`).update(readFileSync(join(dir, name)));
  }
  return hash.digest('hex').slice(0, 16);
};

/** A mail, or in words why there is none. */
export type Shown = { readonly mail: Mail } | { readonly fault: string };

/** What can be looked at, and how it is composed; or in words why nothing can. */
type Read =
  | { readonly texts: readonly MailText[]; readonly compose: ReturnType<typeof createComposer> }
  | { readonly texts: readonly MailText[]; readonly fault: string };

const read = (dir: string): Read => {
  try {
    const templates = loadEmails(dir);
    return { texts: Object.keys(templates.outlines) as MailText[], compose: createComposer(templates) };
  } catch (error) {
    if (error instanceof TemplateError) return { texts: MESSAGES, fault: error.message };
    throw error;
  }
};

/** Reads the folder as it is, and again only after something was saved. */
const createReader = (dir: string) => {
  let state = '';
  let known: Read | null = null;
  return (): Read => {
    const now = stateOf(dir);
    if (known === null || now !== state || 'fault' in known) known = read(dir);
    state = now;
    return known;
  };
};

const shownOf = (from: Read, chosen: Chosen, { policy }: LocalSystem): Shown => {
  if ('fault' in from) return from;
  const sender = senderFor(policy, streamOfSample(chosen.message));
  return { mail: from.compose(sampleRequest({ ...chosen, sender })) };
};

const pick = <T extends string>(all: readonly T[], text: string | undefined, usual: T): T =>
  all.find((one) => one === text) ?? usual;

const chosenIn = (context: Context, { texts }: Read, { policy }: LocalSystem): Chosen => ({
  message: pick(texts, context.req.query('message'), 'payment-failed'),
  language: pick(LANGUAGES, context.req.query('language'), policy.language),
  scenario: pick(SCENARIO_NAMES, context.req.query('scenario'), 'usual'),
});

/** Waits until the folder is not as it was, or as long as it is patient. */
const untilSaved = (dir: string, known: string, gone: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearInterval(looking);
      clearTimeout(timer);
      resolve();
    };
    const looking = setInterval(() => {
      if (stateOf(dir) !== known) end();
    }, LOOK_MS);
    const timer = setTimeout(end, PATIENCE_MS);
    gone.addEventListener('abort', end);
  });

/** The routes below `/preview`. `mailPolicy` is the Content-Security-Policy of a mail shown in a frame. */
export const previewRoutes = (system: LocalSystem, mailPolicy: string, dir: string = EMAILS): Hono => {
  const readNow = createReader(dir);
  const app = new Hono();
  app.get('/', (context) => {
    const state = stateOf(dir);
    const from = readNow();
    const chosen = chosenIn(context, from, system);
    const policy = { 'content-security-policy': PREVIEW_POLICY };
    const shown = shownOf(from, chosen, system);
    return context.html(previewPage(system, chosen, from.texts, shown, state), 200, policy);
  });
  app.get('/html', (context) => {
    const from = readNow();
    const shown = shownOf(from, chosenIn(context, from, system), system);
    if ('fault' in shown) return context.text(shown.fault, 500);
    return context.html(shown.mail.html, 200, { 'content-security-policy': mailPolicy });
  });
  app.get('/watch.js', (context) =>
    context.body(WATCH_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/state', async (context) => {
    const known = context.req.query('known');
    if (known !== undefined && known === stateOf(dir)) await untilSaved(dir, known, context.req.raw.signal);
    return context.json({ state: stateOf(dir) });
  });
  return app;
};
