// The page of a report in a browser, as it is mailed and kept: for everybody, on a phone and at a desk, light and dark.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportOn } from '../../core/workflows/read-report.ts';
import { reportPage } from '../../web/report/page.ts';
import { at } from '../support/customers.ts';
import { caseOf } from '../support/reports.ts';
import { casesOfAYear, reportOfAYear, YEAR, YEAR_END } from '../support/year-of-failures.ts';
import { CHROMIUM } from './chromium.ts';
import { LOOKS, startLooker, type Looker } from './looking.ts';

describe.skipIf(CHROMIUM === null)('the page of a report', () => {
  let looker: Looker;
  beforeAll(async () => {
    // Of the letters of a picture, and of a table that goes on beside the screen, axe cannot tell on what they stand: the contrast
    // of the colours themselves is worked out in test/web/report.test.ts.
    looker = await startLooker({ takesUnclear: true });
  });
  afterAll(() => looker.close());

  const ofOneCurrency = () => reportOfAYear(150, { currency: 'EUR' });
  const ofNothing = () => reportOn([], YEAR, YEAR_END);
  /** Nothing failed in the period, and some of what failed before it is open. */
  const ofWhatIsOpen = () =>
    reportOn(
      [
        caseOf('old', [{ outcome: 'open', failedAt: at('2026-11-20T09:00Z'), minor: 123_456_789 }]),
        caseOf('before', [
          { outcome: 'open', failedAt: at('2026-10-20T09:00Z'), book: { cohort: 'imported' } },
        ]),
      ],
      { ...YEAR, from: at('2026-12-01T00:00Z') },
      YEAR_END,
    );

  test.each([
    ['a year', () => reportOfAYear(150)],
    ['one currency', ofOneCurrency],
    ['a few days', () => reportOn(casesOfAYear(400), { ...YEAR, from: at('2026-12-28T00:00Z') }, YEAR_END)],
    ['what is open only', ofWhatIsOpen],
    ['nothing', ofNothing],
  ])('of %s can be read by everybody, fits a phone, and does nothing by itself', async (name, make) => {
    const { report, rows } = await make();
    await looker.show(reportPage(report, rows, 'a test'));
    expect(await looker.inspect(`report.${name}`, LOOKS)).toEqual([]);
    expect(looker.deeds).toEqual([]);
  });
});
