// The browser in which pages and mails are looked at: the Chromium of this machine. Without one there is nothing to test.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const asked = process.env['CHROMIUM'];
const DEBIAN = '/usr/bin/chromium';

if (asked !== undefined && !existsSync(asked)) {
  throw new Error(`CHROMIUM is ${asked}, and there is nothing`);
}

/** Where it is, or null. */
export const CHROMIUM = asked ?? (existsSync(DEBIAN) ? DEBIAN : null);

/** Said of what is skipped. */
export const HOW_TO_GET_ONE =
  'There is no browser: `apt-get install chromium` on Debian, or name any Chrome or Chromium in CHROMIUM.';

if (CHROMIUM === null) console.warn(HOW_TO_GET_ONE);

/** Starts it. No name is ever looked up, so nothing that a page asks for leaves this machine. */
export const startBrowser = (): Promise<Browser> => {
  if (CHROMIUM === null) throw new Error(HOW_TO_GET_ONE);
  return chromium.launch({
    executablePath: CHROMIUM,
    // In a container Chromium has no rights to build its own sandbox, and all that it shows is ours.
    chromiumSandbox: false,
    args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
  });
};
