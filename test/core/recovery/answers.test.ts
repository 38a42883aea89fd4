// What a customer promises: which days can be promised, and when each is over, wherever they live.
import { describe, expect, test } from 'vitest';
import { MAX_PROMISE_DAYS, promiseDays, promisedUntil } from '../../../core/recovery/answers.ts';
import { at } from '../../support/customers.ts';

describe('a promised day', () => {
  test.each([
    ['2026-02-20T12:00Z', '2026-02-28', '2026-02-28T23:59:59.999Z'],
    ['2026-02-20T12:00Z', '2026-02-29', null],
    ['2026-02-20T12:00Z', '2026-02-30', null],
    ['2028-02-20T12:00Z', '2028-02-29', '2028-02-29T23:59:59.999Z'],
    ['2026-12-25T12:00Z', '2027-01-08', '2027-01-08T23:59:59.999Z'],
    ['2026-12-25T12:00Z', '2026-12-32', null],
    ['2026-12-25T12:00Z', '2026-13-01', null],
    ['2026-12-25T12:00Z', '2026-12-3', null],
    ['2026-12-25T12:00Z', '2026-12-28T', null],
    ['2026-12-25T12:00Z', '٢٠٢٦-١٢-٢٨', null],
  ])('asked for on %s, %s is over at %s', (now, day, until) => {
    expect(promisedUntil(day, at(now), 'UTC')).toBe(until);
  });

  test.each([
    // The same moment is the 19th, the 20th or the 21st, by where one is.
    ['Etc/GMT+12', '2026-03-19', '2026-04-02'],
    ['Pacific/Honolulu', '2026-03-20', '2026-04-03'],
    ['Pacific/Kiritimati', '2026-03-21', '2026-04-04'],
    ['Pacific/Chatham', '2026-03-21', '2026-04-04'],
    ['Asia/Kathmandu', '2026-03-20', '2026-04-03'],
  ])('in %s lies between %s and %s', (zone, from, to) => {
    const now = at('2026-03-20T11:30Z');
    expect(promiseDays(now, zone)).toEqual({ from, to });
    for (const day of [from, to]) {
      const until = promisedUntil(day, now, zone);
      expect(until).not.toBeNull();
      expect((until ?? '') > now).toBe(true);
    }
    expect(Date.parse(promisedUntil(to, now, zone) ?? '') - Date.parse(now)).toBeLessThan(
      (MAX_PROMISE_DAYS + 1) * 86_400_000 + 3_600_000,
    );
  });

  test.each([
    // The clocks go forward in the night of the 29th, and back on the 25th of October.
    ['Europe/Vienna', '2026-03-20T11:30Z', '2026-03-28', '2026-03-28T22:59:59.999Z'],
    ['Europe/Vienna', '2026-03-20T11:30Z', '2026-03-29', '2026-03-29T21:59:59.999Z'],
    ['Europe/Vienna', '2026-10-20T11:30Z', '2026-10-25', '2026-10-25T22:59:59.999Z'],
    // Here they go forward at midnight itself: the day before ends where the next begins.
    ['America/Santiago', '2026-09-01T11:30Z', '2026-09-05', '2026-09-06T03:59:59.999Z'],
  ])('in %s ends with its last millisecond where the clocks change', (zone, now, day, until) => {
    expect(promisedUntil(day, at(now), zone)).toBe(until);
  });
});
