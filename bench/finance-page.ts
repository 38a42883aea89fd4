// The finance page in Chromium before a store of 100,000 cases: how soon its figures are there, and what it fetches for that.
import { brotliCompressSync } from 'node:zlib';
import { Hono } from 'hono';
import type { Page } from 'playwright-core';
import { createDynamoStore } from '../adapters/dynamodb/store.ts';
import { policyOf } from '../test/support/operating.ts';
import { bookOf, customerOf, openCaseOf } from '../test/support/customers.ts';
import { listen } from '../test/support/listening.ts';
import { CHROMIUM, HOW_TO_GET_ONE, startBrowser } from '../test/browser/chromium.ts';
import type { Store } from '../core/ports.ts';
import type { CaseRecord } from '../core/recovery/customer.ts';
import { endOf } from '../core/reports/rollup.ts';
import { addDays, addMs, DAY_MS, instantFromMs, startOfMonth, type Instant } from '../core/time.ts';
import { readReport } from '../core/workflows/read-report.ts';
import { makeFinanceApi } from '../functions/finance-api.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../local/embedded-dynamodb.ts';
import { FINANCE_PATH, financeRoutes } from '../local/server/finance-routes.ts';
import { pageRoutes } from '../local/server/finance-page.ts';
import { madeCase } from './made-cases.ts';
import { median } from './measure.ts';
import { monthsFrom, sumsOfMonth } from './reports.ts';

/** Months that are over, told by their kept sums; and how far the one that is not over is. */
const MONTHS = 12;
const CASES_A_MONTH = Math.round(100_000 / MONTHS);
const FIRST = '2025-01';
const THIS_MONTH = startOfMonth('2026-01');
const NOW = addDays(THIS_MONTH, 19.5);
const CASES_NOW = Math.round((CASES_A_MONTH * 19.5) / 31);
const AT_ONCE = 32;
const ROUNDS = 5;

/** Every fourth case of the last three weeks is open, and no older one. */
const isOpen = (n: number, openedAt: Instant): boolean => n % 4 === 0 && openedAt > addDays(NOW, -21);

const openOne = (store: Store, { key, id }: CaseRecord, openedAt: Instant): Promise<void> => {
  const customer = customerOf(key, { dueAt: addDays(NOW, 1) });
  const [ladder] = openCaseOf(id).ladders;
  const ladders = ladder ? [{ ...ladder, anchor: openedAt, openedAt }] : [];
  const books = [bookOf('in_1')];
  return store.save({
    ...customer,
    recovery: { ...customer.recovery, case: openCaseOf(id, { openedAt, ladders, books }) },
  });
};

/** A year by its sums, and the cases of this month one by one. */
const fill = async (store: Store): Promise<{ open: number }> => {
  for (const [i, month] of monthsFrom(FIRST, MONTHS).entries()) {
    const sums = { until: endOf(month), ...sumsOfMonth(month, i * CASES_A_MONTH, CASES_A_MONTH), open: [] };
    await store.saveRollup({ month, version: 1, staleAt: null, sums });
  }
  let open = 0;
  for (let i = 0; i < CASES_NOW; i += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, CASES_NOW - i) }, (_, j) => i + j);
    await Promise.all(
      some.map((n) => {
        const openedAt = addMs(THIS_MONTH, Math.round((n / CASES_NOW) * 19.4 * DAY_MS));
        const record = madeCase(MONTHS * CASES_A_MONTH + n, openedAt);
        if (!isOpen(n, openedAt)) return store.closeCase({ ...record, closedAt: NOW });
        open += 1;
        return openOne(store, record, openedAt);
      }),
    );
  }
  return { open };
};

const SETTINGS = {
  api: FINANCE_PATH,
  signIn: null,
  local: { now: NOW, data: 'demo', links: {} },
} as const;

/** The page and the API before a store, as the local server has them. */
const serve = (store: Store) => {
  const financeApi = makeFinanceApi({
    store,
    policy: policyOf(),
    connections: ['stripe'],
    where: 'a bench',
    version: '0',
    requestsPerSecond: null,
    readMail: () => null,
    backOff: async () => {},
    signedIn: () => ({ who: 'bench', role: 'operator' }),
    now: () => NOW,
    onError: (error) => console.error(error),
  });
  const app = new Hono();
  app.route(FINANCE_PATH, financeRoutes({ financeApi }));
  app.route(
    '/',
    pageRoutes({ settings: () => SETTINGS, signInOrigins: [], onError: (error) => console.error(error) }),
  );
  return listen(app);
};

/** Notes when the first figure stands there, in milliseconds since the page was asked for. */
const WATCH = `new MutationObserver((_, watcher) => {
  if (!document.querySelector('main .lead .huge')) return;
  watcher.disconnect();
  requestAnimationFrame(() => (window.figuresMs = performance.now()));
}).observe(document, { subtree: true, childList: true });`;

type Look = {
  readonly paintMs: number;
  readonly figuresMs: number;
  readonly requests: number;
  readonly bytes: number;
};

const PAINT = `performance.getEntriesByName('first-contentful-paint')[0].startTime`;

/** Opens it with nothing in the cache. `bytes`: as brotli packs them. */
const look = async (page: Page, address: string): Promise<Look> => {
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => bodies.push(response.body()));
  await page.addInitScript(WATCH);
  await page.goto(address);
  await page.waitForSelector('main .lead .huge');
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))');
  const fetched = await Promise.all(bodies);
  return {
    paintMs: await page.evaluate<number>(PAINT),
    figuresMs: await page.evaluate<number>('window.figuresMs'),
    requests: fetched.length,
    bytes: fetched.reduce((sum, body) => sum + brotliCompressSync(body).length, 0),
  };
};

const looks = async (address: string): Promise<Look[]> => {
  const browser = await startBrowser();
  try {
    const all: Look[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
      all.push(await look(await context.newPage(), address));
      await context.close();
    }
    return all;
  } finally {
    await browser.close();
  }
};

const PERIOD = { from: instantFromMs(Date.UTC(2025, 10)), to: instantFromMs(Date.UTC(2026, 1)) };

/** Milliseconds of a first view with every sum kept, requests and bytes; without a browser nothing. */
export const benchFinancePage = async (): Promise<Record<string, number | string>> => {
  if (CHROMIUM === null) return { skipped: HOW_TO_GET_ONE };
  const embedded = await startEmbeddedDynamo();
  try {
    const store = createDynamoStore({ client: embedded.client, tableName: EMBEDDED_TABLE, now: () => NOW });
    const { open } = await fill(store);
    const began = performance.now();
    await readReport(store, { ...PERIOD, by: 'decline', months: 12 }, NOW);
    const read = performance.now();
    const served = await serve(store);
    // The first look builds the page.
    const [first, ...rest] = await looks(`${served.origin}/#/overview`);
    await served.close();
    const middle = (figure: (one: Look) => number): number => Math.round(median(rest.map(figure)));
    return {
      casesThisMonth: CASES_NOW,
      open,
      reportMs: Math.round(read - began),
      pageBuiltAndFiguresMs: Math.round(first?.figuresMs ?? Number.NaN),
      pagePaintMs: middle(({ paintMs }) => paintMs),
      pageFiguresMs: middle(({ figuresMs }) => figuresMs),
      pageRequests: middle(({ requests }) => requests),
      pageKB: middle(({ bytes }) => bytes / 1000),
    };
  } finally {
    await embedded.stop();
  }
};
