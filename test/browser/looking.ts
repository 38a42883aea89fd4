// Looks at a document in the browser as a reader would: on a phone and at a desk, in light and dark, at all that it does.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults, type Result } from 'axe-core';
import type { Page } from 'playwright-core';
import { startBrowser } from './chromium.ts';

/** How a document is looked at: on a phone, and at a desk in both themes; between them at every width at which layouts differ. */
export const LOOKS = [
  { name: 'phone', width: 360, theme: 'light' },
  { name: 'desk-dark', width: 1000, theme: 'dark' },
  { name: 'desk-light', width: 1280, theme: 'light' },
] as const;
export type Look = (typeof LOOKS)[number];

/** The narrowest screen that a text has to fit without being moved sideways: WCAG 2.2, 1.4.10. */
const NARROWEST = 320;
const HEIGHT = 800;

const PICTURES = join(import.meta.dirname, '../../.recoup/screenshots');

/** The rules of axe to which a document can hold in one look and not in the other. */
const OF_THE_LOOK = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

export type Looker = {
  readonly page: Page;
  /** Everything that the document did by itself: what it asked for, said, opened or failed at. */
  readonly deeds: string[];
  /** Shows a document; what the one before did is forgotten. */
  show(html: string): Promise<void>;
  set(look: Look): Promise<void>;
  /** How many pixels stick out to the right of the narrowest screen. */
  overflow(): Promise<number>;
  /** What is wrong with what is shown, in any look, one line a fault. Photographs it in some. */
  inspect(name: string, pictures: readonly Look[]): Promise<string[]>;
  /** Writes `.recoup/screenshots/<name>.png`, for people to look at. */
  photograph(name: string): Promise<void>;
  close(): Promise<void>;
};

const linesOf = ({ violations, incomplete }: AxeResults, takesUnclear: boolean): string[] => {
  // What axe cannot tell of contrast is a fault too: somebody would have to look.
  const unclear = takesUnclear ? [] : incomplete.filter(({ id }) => id === 'color-contrast');
  return [...violations, ...unclear].flatMap(({ id, help, nodes }: Result) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
};

/** Notes whatever a page does by itself. */
const watch = (page: Page, deeds: string[]): void => {
  page.on('request', (request) => deeds.push(`asked for ${request.url()}`));
  page.on('console', (message) => deeds.push(`said ${message.text()}`));
  page.on('pageerror', (error) => deeds.push(`failed: ${error.message}`));
  page.on('popup', () => deeds.push('opened a window'));
  page.on('download', () => deeds.push('downloaded a file'));
  page.on('dialog', (dialog) => {
    deeds.push(`asked: ${dialog.message()}`);
    void dialog.dismiss();
  });
};

export type LookerOptions = {
  /** Rules of axe that cannot hold for what is looked at. */
  readonly ignored?: readonly string[];
  /** Whether a text may stand where its contrast cannot be told, as on a gradient. */
  readonly takesUnclear?: boolean;
  readonly javaScriptEnabled?: boolean;
};

/** A browser with one page. */
export const startLooker = async (options: LookerOptions = {}): Promise<Looker> => {
  const { ignored = [], takesUnclear = false, javaScriptEnabled = true } = options;
  const browser = await startBrowser();
  const page = await browser.newPage({ viewport: { width: NARROWEST, height: HEIGHT }, javaScriptEnabled });
  const deeds: string[] = [];
  watch(page, deeds);
  mkdirSync(PICTURES, { recursive: true });
  const rules = {
    'target-size': { enabled: true },
    ...Object.fromEntries(ignored.map((id) => [id, { enabled: false }])),
  };
  const faults = async (look: Look): Promise<string[]> => {
    // A document that is written over keeps its window, and axe with it.
    if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source);
    const chosen = look === LOOKS[0] ? { rules } : { runOnly: OF_THE_LOOK };
    const asked = { ...chosen, resultTypes: ['violations', 'incomplete'] };
    return linesOf(
      await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(asked)})`),
      takesUnclear,
    );
  };
  const set = async ({ width, theme }: Look): Promise<void> => {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: HEIGHT });
  };
  const overflow = async (): Promise<number> => {
    await page.setViewportSize({ width: NARROWEST, height: HEIGHT });
    return (await page.evaluate<number>('document.documentElement.scrollWidth')) - NARROWEST;
  };
  const photograph = async (name: string): Promise<void> => {
    await page.screenshot({
      path: join(PICTURES, `${name.replaceAll(/[^\w.-]+/g, '-')}.png`),
      fullPage: true,
    });
  };
  return {
    page,
    deeds,
    set,
    overflow,
    photograph,
    show: async (html) => {
      deeds.length = 0;
      await page.setContent(html);
    },
    inspect: async (name, pictures) => {
      const found: string[] = [];
      const sticksOut = await overflow();
      if (sticksOut > 0) found.push(`${name}: ${sticksOut} px stick out at ${NARROWEST}`);
      for (const look of LOOKS) {
        await set(look);
        found.push(...(await faults(look)).map((fault) => `${name}, ${look.name}: ${fault}`));
        if (pictures.includes(look)) await photograph(`${name}.${look.name}`);
      }
      return found;
    },
    close: () => browser.close(),
  };
};
