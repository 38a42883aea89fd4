// Addresses of the finance page that somebody else made up: no view breaks, nothing runs, and nothing leads or asks elsewhere.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';

/** A folder each. */
const VIEWS = readdirSync(join(import.meta.dirname, '../../web/finance/views'), { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .map(({ name }) => name);

const VALUES = ['__proto__', '\u202E<img src=x onerror=alert(1)>', '2026-99'];

/** What views keep in their queries beside the period and the filters. */
const OWN = 'after as back by customer in invoice mail month older outcome page sort tab value __proto__';

/** What the API refuses is shown as refused, and hides what it would have broken: so these are few at a time. */
const PLACES = VALUES.flatMap((value) => [
  { from: value },
  { currency: value },
  { plan: value, campaign: value, country: value },
  Object.fromEntries(OWN.split(' ').map((name) => [name, value])),
]).map((query) => new URLSearchParams({ total: 'failed', ...query }).toString());

const ODD = [
  '#/__proto__',
  '#/constructor/x',
  '#/case/%',
  '#/case/stripe/%E0%A4%A/x',
  '#/case/stripe/__proto__/constructor',
  '#/case/../../config.json',
  '#/case/%2e%2E/reports/recovery',
  '#//evil.test/',
  '#/javascript:alert(1)',
  '#/overview?%',
  '#/invoices?total=moved_net&value=2026-99',
  '#/invoices?total=group&by=__proto__&value=x',
  '#/invoices?total=failed&back=%23%2F__proto__',
  '#/invoices?total=failed&back=javascript%3Aalert(1)',
];

describe.skipIf(CHROMIUM === null)('an address made up by somebody else', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());

  /** What became of a place that should not have: of the page, and of where its links lead. */
  const goTo = async (hash: string): Promise<string[]> => {
    const { page } = finance.looker;
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await page.waitForSelector('main h1');
    await page.waitForSelector('.loading, [aria-busy=true]', { state: 'detached' });
    const links = await page.$$eval('main a', (all) => all.map((a) => a.getAttribute('href') ?? ''));
    const paths = new URL(page.url()).pathname;
    return [
      ...finance.misdeeds().filter((deed) => !/status of 4\d\d/.test(deed)),
      ...links.filter((link) => !link.startsWith('#/')),
      ...(paths === '/' ? [] : [`is at ${paths}`]),
    ];
  };

  test.each(VIEWS)(
    'of the view %s breaks nothing, whatever stands in its query',
    async (view) => {
      await finance.open('#/policy');
      const asked = await fetch(`${finance.rig.url}/api/cases?limit=1`);
      const { cases } = (await asked.json()) as {
        cases: Record<'connection' | 'customer' | 'case', string>[];
      };
      const [{ connection, customer, case: id } = { connection: '', customer: '', case: '' }] = cases;
      const path = view === 'case' ? `case/${connection}/${customer}/${id}` : view;
      for (const place of PLACES) {
        const hash = `#/${path}?${place}`;
        expect({ hash, deeds: await goTo(hash) }).toEqual({ hash, deeds: [] });
      }
    },
    60_000,
  );

  test.each(ODD)('%s breaks nothing', async (hash) => {
    await finance.open('#/policy');
    expect(await goTo(hash)).toEqual([]);
  });
});
