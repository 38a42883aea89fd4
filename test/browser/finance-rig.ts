// The finance page in a browser, on a local server with a demonstration: what every test of a view needs.
import { startRig, tidyUp, type Rig } from '../local/server-rig.ts';
import { LOOKS, startLooker, type Look, type Looker } from './looking.ts';

/** As many as make every view show something, and load in a few seconds. */
const DEMO = { kind: 'demo', seed: 9, subscriptions: 120 } as const;

export type FinanceRig = {
  readonly looker: Looker;
  readonly rig: Rig;
  /** Opens a place, such as `#/overview?from=2026-02`, in a language, and waits until its figures are there. */
  readonly open: (hash: string, language?: string) => Promise<void>;
  /** Waits until nothing is loading any more. */
  readonly settled: () => Promise<void>;
  /** What the page did since it was opened that it should not: words on the console, faults, requests elsewhere. */
  readonly misdeeds: () => string[];
  /** Looks at what is shown as every reader would; see `Looker.inspect`. Photographs it in every look. */
  readonly inspect: (name: string, pictures?: readonly Look[]) => Promise<string[]>;
  /**
   * Lets a path of the API answer otherwise: with what the server says, changed, for what no demonstration has. Until
   * it is to be honest again.
   */
  readonly pretend: <T>(path: string, change: (answer: T) => T) => Promise<void>;
  readonly honest: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A server with a demonstration, and a browser. The letters of charts stand on pictures: the colours have a test of their own. */
export const startFinance = async (): Promise<FinanceRig> => {
  const [looker, rig] = await Promise.all([startLooker({ takesUnclear: true }), startRig({ source: DEMO })]);
  const { page, deeds } = looker;
  const settled = async (): Promise<void> => {
    await page.waitForSelector('main h1');
    await page.waitForSelector('.loading, [aria-busy=true]', { state: 'detached' });
    await page.waitForSelector('main .card');
  };
  return {
    looker,
    rig,
    settled,
    open: async (hash, language = 'en') => {
      deeds.length = 0;
      // Another query is another document: nothing of the one before stays.
      await page.goto('about:blank');
      await page.goto(`${rig.url}/?lang=${language}${hash}`);
      await settled();
    },
    misdeeds: () =>
      deeds.filter((deed) => !deed.startsWith(`asked for ${rig.url}/`) && deed !== 'asked for about:blank'),
    inspect: (name, pictures = LOOKS) => looker.inspect(`finance.${name}`, pictures),
    pretend: async (path, change) => {
      await page.route(
        ({ pathname }) => pathname === `/api${path}`,
        async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, json: change(await response.json()) });
        },
      );
    },
    // What is under way may have been given up by the page.
    honest: () => page.unrouteAll({ behavior: 'ignoreErrors' }),
    stop: async () => {
      await looker.close();
      await tidyUp();
    },
  };
};
