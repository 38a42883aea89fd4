// One way through the finance page, from the first view to a customer who is held back, by the keyboard alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerReport } from '../../cli/report.ts';
import type { Case } from '../../web/finance/api.ts';
import { unzip } from '../support/unzip.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';

/** More presses than any view takes to go through. */
const MOST_TABS = 150;

/** What has the focus: its own words, or those that name it. */
const FOCUSED = `(() => {
  const one = document.activeElement;
  const label = one.labels?.[0]?.innerText ?? '';
  return [one.getAttribute('aria-label'), label, one.innerText].filter(Boolean).join(' ').trim();
})()`;

const HAS_RING = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return outlineStyle !== 'none' && outlineWidth !== '0px';
})()`;

/** What stands in a workbook; when it was made stands elsewhere in it. */
const sheetsIn = (bytes: Buffer): [string, string][] =>
  Object.entries(unzip(bytes)).filter(([name]) => !name.startsWith('docProps/'));

describe.skipIf(CHROMIUM === null)('one way through the finance page by the keyboard alone', () => {
  let finance: FinanceRig;
  const folder = mkdtempSync(join(tmpdir(), 'recoup-journey-'));
  beforeAll(async () => {
    finance = await startFinance();
    await finance.looker.page.setViewportSize({ width: 1200, height: 900 });
  }, 60_000);
  afterAll(async () => {
    await finance.stop();
    rmSync(folder, { recursive: true });
  });

  const page = () => finance.looker.page;
  const press = (key: string) => page().keyboard.press(key);
  const focused = (): Promise<string> => page().evaluate<string>(FOCUSED);
  const textOf = (selector: string): Promise<string> => page().innerText(selector);
  const url = () => new URL(page().url());

  /** Goes on, or back, until what is named has the focus, which can be seen. */
  const tabTo = async (name: RegExp, key = 'Tab'): Promise<void> => {
    for (let i = 0; i < MOST_TABS; i += 1) {
      await press(key);
      if (!name.test(await focused())) continue;
      expect([name, await page().evaluate(HAS_RING)]).toEqual([name, true]);
      return;
    }
    await finance.looker.photograph('finance.journey.lost');
    throw new Error(`the keyboard does not come to ${name}`);
  };
  const follow = async (name: RegExp, key?: string): Promise<void> => {
    await tabTo(name, key);
    await press('Enter');
  };
  const gone = async (hash: RegExp): Promise<void> => {
    await page().waitForURL((now) => hash.test(now.hash));
    await finance.settled();
  };
  const downloaded = async (name: RegExp): Promise<{ name: string; bytes: Buffer }> => {
    await follow(/^Download/);
    const waits = page().waitForEvent('download');
    await follow(name);
    const file = await waits;
    return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
  };
  /** The same file by `recoup report`. */
  const reported = async (
    form: 'csv' | 'xlsx',
    only: { kind?: string; campaign?: string },
  ): Promise<Buffer> => {
    const file = join(folder, `report.${form}`);
    const { system } = finance.rig;
    const target = { store: await system.useStore(), where: 'the demonstration', now: system.now };
    const period = { from: '2026-01', to: '2026-03', by: 'decline', months: 12 } as const;
    await answerReport(target, { ...period, ...only, [form]: file });
    return readFileSync(file);
  };

  test('first view, filter, files, total, invoice, case, held until a day, and nothing is said on the console', async () => {
    await finance.open('');
    expect(await textOf('h1')).toBe('Overview');
    expect(await textOf('.who')).toContain('This machine');

    // Last three months is where it begins; another period, and back.
    await follow(/^Period: January – March 2026/);
    await follow(/^Last month/);
    await gone(/from=2026-02&to=2026-02/);
    await page().goBack();
    await gone(/^(#\/?)?$/);
    const all = await textOf('.lead .huge');

    // A filter, chosen by arrow keys.
    await follow(/^Filter/);
    await tabTo(/^Value/);
    await press('ArrowDown');
    await press('ArrowDown');
    await follow(/^Apply/);
    await gone(/campaign=/);
    const campaign = new URLSearchParams(url().hash.split('?')[1]).get('campaign') ?? '';
    expect(await textOf('.lead .huge')).not.toBe(all);

    // The files are those of the command line.
    const csv = await downloaded(/^Invoices as CSV/);
    expect(csv.name).toBe('recoup-2026-01-01-2026-03-31.csv');
    expect(csv.bytes.equals(await reported('csv', { campaign }))).toBe(true);
    const xlsx = await downloaded(/^Workbook/);
    expect(xlsx.name).toBe('recoup-2026-01-01-2026-03-31.xlsx');
    expect(sheetsIn(xlsx.bytes)).toEqual(sheetsIn(await reported('xlsx', { campaign })));

    // From the total of what is open to its invoices, which come to the same, and to the first one's case.
    await follow(/^Remove filter/);
    await gone(/^#\/overview(\?(?!.*campaign).*)?$/);
    const open = await textOf('.lead tr:has-text("Open") td >> nth=1');
    await follow(/^Open$/);
    await gone(/^#\/invoices\?.*total=open/);
    expect(await textOf('.figures .big')).toBe(open);
    const invoice = await textOf('.invoices tbody th a >> nth=0');
    await follow(new RegExp(`^${invoice}$`));
    await gone(/^#\/case\//);
    expect(await textOf('h1')).toContain('Open');

    // Held until a day, with why; the case tells it at once, and so does the API.
    await follow(/^Hold back…$/);
    await page().waitForSelector('dialog[open] form');
    await tabTo(/^In a week/);
    await press('Space');
    await tabTo(/^Why/);
    await page().keyboard.type('promised by phone');
    await follow(/^Hold /);
    await page().waitForSelector('.remark.done');
    await finance.settled();
    expect(await textOf('.timeline')).toContain('promised by phone');
    const [, , connection, customer, id] = url().hash.split('/');
    const answer = await fetch(`${finance.rig.url}/api/cases/${connection}/${customer}/${id?.split('?')[0]}`);
    expect(((await answer.json()) as Case).held).toMatchObject({ until: '2026-03-09T23:59:59.999Z' });

    const misdeeds = finance.misdeeds().filter((deed) => deed !== 'downloaded a file');
    expect(misdeeds.filter((deed) => !deed.includes('blob:'))).toEqual([]);
  });
});
