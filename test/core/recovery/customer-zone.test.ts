// The customer's time zone: told, or of a country that has only one, or the policy's.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zoneOf } from '../../../core/recovery/customer-zone.ts';
import { isTimeZone } from '../../../core/time.ts';

const POLICY = 'Europe/Vienna';
const ofCountry = (country: string | null) => zoneOf({ timeZone: null, country }, POLICY);

describe('a customer’s zone', () => {
  test('is the customer’s own before all', () => {
    const told = { timeZone: 'Asia/Tokyo', country: 'FR' };
    expect(zoneOf(told, POLICY)).toEqual({ zone: 'Asia/Tokyo', because: 'metadata' });
    const offset = { timeZone: '+05:30', country: null };
    expect(zoneOf(offset, POLICY)).toEqual({ zone: '+05:30', because: 'metadata' });
  });

  test.each([
    '',
    'Mars/Olympus',
    'Europe',
    '__proto__',
    'Europe/Paris ',
    '2026-03-01T09:00Z',
    '[Europe/Paris]',
  ])('of its own that is none (%j) it is the country’s', (timeZone) => {
    expect(zoneOf({ timeZone, country: 'FR' }, POLICY)).toEqual({ zone: 'Europe/Paris', because: 'country' });
    expect(zoneOf({ timeZone, country: null }, POLICY)).toEqual({ zone: POLICY, because: 'policy' });
  });

  test.each([
    ['FR', 'Europe/Paris'],
    ['GB', 'Europe/London'],
    ['JP', 'Asia/Tokyo'],
    ['AT', 'Europe/Vienna'],
    ['MA', 'Africa/Casablanca'],
    // Büsingen keeps Berlin's time.
    ['DE', 'Europe/Berlin'],
    ['fr', 'Europe/Paris'],
    [' fr ', 'Europe/Paris'],
  ])('of %j it is %s', (country, zone) => {
    expect(ofCountry(country)).toEqual({ zone, because: 'country' });
    expect(ofCountry(country)).toEqual({ zone, because: 'country' });
  });

  test('several names of one time are one: all of Argentina is at -3, Malaysia at +8', () => {
    expect(ofCountry('AR').because).toBe('country');
    expect(ofCountry('MY').because).toBe('country');
  });

  // Several times: the Canaries, Ürümqi, Perth; Queensland differs from Sydney in summer only.
  test.each(['US', 'CA', 'BR', 'RU', 'AU', 'ES', 'PT', 'CN', 'ID', 'MX', 'NZ', 'KI', 'PF', 'CL'])(
    'of %s it is the policy’s: it has several',
    (country) => {
      expect(ofCountry(country)).toEqual({ zone: POLICY, because: 'policy' });
    },
  );

  test.each([
    null,
    '',
    'X',
    'XX',
    'ZZ',
    'EU',
    'DEU',
    '276',
    'D E',
    '__proto__',
    'de-AT',
    'DE-u-rg-uszzzz',
    'ＤＥ',
  ])('of %j, a country nobody knows, it is the policy’s', (country) => {
    expect(ofCountry(country)).toEqual({ zone: POLICY, because: 'policy' });
  });

  test('never throws, and is always a zone', () => {
    const letters = fc.string({
      minLength: 2,
      maxLength: 2,
      unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')),
    });
    const text = fc.option(fc.oneof(fc.string(), letters, fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(text, text, (timeZone, country) => {
        const { zone, because } = zoneOf({ timeZone, country }, POLICY);
        expect(isTimeZone(zone)).toBe(true);
        expect(because === 'policy' && zone !== POLICY).toBe(false);
        expect(zoneOf({ timeZone, country }, POLICY)).toEqual({ zone, because });
      }),
      { numRuns: 300 },
    );
  });

  test('is remembered without end for no one: a thousand strange names and more are answered', () => {
    for (let i = 0; i < 1100; i += 1) {
      expect(zoneOf({ timeZone: `Mars/Crater_${i}`, country: 'FR' }, POLICY).zone).toBe('Europe/Paris');
    }
  });
});
