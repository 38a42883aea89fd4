// Time: instants as text, durations as people write them, and days as a customer lives them.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  addLocalDays,
  addMs,
  DAY_MS,
  earlier,
  HOUR_MS,
  instantFromMs,
  instantFromSeconds,
  isTimeZone,
  later,
  localDay,
  MINUTE_MS,
  monthOf,
  offsetSpanAt,
  parseDuration,
  toMs,
} from '../../core/time.ts';
import { at } from '../support/customers.ts';

describe('an instant', () => {
  test('is always UTC with milliseconds', () => {
    expect(instantFromSeconds(1_772_355_600)).toBe('2026-03-01T09:00:00.000Z');
    expect(instantFromMs(1_772_355_600_007)).toBe('2026-03-01T09:00:00.007Z');
    expect(instantFromMs(0)).toBe('1970-01-01T00:00:00.000Z');
  });

  test('the order of its text is the order of time', () => {
    const ms = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        expect(instantFromMs(a) < instantFromMs(b)).toBe(a < b);
        expect(toMs(instantFromMs(a))).toBe(a);
      }),
      { numRuns: 500 },
    );
  });

  test('a time that cannot be is refused', () => {
    expect(() => instantFromMs(Number.NaN)).toThrow(RangeError);
    expect(() => instantFromSeconds(1e15)).toThrow(RangeError);
  });

  test('moves by milliseconds and by days, fractions and back included', () => {
    const now = at('2026-03-01T09:00Z');
    expect(addMs(now, -1)).toBe('2026-03-01T08:59:59.999Z');
    expect(addDays(now, 1)).toBe('2026-03-02T09:00:00.000Z');
    expect(addDays(now, 0.5)).toBe('2026-03-01T21:00:00.000Z');
    expect(addDays(now, -1)).toBe('2026-02-28T09:00:00.000Z');
    expect(addDays(now, 1 / 3)).toBe('2026-03-01T17:00:00.000Z');
  });

  test('the earlier and the later of two; null is never, and not yet', () => {
    const [a, b] = [at('2026-03-01T09:00Z'), at('2026-03-02T09:00Z')];
    expect([earlier(a, b), earlier(b, a), earlier(a, null), earlier(null, b), earlier(null, null)]).toEqual([
      a,
      a,
      a,
      b,
      null,
    ]);
    expect([later(a, b), later(b, a), later(a, null), later(null, b), later(null, null)]).toEqual([
      b,
      b,
      a,
      b,
      null,
    ]);
  });

  test('belongs to a month of UTC', () => {
    expect(monthOf(at('2026-03-31T23:59:59.999Z'))).toBe('2026-03');
    expect(monthOf(at('2026-04-01T00:00Z'))).toBe('2026-04');
  });
});

describe('a duration', () => {
  test.each([
    ['90m', 90 * MINUTE_MS],
    ['12h', 12 * HOUR_MS],
    ['3d', 3 * DAY_MS],
    ['2w', 14 * DAY_MS],
    ['0d', 0],
    ['007d', 7 * DAY_MS],
    ['36500d', 36_500 * DAY_MS],
    ['5214w', 36_498 * DAY_MS],
  ])('%s is read', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    'd',
    '3',
    '3 d',
    ' 3d',
    '3d ',
    '3D',
    '-3d',
    '+3d',
    '1.5d',
    '3d12h',
    '1e3d',
    '3y',
    '３d',
    '36501d',
    '5215w',
    '99999999m',
    '3d\n',
    'Infinityd',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('a local day', () => {
  test.each([
    ['2026-03-01T09:59:59.999Z', 'Pacific/Kiritimati', '2026-03-01'],
    ['2026-03-01T10:00Z', 'Pacific/Kiritimati', '2026-03-02'],
    ['2026-03-01T10:59:59.999Z', 'Pacific/Pago_Pago', '2026-02-28'],
    ['2026-03-01T11:00Z', 'Pacific/Pago_Pago', '2026-03-01'],
    ['2026-03-01T00:00Z', 'UTC', '2026-03-01'],
    ['2026-02-28T23:59:59.999Z', 'UTC', '2026-02-28'],
    ['2028-02-29T12:00Z', 'UTC', '2028-02-29'],
    ['2026-12-31T23:00Z', 'Europe/Vienna', '2027-01-01'],
    ['2026-03-01T18:29:59Z', 'Asia/Kolkata', '2026-03-01'],
    ['2026-03-01T18:30Z', 'Asia/Kolkata', '2026-03-02'],
    ['2026-03-01T10:00Z', '+14:00', '2026-03-02'],
  ])('B15: %s in %s is %s', (text, zone, expected) => {
    expect(localDay(at(text), zone)).toBe(expected);
  });

  test('B15: it begins at local midnight on both sides of a change of the clocks', () => {
    // Vienna: 29 March 2026 has 23 hours, 25 October 25.
    expect(localDay(at('2026-03-28T22:59:59Z'), 'Europe/Vienna')).toBe('2026-03-28');
    expect(localDay(at('2026-03-28T23:00Z'), 'Europe/Vienna')).toBe('2026-03-29');
    expect(localDay(at('2026-03-29T21:59:59Z'), 'Europe/Vienna')).toBe('2026-03-29');
    expect(localDay(at('2026-03-29T22:00Z'), 'Europe/Vienna')).toBe('2026-03-30');
    expect(localDay(at('2026-10-24T22:00Z'), 'Europe/Vienna')).toBe('2026-10-25');
    expect(localDay(at('2026-10-25T22:59:59Z'), 'Europe/Vienna')).toBe('2026-10-25');
    expect(localDay(at('2026-10-25T23:00Z'), 'Europe/Vienna')).toBe('2026-10-26');
  });
});

describe('days added where a customer lives', () => {
  test.each([
    // Clocks go forward: the same hour of the day comes after 23 hours.
    ['2026-03-28T09:00Z', 1, 'Europe/Vienna', '2026-03-29T08:00:00.000Z'],
    // Clocks go back: after 25.
    ['2026-10-24T09:00Z', 1, 'Europe/Vienna', '2026-10-25T10:00:00.000Z'],
    ['2026-03-07T15:00Z', 1, 'America/New_York', '2026-03-08T14:00:00.000Z'],
    ['2026-03-28T09:00Z', 7, 'Europe/Vienna', '2026-04-04T08:00:00.000Z'],
    ['2026-03-28T09:00Z', 1, 'UTC', '2026-03-29T09:00:00.000Z'],
    ['2026-01-30T09:00Z', 1, 'Pacific/Kiritimati', '2026-01-31T09:00:00.000Z'],
    ['2026-03-28T09:00Z', 0, 'Europe/Vienna', '2026-03-28T09:00:00.000Z'],
    // An hour that does not exist on that day is the next that does.
    ['2026-03-28T01:30Z', 1, 'Europe/Vienna', '2026-03-29T01:30:00.000Z'],
  ])('B15: %s and %i days in %s is %s', (text, days, zone, expected) => {
    expect(addLocalDays(at(text), days, zone)).toBe(expected);
  });

  test('are that many calendar days later, in every zone', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Vienna',
      'America/New_York',
      'Pacific/Kiritimati',
      'Pacific/Pago_Pago',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
    );
    const ms = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(ms, fc.nat(60), zone, (start, days, name) => {
        const from = instantFromMs(start);
        const first = Date.parse(localDay(from, name));
        const last = Date.parse(localDay(addLocalDays(from, days, name), name));
        expect((last - first) / DAY_MS).toBe(days);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the offset of a zone', () => {
  const span = (text: string, zone: string) => offsetSpanAt(Date.parse(text), zone);

  test.each([
    // Berlin, 2026: +1 until 29 March 1:00 UTC, +2 until 25 October 1:00 UTC.
    ['2026-03-29T00:59:59.999Z', 'Europe/Berlin', 60, null],
    ['2026-03-29T01:00Z', 'Europe/Berlin', 120, 60],
    ['2026-10-25T00:59:59.999Z', 'Europe/Berlin', 120, null],
    ['2026-10-25T01:00Z', 'Europe/Berlin', 60, 120],
    // Lord Howe, 4 October 2026, 15:30 UTC of the 3rd: by half an hour.
    ['2026-10-03T15:30Z', 'Australia/Lord_Howe', 660, 630],
    // Apia, 30 December 2011, 10:00 UTC: by a whole day.
    ['2011-12-30T10:00Z', 'Pacific/Apia', 840, -600],
    ['1969-07-20T20:17Z', 'UTC', 0, null],
    ['9000-01-01T00:00Z', '-12:00', -720, null],
  ])('at %s in %s is %i minutes', (text, zone, minutes, before) => {
    const { offsetMs, fromMs, untilMs, offsetBeforeMs } = span(text, zone);
    expect(offsetMs).toBe(minutes * MINUTE_MS);
    expect(fromMs <= Date.parse(text) && Date.parse(text) < untilMs).toBe(true);
    if (before === null) return;
    expect(fromMs).toBe(Date.parse(text));
    expect(offsetBeforeMs).toBe(before * MINUTE_MS);
  });

  test('two changes within a week are both seen: Recife, October 2000', () => {
    // Summer time of a week: from 8 October until 15 October 2000, midnight (3:00 and 2:00 UTC).
    expect(span('2000-10-08T02:59Z', 'America/Recife').offsetMs).toBe(-3 * HOUR_MS);
    expect(span('2000-10-10T00:00Z', 'America/Recife')).toEqual({
      fromMs: Date.parse('2000-10-08T03:00Z'),
      untilMs: Date.parse('2000-10-15T02:00Z'),
      offsetMs: -2 * HOUR_MS,
      offsetBeforeMs: -3 * HOUR_MS,
    });
    expect(span('2000-10-15T02:00Z', 'America/Recife').offsetMs).toBe(-3 * HOUR_MS);
  });

  test('spans join without a gap, from 2010 until 2030', () => {
    for (const zone of ['Europe/Berlin', 'Pacific/Apia', 'Africa/Casablanca', 'Asia/Kolkata']) {
      let ms = Date.UTC(2010, 0, 1);
      while (ms < Date.UTC(2030, 0, 1)) {
        const one = offsetSpanAt(ms, zone);
        const next = offsetSpanAt(one.untilMs, zone);
        expect(one.untilMs).toBeGreaterThan(ms);
        expect(offsetSpanAt(one.untilMs - 1, zone)).toEqual(one);
        expect([next.offsetBeforeMs, next.offsetMs]).toContain(one.offsetMs);
        // Three days later the change is still told.
        const isChange = next.offsetMs !== one.offsetMs;
        expect(!isChange || offsetSpanAt(one.untilMs + 3 * DAY_MS, zone).fromMs === one.untilMs).toBe(true);
        ms = one.untilMs;
      }
    }
  });

  test('of no zone is refused', () => {
    expect(() => offsetSpanAt(0, 'Mars/Olympus')).toThrow(RangeError);
  });
});

describe('a time zone', () => {
  test.each([
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Pacific/Kiritimati',
    '+14:00',
    'Etc/GMT+12',
  ])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  test.each([
    '',
    'Mars/Olympus',
    'Europe/Berlin ',
    '__proto__',
    'CEST?',
    'Europe',
    '2026-03-01T09:00Z',
    '2026-03-01[UTC]',
  ])('“%s” is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
