// The finance page on the local server: built at the first request and kept, with settings that lead to the API beside it.
import { Hono, type Context } from 'hono';
import type { FinancePage } from '../../scripts/finance-page.ts';
import { FINANCE_PATH } from './finance-routes.ts';
import type { LocalSystem } from './system.ts';

/** Nothing but what stands here. A mail is shown in a frame that may do nothing. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The pages of this server that are none of the finance page. */
const LINKS = { outbox: '/outbox', preview: '/preview', clock: '/clock' };

const build = async (): Promise<FinancePage> => {
  // Vite is heavy, and most that is asked of this server needs none of it.
  const { buildFinancePage } = await import('../../scripts/finance-page.ts');
  return buildFinancePage();
};

const answer = (context: Context, name: string, bytes: Uint8Array) =>
  context.body(Buffer.from(bytes), 200, {
    'content-security-policy': POLICY,
    'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    // Everything but the first file has its content in its name.
    'cache-control': name === 'index.html' ? 'no-cache' : 'max-age=31536000, immutable',
  });

const failed = (context: Context, error: unknown) =>
  context.text(`The finance page cannot be built: ${String(error)}\nThe API is at ${FINANCE_PATH}.`, 500);

/** The routes of the page: itself, its files, and its settings. */
export const financePageRoutes = (system: LocalSystem, onError: (error: unknown) => void): Hono => {
  const app = new Hono();
  let page: Promise<FinancePage> | null = null;
  app.get('/config.json', (context) =>
    context.json({
      api: FINANCE_PATH,
      signIn: null,
      local: { now: system.now(), data: system.kind, links: LINKS },
    }),
  );
  const give = async (context: Context) => {
    const name = context.req.path === '/' ? 'index.html' : context.req.path.slice(1);
    try {
      page ??= build();
      const bytes = (await page).files.get(name);
      return bytes === undefined ? context.notFound() : answer(context, name, bytes);
    } catch (error) {
      page = null;
      onError(error);
      return failed(context, error);
    }
  };
  app.get('/', give);
  app.get('/assets/:name', give);
  return app;
};
