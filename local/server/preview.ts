// `/preview`: every mail as it would look, from the files as they are now; the page follows what is saved.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono, type Context } from 'hono';
import { createComposer } from '../../adapters/email/render.ts';
import { TemplateError } from '../../adapters/email/templates.ts';
import { LANGUAGES, MESSAGES, type Mail } from '../../core/ports.ts';
import { EMAILS, loadEmails } from '../emails.ts';
import { SCENARIO_NAMES, sampleRequest } from '../mail-samples.ts';
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

/** Composes from the folder as it is, and again only after something was saved. */
const createPreviewer = (dir: string, { policy }: LocalSystem) => {
  let state = '';
  let compose: ReturnType<typeof createComposer> | null = null;
  return (chosen: Chosen): Shown => {
    try {
      const now = stateOf(dir);
      if (compose === null || now !== state) compose = createComposer(loadEmails(dir));
      state = now;
      return { mail: compose(sampleRequest({ ...chosen, sender: policy.sender })) };
    } catch (error) {
      compose = null;
      if (error instanceof TemplateError) return { fault: error.message };
      throw error;
    }
  };
};

const pick = <T extends string>(all: readonly T[], text: string | undefined, usual: T): T =>
  all.find((one) => one === text) ?? usual;

const chosenIn = (context: Context, { policy }: LocalSystem): Chosen => ({
  message: pick(MESSAGES, context.req.query('message'), 'payment-failed'),
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
  const show = createPreviewer(dir, system);
  const app = new Hono();
  app.get('/', (context) => {
    const chosen = chosenIn(context, system);
    const policy = { 'content-security-policy': PREVIEW_POLICY };
    return context.html(previewPage(system, chosen, show(chosen), stateOf(dir)), 200, policy);
  });
  app.get('/html', (context) => {
    const shown = show(chosenIn(context, system));
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
