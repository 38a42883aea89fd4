// The finance page as it is deployed, for people who sign in: its headers, an API behind a JWT authorizer, a provider, and a browser.
import { Hono } from 'hono';
import { pageRoutes } from '../../local/server/finance-page.ts';
import { addDays, addMs, instantFromMs, type Instant } from '../../core/time.ts';
import { bookOf, closedCaseOf, customerOf, keyOf, openCaseOf } from '../support/customers.ts';
import { NOW, openFinance } from '../support/finance.ts';
import { createJwtAuthorizer } from '../support/jwt-authorizer.ts';
import { listen } from '../support/listening.ts';
import { CLIENT_ID, startOidcProvider, type OidcProvider } from '../support/oidc-provider.ts';
import { startLooker, type Looker } from './looking.ts';

/** As `lib/finance-page.ts` has CloudFront send them beside the policy. */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

export type SignInRig = {
  readonly looker: Looker;
  readonly provider: OidcProvider;
  /** The page's origin, which is where its API is too. */
  readonly origin: string;
  /** The answers of the API, as `GET /me 200`. */
  readonly answers: string[];
  /** What config.json says of signing out; null = nothing. */
  endSession: string | null;
  /** Whose tokens the API takes. */
  audience: string;
  /** Lets the clock of the browser, the provider and the API run on. */
  readonly pass: (ms: number) => Promise<void>;
  /** Everything as it was at the start, and an empty browser. */
  readonly reset: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A customer with an open case and two with closed ones, of this month. */
const fill = async ({ store }: ReturnType<typeof openFinance>): Promise<void> => {
  const customer = customerOf(keyOf('cus_1'), { dueAt: addDays(NOW, 1) });
  await store.save({ ...customer, recovery: { ...customer.recovery, case: openCaseOf('case_in_1') } });
  for (const id of [2, 3]) {
    const openedAt = addDays(NOW, -id);
    const paid = { outcome: 'recovered', recoveredMinor: 4900, openMinor: 0, why: 'paid' } as const;
    const invoices = [bookOf(`in_${id}`, paid)];
    const closed = { openedAt, closedAt: addMs(NOW, -1), invoices };
    await store.closeCase(closedCaseOf(keyOf(`cus_${id}`), `case_in_${id}`, closed));
  }
};

export const startSigningIn = async (): Promise<SignInRig> => {
  const looker = await startLooker({ takesUnclear: true });
  let now: Instant = NOW;
  const nowMs = () => Date.parse(now);
  const finance = openFinance();
  await fill(finance);
  const provider = await startOidcProvider(nowMs);
  const app = new Hono();
  const served = await listen(app);
  provider.home = `${served.origin}/`;
  const pass = async (ms: number): Promise<void> => {
    now = instantFromMs(nowMs() + ms);
    finance.pass(now);
    await looker.page.clock.setFixedTime(nowMs());
  };
  const rig: SignInRig = {
    looker,
    provider,
    origin: served.origin,
    answers: [],
    endSession: null,
    audience: CLIENT_ID,
    pass,
    reset: async () => {
      await looker.page.goto(`${served.origin}/config.json`);
      await looker.page.evaluate('sessionStorage.clear()');
      await looker.page.goto('about:blank');
      Object.assign(provider, { bent: {}, refreshing: 'good', person: null, newest: null });
      for (const list of Object.values(provider.asked)) list.length = 0;
      rig.answers.length = 0;
      looker.deeds.length = 0;
      Object.assign(rig, { audience: CLIENT_ID, endSession: null });
    },
    stop: async () => {
      await looker.close();
      await served.close();
      await provider.close();
    },
  };
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  });
  app.all('/api/*', async (context) => {
    const { method } = context.req;
    const path = context.req.path.slice('/api'.length);
    const take = createJwtAuthorizer({ issuer: provider.issuer, audience: rig.audience, now: nowMs });
    const authorizer = await take(context.req.header('authorization') ?? '');
    const tell = (status: number) => rig.answers.push(`${method} ${path} ${status}`);
    if (authorizer === null) {
      tell(401);
      return context.json({ message: 'Unauthorized' }, 401, { 'www-authenticate': 'Bearer' });
    }
    const query = new URL(context.req.url).search;
    const changes = { body: await context.req.text(), headers: context.req.header() };
    const { status, headers, bytes } = await finance.as(authorizer).ask(method, `${path}${query}`, changes);
    tell(status);
    return new Response(Buffer.from(bytes), { status, headers: headers as Record<string, string> });
  });
  app.route(
    '/',
    pageRoutes({
      settings: () => ({
        api: '/api',
        signIn: {
          issuer: provider.issuer,
          clientId: CLIENT_ID,
          scope: 'openid email profile',
          endSession: rig.endSession,
        },
      }),
      signInOrigins: [new URL(provider.issuer).origin],
      onError: (error) => {
        throw error;
      },
    }),
  );
  await pass(0);
  return rig;
};
