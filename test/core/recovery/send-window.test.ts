// Send windows: hours of the customer's own clock, whatever the clocks do; mornings and paydays.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../../core/assert.ts';
import {
  isInWindow,
  localMorning,
  nextInWindow,
  nextPayday,
  windowFaults,
  type SendWindow,
} from '../../../core/recovery/send-window.ts';
import { addMs, DAY_MS, HOUR_MS, instantFromMs, MINUTE_MS, toMs, type Instant } from '../../../core/time.ts';
import { at } from '../../support/customers.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const OFFICE_DAYS = [1, 2, 3, 4, 5];

const windowOf = (from: string, to: string, changes: Partial<SendWindow> = {}): SendWindow => ({
  from,
  to,
  weekdays: EVERY_DAY,
  quietDates: [],
  ...changes,
});

const OFFICE = windowOf('09:00', '17:00', { weekdays: OFFICE_DAYS });
const WHOLE_DAY = windowOf('00:00', '24:00');

/** The next moment of a window, once both questions about it have agreed. */
const nextOf = (text: string, window: SendWindow | null, zone: string): Instant => {
  const next = nextInWindow(at(text), window, zone);
  const isInside = isInWindow(at(text), window, zone);
  if (isInside !== (next === at(text)))
    throw new Error(`${text} is ${isInside ? 'in' : 'out'}, next ${next}`);
  return next;
};

describe('the next moment of a window', () => {
  test.each([
    // 2026-03-02 is a Monday; Berlin is at +1 until 29 March.
    ['inside: at once', '2026-03-02T09:30:12.345Z', '2026-03-02T09:30:12.345Z'],
    ['its first moment', '2026-03-02T08:00Z', '2026-03-02T08:00Z'],
    ['a moment before', '2026-03-02T07:59:59.999Z', '2026-03-02T08:00Z'],
    ['its last moment', '2026-03-02T15:59:59.999Z', '2026-03-02T15:59:59.999Z'],
    ['the end is outside', '2026-03-02T16:00Z', '2026-03-03T08:00Z'],
    ['Friday evening waits for Monday', '2026-03-06T16:00Z', '2026-03-09T08:00Z'],
    ['Saturday noon waits for Monday', '2026-03-07T11:00Z', '2026-03-09T08:00Z'],
    // Sunday 23:30 UTC is Monday 00:30 in Berlin.
    ['Sunday in UTC, Monday there', '2026-03-08T23:30Z', '2026-03-09T08:00Z'],
    ['over the end of a month', '2026-01-30T20:00Z', '2026-02-02T08:00Z'],
    // 27 March is the last Friday at +1, 30 March the first Monday at +2.
    ['over the change of the clocks', '2026-03-27T16:00Z', '2026-03-30T07:00Z'],
    // 23 October is the last Friday at +2, 26 October the first Monday at +1.
    ['and back', '2026-10-23T15:00Z', '2026-10-26T08:00Z'],
    ['before 1970', '1969-12-31T20:00Z', '1970-01-01T08:00Z'],
  ])('%s', (_, text, expected) => {
    expect(nextOf(text, OFFICE, 'Europe/Berlin')).toBe(at(expected));
  });

  test('without a window a mail may always go', () => {
    expect(nextOf('2026-03-07T03:00Z', null, 'Europe/Berlin')).toBe(at('2026-03-07T03:00Z'));
  });

  test.each([
    // Kiritimati is at +14: Monday 9:00 there is Sunday 19:00 UTC.
    ['Pacific/Kiritimati', '2026-03-08T12:00Z', '2026-03-08T19:00Z'],
    ['Pacific/Kiritimati', '2026-03-09T03:00Z', '2026-03-09T19:00Z'],
    // The far end, at -12: Monday 9:00 is Monday 21:00 UTC, Friday 17:00 is Saturday 5:00 UTC.
    ['Etc/GMT+12', '2026-03-09T12:00Z', '2026-03-09T21:00Z'],
    ['Etc/GMT+12', '2026-03-14T04:59Z', '2026-03-14T04:59Z'],
    ['Etc/GMT+12', '2026-03-14T05:00Z', '2026-03-16T21:00Z'],
    // Chatham is at +13:45 until 5 April 2026, 3:45 there, then at +12:45.
    ['Pacific/Chatham', '2026-03-08T12:00Z', '2026-03-08T19:15Z'],
    ['Pacific/Chatham', '2026-04-05T12:00Z', '2026-04-05T20:15Z'],
    ['Asia/Kolkata', '2026-03-09T00:00Z', '2026-03-09T03:30Z'],
    ['+14:00', '2026-03-08T12:00Z', '2026-03-08T19:00Z'],
    ['UTC', '2026-03-07T12:00Z', '2026-03-09T09:00Z'],
  ])('in %s, seen from %s', (zone, text, expected) => {
    expect(nextOf(text, OFFICE, zone)).toBe(at(expected));
  });
});

describe('a window where the clocks change', () => {
  test.each([
    // Berlin, 29 March 2026: 2:00 becomes 3:00 at 1:00 UTC.
    [
      'its beginning is left out',
      '02:30',
      '05:00',
      'Europe/Berlin',
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
    ],
    ['all of it is left out', '02:00', '03:00', 'Europe/Berlin', '2026-03-29T00:30Z', '2026-03-30T00:00Z'],
    ['its end is left out', '01:00', '02:30', 'Europe/Berlin', '2026-03-29T01:00Z', '2026-03-29T23:00Z'],
    // Berlin, 25 October 2026: 3:00 becomes 2:00 at 1:00 UTC. 2:30 is first 0:30, then 1:30 UTC.
    ['it begins at the first', '02:30', '05:00', 'Europe/Berlin', '2026-10-25T00:00Z', '2026-10-25T00:30Z'],
    ['it is shown twice', '02:00', '02:30', 'Europe/Berlin', '2026-10-25T00:30Z', '2026-10-25T01:00Z'],
    ['twice, and over', '02:00', '02:30', 'Europe/Berlin', '2026-10-25T01:30Z', '2026-10-26T01:00Z'],
    // New York, 8 March 2026: 2:00 becomes 3:00 at 7:00 UTC; 1 November: 2:00 becomes 1:00 at 6:00 UTC.
    ['New York, left out', '02:15', '06:00', 'America/New_York', '2026-03-08T06:00Z', '2026-03-08T07:00Z'],
    ['New York, twice', '01:15', '06:00', 'America/New_York', '2026-11-01T05:00Z', '2026-11-01T05:15Z'],
    ['New York, nine', '09:00', '17:00', 'America/New_York', '2026-03-07T23:00Z', '2026-03-08T13:00Z'],
    // Lord Howe, 4 October 2026: 2:00 becomes 2:30 at 15:30 UTC of the 3rd (+10:30, then +11).
    ['half an hour', '02:15', '05:00', 'Australia/Lord_Howe', '2026-10-03T14:00Z', '2026-10-03T15:30Z'],
    // Lord Howe, 5 April 2026: 2:00 becomes 1:30 at 15:00 UTC of the 4th. 1:45 is first 14:45 UTC.
    ['half back', '01:45', '05:00', 'Australia/Lord_Howe', '2026-04-04T14:00Z', '2026-04-04T14:45Z'],
    // Casablanca is at +1, and at +0 in Ramadan: from 23 February 2025, 3:00, until 6 April, 2:00.
    ['before Ramadan', '09:00', '17:00', 'Africa/Casablanca', '2025-02-22T20:00Z', '2025-02-23T09:00Z'],
    ['after Ramadan', '09:00', '17:00', 'Africa/Casablanca', '2025-04-05T20:00Z', '2025-04-06T08:00Z'],
    ['left out after it', '02:30', '04:00', 'Africa/Casablanca', '2025-04-06T01:00Z', '2025-04-06T02:00Z'],
    // Beirut, 29 March 2026: midnight becomes 1:00 at 22:00 UTC of the 28th (+2, then +3).
    ['midnight is left out', '00:00', '06:00', 'Asia/Beirut', '2026-03-28T12:00Z', '2026-03-28T22:00Z'],
  ])('%s: %s to %s in %s', (_, from, to, zone, text, expected) => {
    expect(nextOf(text, windowOf(from, to), zone)).toBe(at(expected));
  });
});

describe('a window over midnight', () => {
  const night = windowOf('22:00', '02:00', { weekdays: [5] });

  test.each([
    // 2026-03-06 is a Friday. The early hours of Friday belong to Thursday, those of Saturday to Friday.
    ['2026-03-06T01:00Z', '2026-03-06T22:00Z'],
    ['2026-03-06T22:00Z', '2026-03-06T22:00Z'],
    ['2026-03-07T01:59:59.999Z', '2026-03-07T01:59:59.999Z'],
    ['2026-03-07T02:00Z', '2026-03-13T22:00Z'],
    ['2026-03-07T22:30Z', '2026-03-13T22:00Z'],
  ])('belongs to the weekday on which it begins: %s', (text, expected) => {
    expect(nextOf(text, night, 'UTC')).toBe(at(expected));
  });

  test('and to that date: the night before a quiet date goes on, that of the date does not begin', () => {
    const window = windowOf('22:00', '02:00', { quietDates: ['2026-12-24'] });
    expect(nextOf('2026-12-24T01:00Z', window, 'UTC')).toBe(at('2026-12-24T01:00Z'));
    expect(nextOf('2026-12-24T02:00Z', window, 'UTC')).toBe(at('2026-12-25T22:00Z'));
    expect(nextOf('2026-12-25T01:00Z', window, 'UTC')).toBe(at('2026-12-25T22:00Z'));
  });

  test('until 00:00 is until 24:00', () => {
    for (const to of ['00:00', '24:00']) {
      expect(nextOf('2026-03-06T23:59Z', windowOf('22:00', to), 'UTC')).toBe(at('2026-03-06T23:59Z'));
      expect(nextOf('2026-03-07T00:00Z', windowOf('22:00', to), 'UTC')).toBe(at('2026-03-07T22:00Z'));
    }
  });

  test('is cut where the clocks leave its end out', () => {
    // Berlin, 29 March 2026: of 22:00 to 2:30 there is nothing after 2:00, which is 1:00 UTC.
    const window = windowOf('22:00', '02:30');
    expect(nextOf('2026-03-29T00:59Z', window, 'Europe/Berlin')).toBe(at('2026-03-29T00:59Z'));
    expect(nextOf('2026-03-29T01:00Z', window, 'Europe/Berlin')).toBe(at('2026-03-29T20:00Z'));
  });

  test('St John’s, 2010: a minute after midnight the clocks went back to the day before', () => {
    // 7 November 2010, 0:01 at -2:30, is 2:31 UTC; then 6 November (a Saturday), 23:01 at -3:30.
    const saturday = windowOf('22:00', '00:30', { weekdays: [6] });
    expect(nextOf('2010-11-07T02:30:30Z', saturday, 'America/St_Johns')).toBe(at('2010-11-07T02:30:30Z'));
    expect(nextOf('2010-11-07T02:31Z', saturday, 'America/St_Johns')).toBe(at('2010-11-07T02:31Z'));
    expect(nextOf('2010-11-07T03:59Z', saturday, 'America/St_Johns')).toBe(at('2010-11-07T03:59Z'));
    // Sunday 0:30 is 4:00 UTC; the next Saturday, 22:00 at -3:30, is Sunday 1:30 UTC.
    expect(nextOf('2010-11-07T04:00Z', saturday, 'America/St_Johns')).toBe(at('2010-11-14T01:30Z'));
  });
});

describe('quiet dates', () => {
  test('of one year and of every year', () => {
    const window = windowOf('09:00', '17:00', { quietDates: ['12-25', '12-26', '2026-12-24'] });
    expect(nextOf('2026-12-24T00:00Z', window, 'UTC')).toBe(at('2026-12-27T09:00Z'));
    expect(nextOf('2027-12-24T00:00Z', window, 'UTC')).toBe(at('2027-12-24T09:00Z'));
    expect(nextOf('2027-12-24T17:00Z', window, 'UTC')).toBe(at('2027-12-27T09:00Z'));
  });

  test('the leap day is quiet in leap years, and no other day is in its place', () => {
    const window = { ...WHOLE_DAY, quietDates: ['02-29'] };
    expect(nextOf('2028-02-29T00:00Z', window, 'UTC')).toBe(at('2028-03-01T00:00Z'));
    expect(nextOf('2028-02-28T23:59Z', window, 'UTC')).toBe(at('2028-02-28T23:59Z'));
    expect(nextOf('2027-02-28T12:00Z', window, 'UTC')).toBe(at('2027-02-28T12:00Z'));
    expect(nextOf('2027-03-01T00:00Z', window, 'UTC')).toBe(at('2027-03-01T00:00Z'));
  });

  test('are dates of the customer’s calendar', () => {
    // 25 December in Kiritimati is 24 December 10:00 UTC to 25 December 10:00 UTC.
    const window = { ...WHOLE_DAY, quietDates: ['12-25'] };
    expect(nextOf('2026-12-24T09:59Z', window, 'Pacific/Kiritimati')).toBe(at('2026-12-24T09:59Z'));
    expect(nextOf('2026-12-24T10:00Z', window, 'Pacific/Kiritimati')).toBe(at('2026-12-25T10:00Z'));
  });
});

describe('Apia had no 30 December 2011', () => {
  // At midnight after Thursday the 29th, 10:00 UTC of the 30th, -10 became +14 and it was Saturday the 31st.
  test('its Friday never came', () => {
    const friday = windowOf('09:00', '17:00', { weekdays: [5] });
    // Friday 6 January 2012, 9:00 at +14, is 5 January 19:00 UTC.
    expect(nextOf('2011-12-30T03:00Z', friday, 'Pacific/Apia')).toBe(at('2012-01-05T19:00Z'));
  });

  test('a quiet 30th keeps nothing back', () => {
    expect(nextOf('2011-12-30T10:00Z', { ...WHOLE_DAY, quietDates: ['12-30'] }, 'Pacific/Apia')).toBe(
      at('2011-12-30T10:00Z'),
    );
  });

  test('the night that began on Thursday ended on Saturday', () => {
    const thursday = windowOf('22:00', '02:00', { weekdays: [4] });
    // Thursday 22:00 at -10 is 8:00 UTC of the 30th; Saturday 2:00 at +14 is 12:00 UTC.
    expect(nextOf('2011-12-30T07:00Z', thursday, 'Pacific/Apia')).toBe(at('2011-12-30T08:00Z'));
    expect(nextOf('2011-12-30T11:59Z', thursday, 'Pacific/Apia')).toBe(at('2011-12-30T11:59Z'));
    // Thursday 5 January 2012, 22:00 at +14, is 8:00 UTC.
    expect(nextOf('2011-12-30T12:00Z', thursday, 'Pacific/Apia')).toBe(at('2012-01-05T08:00Z'));
    const friday = windowOf('22:00', '02:00', { weekdays: [5] });
    expect(nextOf('2011-12-30T11:00Z', friday, 'Pacific/Apia')).toBe(at('2012-01-06T08:00Z'));
  });
});

describe('a search', () => {
  test('is bounded: a window that never opens is a fault of ours by then', () => {
    const never = windowOf('09:00', '17:00', { weekdays: [] });
    expect(windowFaults(never)).not.toEqual([]);
    for (const zone of ['UTC', 'Europe/Berlin']) {
      expect(() => nextInWindow(at('2026-03-01T09:00Z'), never, zone)).toThrow(InvariantError);
    }
    expect(isInWindow(at('2026-03-02T09:00Z'), never, 'UTC')).toBe(false);
  });

  test('finds the longest wait that the policy check allows', () => {
    // Every day from 1 January to 28 June 2026, 179 days, is quiet.
    const quietDates = Array.from({ length: 179 }, (_, i) =>
      instantFromMs(Date.UTC(2026, 0, 1) + i * DAY_MS).slice(0, 10),
    );
    const window = { ...WHOLE_DAY, quietDates };
    expect(windowFaults(window)).toEqual([]);
    expect(nextOf('2026-01-01T00:00Z', window, 'UTC')).toBe(at('2026-06-29T00:00Z'));
  });
});

// The reference: what Intl says the clock shows, read without any of our arithmetic.
const formats = new Map<string, Intl.DateTimeFormat>();
const clockOf = (ms: number, timeZone: string) => {
  let format = formats.get(timeZone);
  if (!format) {
    const digits = '2-digit' as const;
    const parts = { year: 'numeric', month: digits, day: digits, hour: digits, minute: digits } as const;
    format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hourCycle: 'h23', ...parts });
    formats.set(timeZone, format);
  }
  const read = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return {
    date: `${read['year']}-${read['month']}-${read['day']}`,
    time: `${read['hour']}:${read['minute']}`,
    weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(read['weekday'] ?? '') + 1,
  };
};

/** The same by the book, at steps of 24 hours and less back to the day before. */
const isOpenByTheBook = (ms: number, { from, to, weekdays, quietDates }: SendWindow, zone: string) => {
  const isDay = ({ date, weekday }: { date: string; weekday: number }) =>
    weekdays.includes(weekday) && !quietDates.includes(date) && !quietDates.includes(date.slice(5));
  const now = clockOf(ms, zone);
  if (from < to) return isDay(now) && from <= now.time && now.time < to;
  if (from <= now.time) return isDay(now);
  if (now.time >= to) return false;
  let before = now;
  for (let back = ms; before.date >= now.date; back -= 30 * MINUTE_MS) before = clockOf(back, zone);
  return isDay(before);
};

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  '-12:00',
];

const anyZone = fc.constantFrom(...ZONES);
/** Changes of the clocks of the zones above, UTC, around which half of the moments are. */
const CHANGES = ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z']
  .concat(['2026-10-03T15:30Z', '2026-04-04T15:00Z', '2025-04-06T02:00Z', '2025-02-23T02:00Z'])
  .concat(['2011-12-30T10:00Z', '2010-11-07T02:31Z', '2026-03-28T22:00Z', '2018-11-04T03:00Z'])
  .map((text) => Date.parse(text));
const anyMs = fc.oneof(
  fc.integer({ min: Date.UTC(2008, 0, 1), max: Date.UTC(2030, 0, 1) }),
  fc
    .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS }))
    .map(([change, by]) => change + by),
);
const anyAt = anyMs.map(instantFromMs);
const anyTime = fc
  .oneof(
    fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15),
    fc.integer({ min: 0, max: 1439 }),
  )
  .map((minutes) => instantFromMs(minutes * MINUTE_MS).slice(11, 16));
const anyWindow: fc.Arbitrary<SendWindow> = fc
  .record({
    from: anyTime,
    to: fc.oneof({ weight: 5, arbitrary: anyTime }, { weight: 1, arbitrary: fc.constant('24:00') }),
    weekdays: fc.subarray(EVERY_DAY, { minLength: 1 }),
    quietDates: fc.subarray(['12-30', '02-29', '2026-03-29', '2026-10-25', '11-01', '2011-12-29', '12-31']),
  })
  .filter(({ from, to }) => from !== to);

describe('for every window, zone and moment the next moment', () => {
  test('is not before, is inside, by the book too, and is its own next', () => {
    fc.assert(
      fc.property(anyAt, anyWindow, anyZone, (start, window, zone) => {
        expect(windowFaults(window)).toEqual([]);
        const next = nextInWindow(start, window, zone);
        expect(next >= start).toBe(true);
        expect(isInWindow(next, window, zone)).toBe(true);
        expect(isOpenByTheBook(toMs(next), window, zone)).toBe(true);
        expect(nextInWindow(next, window, zone)).toBe(next);
      }),
      { numRuns: 1000 },
    );
  });

  test('comes before every other: nothing between is inside', () => {
    fc.assert(
      fc.property(
        anyAt,
        anyWindow,
        anyZone,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        (...drawn) => {
          const [start, window, zone, fractions] = drawn;
          const [first, last] = [toMs(start), toMs(nextInWindow(start, window, zone))];
          const edges = Array.from({ length: 90 }, (_, i) => i * MINUTE_MS);
          const moments = [
            ...edges.flatMap((ms) => [first + ms, last - 1 - ms]),
            ...fractions.map((part) => Math.floor(first + part * (last - 1 - first))),
          ];
          for (const ms of moments.filter((one) => one >= first && one < last)) {
            expect(isInWindow(instantFromMs(ms), window, zone)).toBe(false);
            expect(isOpenByTheBook(ms, window, zone)).toBe(false);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('inside is what the book says, at every moment', () => {
    fc.assert(
      fc.property(anyAt, anyWindow, anyZone, (moment, window, zone) => {
        expect(isInWindow(moment, window, zone)).toBe(isOpenByTheBook(toMs(moment), window, zone));
      }),
      { numRuns: 3000 },
    );
  });

  test('does not depend on how the moment is written', () => {
    fc.assert(
      fc.property(
        anyAt,
        anyWindow,
        anyZone,
        fc.integer({ min: -14, max: 14 }),
        (start, window, zone, hours) => {
          const sign = hours < 0 ? '-' : '+';
          const local = addMs(start, hours * HOUR_MS).slice(0, -1);
          const written = `${local}${sign}${String(Math.abs(hours)).padStart(2, '0')}:00` as Instant;
          expect(nextInWindow(written, window, zone)).toBe(nextInWindow(start, window, zone));
          expect(nextInWindow(written, null, zone)).toBe(start);
          expect(localMorning(written, zone)).toBe(localMorning(start, zone));
          expect(nextPayday(written, zone)).toBe(nextPayday(start, zone));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the faults of a window', () => {
  test.each([
    OFFICE,
    WHOLE_DAY,
    windowOf('22:00', '02:00'),
    windowOf('22:00', '00:00'),
    windowOf('00:00', '00:01', { weekdays: [7] }),
    windowOf('09:00', '17:00', { quietDates: ['02-29', '2028-02-29', '12-31', '2026-01-01'] }),
  ])('there are none in %o', (window) => {
    expect(windowFaults(window)).toEqual([]);
  });

  test.each([
    ['from', { from: '9:00' }],
    ['from', { from: '24:00' }],
    ['from', { from: '09:60' }],
    ['from', { from: '09:00:00' }],
    ['from', { from: '' }],
    ['to', { to: '24:01' }],
    ['to', { to: '5pm' }],
    ['from and to', { from: '09:00', to: '09:00' }],
    ['from and to', { from: '00:00', to: '00:00' }],
    ['weekdays', { weekdays: [] }],
    ['weekdays', { weekdays: [0] }],
    ['weekdays', { weekdays: [1, 8] }],
    ['weekdays', { weekdays: [1.5] }],
    ['quietDates', { quietDates: ['02-30'] }],
    ['quietDates', { quietDates: ['13-01'] }],
    ['quietDates', { quietDates: ['2027-02-29'] }],
    ['quietDates', { quietDates: ['24.12.'] }],
    ['quietDates', { quietDates: ['2026-12-24T00:00Z'] }],
    ['quietDates', { quietDates: ['0000-01-01'] }],
    ['quietDates', { quietDates: [''] }],
  ])('%s: %o', (field, changes) => {
    const faults = windowFaults({ ...OFFICE, ...changes });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${field}`));
  });

  test('all are told at once', () => {
    const faults = windowFaults({ from: '24:00', to: '25:00', weekdays: [0, 9], quietDates: ['x', '12-24'] });
    expect(faults).toHaveLength(5);
  });

  const datesOf = (year: number): string[] =>
    Array.from({ length: year === 2028 ? 366 : 365 }, (_, i) =>
      instantFromMs(Date.UTC(year, 0, 1) + i * DAY_MS).slice(0, 10),
    );

  test.each([
    ['every day of every year', EVERY_DAY, datesOf(2028).map((date) => date.slice(5))],
    ['all but leap days', EVERY_DAY, datesOf(2027).map((date) => date.slice(5))],
    // In a common year that begins with it, as 2029 does, 1 January is the only Monday that is not quiet.
    [
      'all but one date, on Mondays',
      [1],
      datesOf(2028)
        .map((date) => date.slice(5))
        .slice(1),
    ],
    ['a whole year', EVERY_DAY, datesOf(2027)],
    ['a whole year far away', EVERY_DAY, datesOf(2427)],
    ['181 days', EVERY_DAY, datesOf(2027).slice(100, 281)],
    [
      'half of one year and half of the next',
      EVERY_DAY,
      [...datesOf(2426).slice(270), ...datesOf(2427).slice(0, 95)],
    ],
  ])('a window that stays shut is one: %s', (_, weekdays, quietDates) => {
    expect(windowFaults({ ...OFFICE, weekdays, quietDates })).toEqual([
      'no mail could go for more than 180 days on end: remove quiet dates',
    ]);
  });

  test('180 quiet days are none', () => {
    expect(windowFaults({ ...WHOLE_DAY, quietDates: datesOf(2027).slice(100, 280) })).toEqual([]);
    // Apart from each other: 100 at the end of one year, 100 at the beginning of the one after the next.
    const quietDates = [...datesOf(2426).slice(265), ...datesOf(2429).slice(0, 100)];
    expect(windowFaults({ ...WHOLE_DAY, quietDates })).toEqual([]);
  });
});

describe('a local morning', () => {
  test.each([
    ['2026-03-02T07:00Z', 'Europe/Berlin', 9, '2026-03-02T08:00Z'],
    ['2026-03-02T08:00Z', 'Europe/Berlin', 9, '2026-03-02T08:00Z'],
    ['2026-03-02T08:00:00.001Z', 'Europe/Berlin', 9, '2026-03-03T08:00Z'],
    // Over both changes of the clocks.
    ['2026-03-28T09:00Z', 'Europe/Berlin', 9, '2026-03-29T07:00Z'],
    ['2026-10-24T09:00Z', 'Europe/Berlin', 9, '2026-10-25T08:00Z'],
    // 2:00 does not exist on 29 March 2026: 3:00 does, which is 1:00 UTC.
    ['2026-03-29T00:00Z', 'Europe/Berlin', 2, '2026-03-29T01:00Z'],
    // 2:00 exists twice on 25 October 2026: the first is 0:00 UTC; it counts once.
    ['2026-10-24T12:00Z', 'Europe/Berlin', 2, '2026-10-25T00:00Z'],
    ['2026-10-25T00:00:01Z', 'Europe/Berlin', 2, '2026-10-26T01:00Z'],
    // +14: 9:00 of the 3rd is 19:00 UTC of the 2nd.
    ['2026-03-02T12:00Z', 'Pacific/Kiritimati', 9, '2026-03-02T19:00Z'],
    ['2026-03-02T22:00Z', '-12:00', 9, '2026-03-03T21:00Z'],
    ['2026-01-01T00:00Z', 'Pacific/Chatham', 9, '2026-01-01T19:15Z'],
    ['2026-03-28T12:00Z', 'Asia/Beirut', 0, '2026-03-28T22:00Z'],
    // After 9:00 of Thursday, 29 December 2011 (19:00 UTC), Apia's next is that of Saturday, also 19:00 UTC.
    ['2011-12-29T19:30Z', 'Pacific/Apia', 9, '2011-12-30T19:00Z'],
    ['2011-12-29T10:30Z', 'Pacific/Apia', 0, '2011-12-30T10:00Z'],
  ])('after %s in %s, %i:00, is %s', (text, zone, hour, expected) => {
    expect(localMorning(at(text), zone, hour)).toBe(at(expected));
  });

  test('is at nine unless told otherwise', () => {
    expect(localMorning(at('2026-03-02T00:00Z'), 'UTC')).toBe(at('2026-03-02T09:00Z'));
  });

  test('is not before, shows nine, has none between, and is its own next', () => {
    fc.assert(
      fc.property(anyAt, anyZone, (start, zone) => {
        const morning = localMorning(start, zone);
        expect(morning >= start).toBe(true);
        expect(clockOf(toMs(morning), zone).time).toBe('09:00');
        expect(localMorning(morning, zone)).toBe(morning);
        const minute = nextInWindow(start, windowOf('09:00', '09:01'), zone);
        expect(minute === morning || clockOf(toMs(start), zone).time === '09:00').toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the next payday', () => {
  test.each([
    ['2026-03-01T00:00Z', 'UTC', '2026-03-01T09:00Z'],
    ['2026-03-02T00:00Z', 'UTC', '2026-03-15T09:00Z'],
    // 31 March 2026 is a Tuesday.
    ['2026-03-16T00:00Z', 'UTC', '2026-03-31T09:00Z'],
    ['2026-04-02T00:00Z', 'UTC', '2026-04-15T09:00Z'],
    // 31 May 2026 is a Sunday: the Friday before is the 29th.
    ['2026-05-16T00:00Z', 'UTC', '2026-05-29T09:00Z'],
    ['2026-05-30T00:00Z', 'UTC', '2026-06-01T09:00Z'],
    // 31 January 2026 is a Saturday: Friday is the 30th.
    ['2026-01-16T00:00Z', 'UTC', '2026-01-30T09:00Z'],
    // 28 February 2026 is a Saturday; 29 February 2028 a Tuesday.
    ['2026-02-16T00:00Z', 'UTC', '2026-02-27T09:00Z'],
    ['2028-02-16T00:00Z', 'UTC', '2028-02-29T09:00Z'],
    // 31 December 2026 is a Thursday; then New Year.
    ['2026-12-16T00:00Z', 'UTC', '2026-12-31T09:00Z'],
    ['2027-01-01T00:00Z', 'UTC', '2027-01-01T09:00Z'],
    // Later on the day itself: now.
    ['2026-03-15T18:00Z', 'UTC', '2026-03-15T18:00Z'],
    // 14 March 12:00 UTC is the 15th, 2:00, in Kiritimati: 9:00 is 19:00 UTC of the 14th.
    ['2026-03-14T12:00Z', 'Pacific/Kiritimati', '2026-03-14T19:00Z'],
    // The 1st, 5:00 UTC, is still Saturday 28 February in New York: 9:00 of the 1st is 14:00 UTC.
    ['2026-03-01T04:00Z', 'America/New_York', '2026-03-01T14:00Z'],
    // 15 March 2026, after New York's change of the clocks: 13:00 UTC.
    ['2026-03-02T12:00Z', 'America/New_York', '2026-03-15T13:00Z'],
    // The last weekday of 2011 was the 30th, which Apia had not: 1 January, 9:00 at +14.
    ['2011-12-29T20:00Z', 'Pacific/Apia', '2011-12-31T19:00Z'],
  ])('after %s in %s is %s', (text, zone, expected) => {
    expect(nextPayday(at(text), zone)).toBe(at(expected));
  });

  const isPaydayByTheBook = (ms: number, zone: string): boolean => {
    const { date, weekday } = clockOf(ms, zone);
    if (date.endsWith('-01') || date.endsWith('-15')) return true;
    const rest = Array.from({ length: 4 }, (_, i) => instantFromMs(Date.parse(date) + (i + 1) * DAY_MS));
    const later = rest.filter((day) => day.slice(0, 7) === date.slice(0, 7));
    const isWeekday = (day: string) => ![0, 6].includes(new Date(day).getUTCDay());
    return weekday <= 5 && later.length < 4 && !later.some(isWeekday);
  };

  test('is not before, is on a payday, has no payday’s noon between, and is its own next', () => {
    fc.assert(
      fc.property(anyAt, anyZone, (start, zone) => {
        const payday = nextPayday(start, zone);
        expect(payday >= start).toBe(true);
        expect(payday === start || clockOf(toMs(payday), zone).time === '09:00').toBe(true);
        expect(isPaydayByTheBook(toMs(payday), zone)).toBe(true);
        expect(nextPayday(payday, zone)).toBe(payday);
        for (let ms = toMs(start); ms < toMs(payday) - 10 * HOUR_MS; ms += 6 * HOUR_MS) {
          expect(isPaydayByTheBook(ms, zone)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});
