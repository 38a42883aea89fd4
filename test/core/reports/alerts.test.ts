// When figures leave their band: the rules by tables, and how often they are wrong where nothing has changed.
import { describe, expect, test } from 'vitest';
import {
  alertInWords,
  alertsOn,
  bandOf,
  WATCH_DAYS,
  WEEKS,
  type Alert,
} from '../../../core/reports/alerts.ts';
import {
  dayNumber,
  dayText,
  watchedOf,
  watchRow,
  type DayCount,
  type DayCounts,
  type Watched,
} from '../../../core/reports/watch.ts';
import { at } from '../../support/customers.ts';
import { caseOf } from '../../support/reports.ts';

const DAY = dayNumber(at('2026-03-16T09:00Z'));
const START = DAY - WATCH_DAYS;

/** Days of which each is what `make` says, from the first that is watched to {@link DAY}. */
const watchedDays = (make: (daysBefore: number) => Partial<DayCount>): Watched => {
  const days = new Map<number, DayCount>();
  for (let day = START; day <= DAY; day += 1)
    days.set(day, { failed: 0, recovered: 0, lost: 0, ...make(DAY - day) });
  return { days, since: START };
};

const whatOf = (alerts: readonly Alert[]) => alerts.map(({ what }) => what);

describe('the band of a weekday', () => {
  test.each([
    ['nothing at all', [0, 0, 0, 0, 0, 0, 0, 0], { low: 0, high: 1 }],
    ['the same every time', [10, 10, 10, 10, 10, 10, 10, 10], { low: 1, high: 20 }],
    ['many', [100, 104, 96, 99, 101, 100, 97, 103], { low: 69, high: 132 }],
    ['what scatters more than by chance', [100, 200, 40, 99, 160, 100, 30, 71], { low: 0, high: 301 }],
  ])('of %s', (_, before, band) => {
    expect(bandOf(before)).toEqual(band);
  });

  test('holds the middle of what went before, and is wider the less went before', () => {
    const { low, high } = bandOf([50, 52, 48, 50]);
    const longer = bandOf([50, 52, 48, 50, 50, 52, 48, 50]);
    expect(low).toBeLessThan(longer.low);
    expect(high).toBeGreaterThan(longer.high);
  });
});

describe('failures of a day', () => {
  const usual = (failed: number) => watchedDays((before) => ({ failed: before === 0 ? failed : 10 }));

  test.each([
    [10, []],
    [20, []],
    [21, ['failures_high']],
    [1, []],
    [0, ['failures_low']],
  ])('%i where ten were usual', (failed, what) => {
    expect(whatOf(alertsOn(usual(failed), DAY))).toEqual(what);
  });

  test('are held against the same weekday, and no other', () => {
    const mondays = watchedDays((before) => ({ failed: before % 7 === 0 ? 60 : 5 }));
    expect(alertsOn(mondays, DAY)).toEqual([]);
    expect(alertsOn(mondays, DAY - 1)).toEqual([]);
  });

  test('say nothing before eight weeks are known', () => {
    const young = (since: number): Watched => ({ ...usual(90), since });
    expect(whatOf(alertsOn(young(DAY - 7 * WEEKS), DAY))).toEqual(['failures_high']);
    expect(alertsOn(young(DAY - 7 * WEEKS + 1), DAY)).toEqual([]);
    expect(alertsOn({ ...usual(90), since: null }, DAY)).toEqual([]);
  });

  test('of a handful are no rush', () => {
    const few = (failed: number) => watchedDays((before) => ({ failed: before === 0 ? failed : 0 }));
    expect(alertsOn(few(4), DAY)).toEqual([]);
    expect(whatOf(alertsOn(few(5), DAY))).toEqual(['failures_high']);
  });

  test('tell since when it is so, and are new on the first day only', () => {
    const outage = watchedDays((before) => ({ failed: before < 3 ? 80 : 10 }));
    const [first] = alertsOn(outage, DAY - 2);
    const [third] = alertsOn(outage, DAY);
    expect(first).toMatchObject({ since: DAY - 2, isNew: true });
    expect(third).toMatchObject({ since: DAY - 2, isNew: false, failed: 80, usual: 10 });
  });
});

describe('the recovery rate', () => {
  /** Ten are settled a day; of the last `days` days so many of them recovered, before them seven. */
  const changed = (days: number, recovered: number) =>
    watchedDays((before) => {
      const hits = before < days ? recovered : 7;
      return { failed: 10, recovered: hits, lost: 10 - hits };
    });

  test.each([
    [28, 7, []],
    [28, 4, ['recovery_low']],
    [28, 10, ['recovery_high']],
    [3, 4, []],
  ])('of the last %i days with %i of 10 recovered, where 7 were', (days, recovered, what) => {
    expect(whatOf(alertsOn(changed(days, recovered), DAY))).toEqual(what);
  });

  test('has to be out of its interval for a week before anybody is told', () => {
    const told = Array.from({ length: 28 }, (_, days) => alertsOn(changed(days + 1, 0), DAY).length);
    const first = told.indexOf(1);
    const all = changed(first + 1, 0);
    expect(first).toBeGreaterThan(7);
    expect(told.slice(first).every((n) => n === 1)).toBe(true);
    expect(alertsOn(all, DAY)).toMatchObject([{ since: DAY, isNew: true }]);
  });

  test('says nothing with fewer than 30 settled on a side', () => {
    const rare = watchedDays((before) => ({
      failed: 1,
      recovered: before >= 28 ? 1 : 0,
      lost: before < 28 ? 1 : 0,
    }));
    expect(alertsOn(rare, DAY)).toEqual([]);
  });
});

describe('in words', () => {
  test('figure, band, since when, and what to look at', () => {
    const outage = watchedDays((before) => ({ failed: before < 2 ? 80 : 10 }));
    const [alert = expect.unreachable('there is one')] = alertsOn(outage, DAY);
    const { says, lookAt } = alertInWords(alert);
    expect(says).toBe(
      'More payments failed than usual: 80 on Monday, 2026-03-16. The last 8 Mondays had 10.0 on average, and 1 to 20 was ' +
        'to be expected. So since 2026-03-15.',
    );
    expect(lookAt).toContain('recoup report --by reason');
  });

  test('both rates with what they are shares of', () => {
    const fallen = watchedDays((before) => ({
      failed: 10,
      recovered: before < 28 ? 4 : 7,
      lost: before < 28 ? 6 : 3,
    }));
    const [alert = expect.unreachable('there is one')] = alertsOn(fallen, DAY);
    const { says } = alertInWords(alert);
    expect(says).toContain('Less comes back than before');
    expect(says).toContain('40.0 % (112 of 280)');
    expect(says).toContain('70.0 % (588 of 840)');
  });
});

describe('what is counted', () => {
  test('is a failure on its own day and on that of its outcome; none that was imported', () => {
    const failedAt = at('2026-03-01T23:59Z');
    const { rows } = caseOf('a', [
      { failedAt, outcome: 'recovered', after: 1 },
      { failedAt, outcome: 'lost', after: 3 },
      { failedAt, outcome: 'open' },
      { failedAt, outcome: 'withdrawn', after: 1 },
      { failedAt, outcome: 'lost', book: { cohort: 'imported' } },
    ]);
    const counts: DayCounts = {};
    for (const row of rows) watchRow(counts, row);
    expect(counts).toEqual({
      '2026-03-01': { failed: 4, recovered: 0, lost: 0 },
      '2026-03-02': { failed: 0, recovered: 1, lost: 0 },
      '2026-03-04': { failed: 0, recovered: 0, lost: 1 },
    });
    const { days, since } = watchedOf(counts);
    expect([...days].map(([day, count]) => [dayText(day), count])).toEqual(Object.entries(counts));
    expect(since).toBe(dayNumber(failedAt));
    expect(watchedOf({ '2026-03-02': { failed: 0, recovered: 1, lost: 0 } }).since).toBeNull();
  });
});

describe('where nothing has changed', () => {
  /** Numbers between 0 and 1 that look drawn: mulberry32. */
  const createDraw = (seed: number) => {
    let state = seed >>> 0;
    return (): number => {
      state = (state + 0x6d_2b_79_f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  };

  /** D. E. Knuth, The art of computer programming 2, 3.4.1: in parts, for its product would vanish. */
  const poisson = (draw: () => number, mean: number): number => {
    if (mean > 30) return poisson(draw, 30) + poisson(draw, mean - 30);
    const limit = Math.exp(-mean);
    let [n, product] = [0, draw()];
    while (product > limit) {
      n += 1;
      product *= draw();
    }
    return n;
  };

  const DAYS = 12_000;

  /** Weekends have half as many; seven of ten are recovered. */
  const steady = (mean: number): Watched => {
    const draw = createDraw(5 + mean);
    const days = new Map<number, DayCount>();
    for (let day = 0; day < DAYS; day += 1) {
      const failed = poisson(draw, day % 7 > 4 ? mean / 2 : mean);
      const recovered = Array.from({ length: failed }, draw).filter((x) => x < 0.7).length;
      days.set(day, { failed, recovered, lost: failed - recovered });
    }
    return { days, since: 0 };
  };

  test.each([0.3, 1, 2, 3, 5, 8, 20, 100])(
    'neither rule tells more often than once in 200 days, with %d failures a day',
    (mean) => {
      const watched = steady(mean);
      let [failures, recovery] = [0, 0];
      for (let day = WATCH_DAYS; day < DAYS; day += 1) {
        for (const alert of alertsOn(watched, day)) {
          if (!alert.isNew) continue;
          if ('failed' in alert) failures += 1;
          else recovery += 1;
        }
      }
      const most = (DAYS - WATCH_DAYS) / 200;
      expect(failures).toBeLessThanOrEqual(most);
      expect(recovery).toBeLessThanOrEqual(most);
    },
  );
});
