// Dates as people write them: the end of a day where they live, and instants with their offset.
import { describe, expect, test } from 'vitest';
import { endOfLocalDay, parseInstant } from '../../core/time.ts';

describe('a day', () => {
  test.each<readonly [string, string, string | null]>([
    ['2026-12-04', 'UTC', '2026-12-04T23:59:59.999Z'],
    ['2026-12-04', 'Europe/Berlin', '2026-12-04T22:59:59.999Z'],
    ['2026-12-04', 'America/New_York', '2026-12-05T04:59:59.999Z'],
    // The days on which clocks are moved have 23 and 25 hours there.
    ['2026-03-29', 'Europe/Berlin', '2026-03-29T21:59:59.999Z'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-25T22:59:59.999Z'],
    ['2026-02-30', 'UTC', null],
    ['2026-2-3', 'UTC', null],
    ['tomorrow', 'UTC', null],
    ['', 'UTC', null],
  ])('%s in %s lasts until %s', (day, zone, end) => {
    expect(endOfLocalDay(day, zone)).toBe(end);
  });
});

describe('an instant', () => {
  test.each<readonly [string, string | null]>([
    ['2026-12-04T12:00:00Z', '2026-12-04T12:00:00.000Z'],
    ['2026-12-04T12:00:00+01:00', '2026-12-04T11:00:00.000Z'],
    ['2026-12-04T12:00Z', '2026-12-04T12:00:00.000Z'],
    ['2026-12-04T12:00:00', null],
    ['2026-12-04', null],
    ['soon', null],
  ])('%s is %s', (text, at) => {
    expect(parseInstant(text)).toBe(at);
  });
});
