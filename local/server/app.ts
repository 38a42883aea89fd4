// The HTTP face of the local server: the webhook door, the pages, the clock. It takes only requests meant for this machine.
import { readFileSync } from 'node:fs';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import { clockPage, type ClockNotice } from './pages/clock.ts';
import { page } from './pages/layout.ts';
import { mailPage, outboxPage, type Numbered } from './pages/outbox.ts';
import { casePath, CASES_PATH } from './books.ts';
import { customerRoutes } from './customer-routes.ts';
import { financePageRoutes } from './finance-page.ts';
import { FINANCE_PATH, financeRoutes } from './finance-routes.ts';
import { previewRoutes } from './preview.ts';
import { storeRoutes } from './store-api.ts';
import { HOW_TO_MOVE, targetOf } from './target.ts';
import type { LocalSystem, Moved } from './system.ts';

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8');
const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5f4a"/>' +
  '<path d="M10 24V8h7a5 5 0 0 1 0 10h-7m7 0 5 6" fill="none" stroke="#fff" stroke-width="3"/></svg>';

const MAX_BODY_BYTES = 1024 * 1024;
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
// A mail may style itself and nothing more; it may only be shown inside our own page.
const MAIL_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** A page elsewhere must not read or move anything here: neither by a name that leads to this machine nor by a form. */
const onlyFromHere: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? '';
  const origin = context.req.header('origin');
  if (!LOCAL_HOST.test(host) || (origin !== undefined && origin !== `http://${host}`)) {
    return context.text('This server answers only on this machine: open http://localhost.', 403);
  }
  return next();
};

const headers: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers: sent } = context.res;
  if (!sent.has('content-security-policy')) context.header('content-security-policy', PAGE_POLICY);
  if (!sent.has('cache-control')) context.header('cache-control', 'no-store');
  context.header('x-content-type-options', 'nosniff');
  // Nobody signs in here: a page elsewhere is not even to take it in as a picture or a script.
  context.header('cross-origin-resource-policy', 'same-origin');
  if (!sent.has('referrer-policy')) context.header('referrer-policy', 'same-origin');
};

const wantsHtml = (context: Context): boolean => (context.req.header('accept') ?? '').includes('text/html');

const pageNumber = (context: Context): number => {
  const text = context.req.query('page') ?? '1';
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
};

const originOf = (context: Context): string => `http://${context.req.header('host') ?? 'localhost'}`;

const missing = (system: LocalSystem, context: Context) => {
  const body = html`<h1>Not found</h1>
    <p>There is nothing at this address. <a href="${CASES_PATH}">See the cases.</a></p>`;
  return wantsHtml(context)
    ? context.html(page(system, { title: 'Not found', here: null, body }), 404)
    : context.json({ error: 'not found' }, 404);
};

/** What the clock shows, for a program. */
const clockJson = (system: LocalSystem) => {
  const activity = system.activity();
  return { now: system.now(), movable: system.kind === 'demo', ...(activity && { busy: activity }) };
};

/** How long a form waits for a move before it shows the page with its progress. */
const PATIENCE_MS = 1000;

const patiently = (work: Promise<Moved>): Promise<Moved | null> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), PATIENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

const REAL_ACCOUNT =
  'the clock cannot be moved: STRIPE_API_KEY is set, so this reads a real account, which lives in real time';

const fieldsOf = async (context: Context): Promise<unknown> => {
  const type = context.req.header('content-type') ?? '';
  if (type.includes('form')) {
    const { advance, to } = await context.req.parseBody();
    return { ...(advance !== undefined && { advance }), ...(typeof to === 'string' && { to: `${to}Z` }) };
  }
  return context.req.json<unknown>().catch(() => null);
};

const moveClock = (system: LocalSystem) => async (context: Context) => {
  const asHtml = wantsHtml(context);
  const show = (notice: ClockNotice, status: 200 | 400 | 409) =>
    context.html(clockPage(system, originOf(context), notice), status);
  if (system.kind === 'stripe') {
    return asHtml
      ? show({ kind: 'refused', why: REAL_ACCOUNT }, 409)
      : context.json({ error: REAL_ACCOUNT }, 409);
  }
  const fields = await fieldsOf(context);
  const work = system.move((now) => targetOf(fields, now));
  // A program waits to the end; a person is shown how far it is.
  const moved = asHtml ? await patiently(work) : await work;
  if (moved === null) {
    work.catch(() => {});
    return context.redirect('/clock', 303);
  }
  if (moved.kind === 'refused') {
    return asHtml ? show(moved, 400) : context.json({ error: moved.why, write: HOW_TO_MOVE }, 400);
  }
  return asHtml ? show(moved, 200) : context.json({ ...moved, now: system.now() });
};

const receive = (system: LocalSystem) => async (context: Context) => {
  const body = new Uint8Array(await context.req.arrayBuffer());
  const signature = context.req.header('stripe-signature');
  const result = await system.receive(context.req.param('connection') ?? '', body, signature);
  return new Response(result.body ?? '', {
    status: result.statusCode ?? 500,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
};

const mailIn = (system: LocalSystem, context: Context): Numbered | null => {
  const text = context.req.param('number') ?? '';
  const mail = /^[1-9]\d{0,8}$/.test(text) ? system.mails[Number(text) - 1] : undefined;
  return mail ? { mail, number: Number(text) } : null;
};

const readingRoutes = (app: Hono, system: LocalSystem): void => {
  // The finance page shows them; who kept an address of before still gets there.
  app.get('/cases', (context) => context.redirect(CASES_PATH));
  app.get('/cases/:connection/:customer/:case', (context) => {
    const { connection, customer, case: caseId } = context.req.param();
    return context.redirect(casePath(`${connection}/${customer}`, caseId));
  });
  app.get('/outbox', (context) => context.html(outboxPage(system, pageNumber(context))));
  app.get('/outbox/:number', (context) => {
    const found = mailIn(system, context);
    return found ? context.html(mailPage(system, found)) : missing(system, context);
  });
  app.get('/outbox/:number/html', (context) => {
    const found = mailIn(system, context);
    if (!found) return missing(system, context);
    return context.html(found.mail.html, 200, { 'content-security-policy': MAIL_POLICY });
  });
  const cached = { 'cache-control': 'max-age=60' };
  app.get('/style.css', (context) =>
    context.body(STYLE, 200, { ...cached, 'content-type': 'text/css; charset=utf-8' }),
  );
  app.get('/favicon.svg', (context) =>
    context.body(FAVICON, 200, { ...cached, 'content-type': 'image/svg+xml' }),
  );
};

/** Makes the app of a system. Who knows `storeToken` may use its store; see store-api.ts. */
export const createApp = (
  system: LocalSystem,
  onError: (error: unknown) => void,
  storeToken: string,
): Hono => {
  const app = new Hono();
  app.use(headers);
  app.post(
    '/webhooks/:connection',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) => context.json({ outcome: 'refused', reason: 'the body is over 1 MiB' }, 413),
    }),
    receive(system),
  );
  app.route('/', customerRoutes(system));
  app.use(onlyFromHere);
  app.route('/store', storeRoutes({ ...system, token: storeToken, onError }));
  app.route(FINANCE_PATH, financeRoutes(system));
  app.route('/', financePageRoutes(system, onError));
  readingRoutes(app, system);
  app.route('/preview', previewRoutes(system, MAIL_POLICY));
  app.get('/clock', (context) =>
    wantsHtml(context)
      ? context.html(clockPage(system, originOf(context), null))
      : context.json(clockJson(system)),
  );
  app.post('/clock', bodyLimit({ maxSize: 10_000 }), moveClock(system));
  app.notFound((context) => missing(system, context));
  app.onError((error, context) => {
    onError(error);
    return context.text('Something went wrong; the console says what.', 500);
  });
  return app;
};
