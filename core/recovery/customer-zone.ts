// Which time zone a customer lives in, as far as anybody knows.
import { Temporal } from 'temporal-polyfill';
import { isTimeZone } from '../time.ts';
import { contactOf, type Facts } from './customer.ts';
import type { Policy } from './policy.ts';

/** A zone, and what it was taken from: the customer's own data, the country, or the policy. */
export type CustomerZone = {
  readonly zone: string;
  readonly because: 'metadata' | 'country' | 'policy';
};

/** Summer and winter of three years: fixed, so that the answer does not depend on a clock. */
const COMPARED_AT_MS = [2027, 2032, 2037].flatMap((year) =>
  Array.from({ length: 12 }, (_, month) => Date.UTC(year, month, 15, 12)),
);

const offsetsAgree = (zones: readonly string[]): boolean =>
  COMPARED_AT_MS.every((ms) => {
    const at = Temporal.Instant.fromEpochMilliseconds(ms);
    const [first, ...others] = zones.map((zone) => at.toZonedDateTimeISO(zone).offsetNanoseconds);
    return others.every((offset) => offset === first);
  });

/** TypeScript's library does not know it yet. */
type LocaleWithZones = Intl.Locale & { readonly getTimeZones?: () => readonly string[] | undefined };

/**
 * The one time of a country, as one of its zones; `null` when it has several, or nobody knows the country.
 * The zones come from Intl: the list that the runtime carries, as Temporal's offsets do, so neither clock nor
 * setting of the machine changes the answer.
 */
const findZone = (country: string): string | null => {
  const locale: LocaleWithZones = new Intl.Locale(`und-${country}`);
  const zones = (locale.getTimeZones?.() ?? []).filter(isTimeZone);
  return zones[0] !== undefined && offsetsAgree(zones) ? zones[0] : null;
};

/** At most 676 countries can be written. */
const zoneByCountry = new Map<string, string | null>();

const zoneOfCountry = (text: string): string | null => {
  const country = text.trim().toUpperCase();
  if (!/^[A-Z]{2}$/.test(country)) return null;
  const known = zoneByCountry.get(country);
  if (known !== undefined) return known;
  const zone = findZone(country);
  zoneByCountry.set(country, zone);
  return zone;
};

/**
 * The customer's own zone when there is such a zone; else that of the country (ISO 3166, two letters) when
 * all of it has one time; else `fallback`, the policy's. Never throws for what a customer's data holds.
 */
export const zoneOf = (
  { timeZone, country }: { readonly timeZone: string | null; readonly country: string | null },
  fallback: string,
): CustomerZone => {
  if (timeZone !== null && isTimeZone(timeZone)) return { zone: timeZone, because: 'metadata' };
  const zone = country === null ? null : zoneOfCountry(country);
  return zone === null ? { zone: fallback, because: 'policy' } : { zone, because: 'country' };
};

/** The time zone that a customer lives by, as far as their facts tell. */
export const zoneOfCustomer = (facts: Facts, { timeZone }: Pick<Policy, 'timeZone'>): string =>
  zoneOf(contactOf(facts), timeZone).zone;
