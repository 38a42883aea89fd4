// The finance page on the local server: built at the first request and kept, with settings that lead to the API beside it.
import { Hono, type Context } from 'hono';
import type { FinancePage } from '../../scripts/finance-page.ts';
import { contentSecurityPolicy } from '../../web/finance/content-security-policy.ts';
import { FINANCE_PATH } from './finance-routes.ts';
import type { LocalSystem } from './system.ts';

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

const failed = (context: Context, error: unknown) =>
  context.text(`The finance page cannot be built: ${String(error)}\nThe API is at ${FINANCE_PATH}.`, 500);

export type PageRoutes = {
  /** What the page reads as config.json. */
  readonly settings: () => object;
  /** What it calls to sign somebody in. */
  readonly signInOrigins: readonly string[];
  readonly onError: (error: unknown) => void;
};

/** The routes of a page: itself, its files, and its settings. */
export const pageRoutes = ({ settings, signInOrigins, onError }: PageRoutes): Hono => {
  const app = new Hono();
  const policy = contentSecurityPolicy(signInOrigins);
  let page: Promise<FinancePage> | null = null;
  app.get('/config.json', (context) => context.json(settings()));
  const give = async (context: Context) => {
    const name = context.req.path === '/' ? 'index.html' : context.req.path.slice(1);
    try {
      page ??= build();
      const bytes = (await page).files.get(name);
      if (bytes === undefined) return context.notFound();
      return context.body(Buffer.from(bytes), 200, {
        'content-security-policy': policy,
        'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
        // Everything but the first file has its content in its name.
        'cache-control': name === 'index.html' ? 'no-cache' : 'max-age=31536000, immutable',
      });
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

/** What the page waits for: until the clock stands where it is to be, there is nothing to show. */
const busyWith = (system: LocalSystem) => {
  const now = system.now();
  const beginning = system.isLoaded() ? null : { what: 'catching up', from: now, to: now };
  const busy = system.activity() ?? beginning;
  return busy && { ...busy, what: busy.what.replaceAll(' ', '_') };
};

/** The page of a local system. Nobody signs in, for nobody else is on this machine. */
export const financePageRoutes = (system: LocalSystem, onError: (error: unknown) => void): Hono =>
  pageRoutes({
    settings: () => ({
      api: FINANCE_PATH,
      signIn: null,
      local: { now: system.now(), busy: busyWith(system), data: system.kind, links: LINKS },
    }),
    signInOrigins: [],
    onError,
  });
