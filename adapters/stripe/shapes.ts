// How fields of Stripe's objects are checked: wrong money, ids and times refused, free text made harmless.
import * as v from 'valibot';
import { isProviderId } from '../../core/ids.ts';
import { MAX_MINOR } from '../../core/money.ts';
import type { CardDetails, Contact } from '../../core/recovery/fact.ts';
import { instantFromSeconds, isTimeZone, type Instant } from '../../core/time.ts';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A check of one field or object whose result is `T`. */
export type Shape<T> = v.GenericSchema<unknown, T>;

/** Whether a value is an object and no list. */
export const isJsonObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value under `key`; null when there is none, for on Stripe's wire absent and null say the same. */
export const own = (object: unknown, key: string): unknown =>
  isJsonObject(object) && Object.hasOwn(object, key) ? (object[key] ?? null) : null;

/** `T`, or null when the field is null or absent. */
export const maybe = <T>(of: Shape<T>): Shape<T | null> => v.nullable(of);

const checked = <T>(expected: string, test: (value: unknown) => boolean): Shape<T> =>
  v.custom<T>(test, expected);

const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

const reads = <T>(from: (value: unknown) => T): Shape<T> => v.pipe(v.unknown(), v.transform(from));

/** The value when it is `of`, else null. */
export const known = <T>(of: Shape<T>, value: unknown): T | null => {
  const result = v.safeParse(of, value, { abortEarly: true });
  return result.success ? result.output : null;
};

/** What only informs, and so is no reason to refuse the object it stands in: null when it is not `of`. */
export const hint = <T>(of: Shape<T>): Shape<T | null> => reads((value) => known(of, value));

const whole = (what: string, max: number): Shape<number> =>
  v.pipe(
    checked<number>(`${what} from 0 to ${max}`, (value) => isWhole(value, 0, max)),
    v.transform((value) => (value === 0 ? 0 : value)), // JSON can say -0
  );

/**
 * Amounts are whole minor units; what is above the limit is a fault, not an amount.
 * docs.stripe.com/currencies
 */
export const minor = whole('a whole number of minor units', MAX_MINOR);

/** A small count, such as of attempts. */
export const count = whole('a whole number', 1_000_000);

/** A JSON object as it is. */
export const json = checked<Json>('an object', isJsonObject);

type Entries = Readonly<Record<string, Shape<unknown>>>;
type Fields<E extends Entries> = { readonly [K in keyof E]: v.InferOutput<E[K]> };

/** An object of which only `entries` are looked at; a field that is absent is read as null. */
export const shape = <E extends Entries>(entries: E): Shape<Fields<E>> =>
  v.pipe(
    json,
    v.transform((object) => Object.fromEntries(Object.keys(entries).map((key) => [key, own(object, key)]))),
    v.object(entries) as v.GenericSchema<Json, Fields<E>>,
  );

/** A yes or no. */
export const flag = checked<boolean>('true or false', (value) => typeof value === 'boolean');

const EARLIEST = Date.UTC(2010, 0, 1) / 1000;
const LATEST = Date.UTC(2100, 0, 1) / 1000 - 1;

/** Whole seconds since 1970, between 2010 and 2100. */
export const stamp: Shape<Instant> = v.pipe(
  checked<number>('a time in whole seconds between 2010 and 2100', (value) =>
    isWhole(value, EARLIEST, LATEST),
  ),
  v.transform(instantFromSeconds),
);

/** A currency in upper case; Stripe writes lower case. */
export const currency: Shape<string> = v.pipe(
  checked<string>(
    'a currency of three letters',
    (value) => typeof value === 'string' && /^[a-z]{3}$/i.test(value),
  ),
  v.transform((value) => value.toUpperCase()),
);

/** An id as the provider makes them. */
export const id = checked<string>(
  'an id of at most 128 printable characters',
  (value) => typeof value === 'string' && isProviderId(value),
);

/**
 * The id of another object, which Stripe writes as the id or, when expanded, as the object.
 * docs.stripe.com/expand
 */
export const reference: Shape<string> = v.pipe(
  v.unknown(),
  v.transform((value) => (isJsonObject(value) ? own(value, 'id') : value)),
  id,
);

/** The `object` field: what kind of object it is. */
export const kind = (...kinds: readonly string[]): Shape<string> =>
  checked<string>(`"${kinds.join('" or "')}"`, (value) => typeof value === 'string' && kinds.includes(value));

/** One of a closed set of words. */
export const oneOf = <T extends string>(...words: readonly T[]): Shape<T> =>
  checked<T>(`one of ${words.join(', ')}`, (value) => words.some((word) => word === value));

/** A list of any length. */
export const list = <T>(of: Shape<T>): Shape<readonly T[]> => v.array(of, 'a list');

const CODE = /^[!-~]{1,64}$/;
const isCode = (value: unknown): value is string => typeof value === 'string' && CODE.test(value);

/** A machine word such as a status; refused when it is none. */
export const word = checked<string>('a word of at most 64 printable characters', isCode);

/** A machine word that only informs, such as a decline code; null when it is none. */
export const code = reads<string | null>((value) => (isCode(value) ? value : null));

/** Machine words that only inform. */
export const codes = reads<readonly string[]>((value) => (Array.isArray(value) ? value.filter(isCode) : []));

const oneLine = (value: string, max: number): string | null => {
  // Cut first, and never between the halves of one character.
  const cut = value.slice(0, max).replace(/[\uD800-\uDBFF]$/, '');
  const line = cut.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ');
  return line.trim() || null;
};

/** Free text from outside: one line, well-formed, at most `max` characters; null when nothing is left. */
export const text = (max: number): Shape<string | null> =>
  reads((value) => (typeof value === 'string' ? oneLine(value, max) : null));

const ADDRESS = /^[^\s\p{C},<>@]+@[^\s\p{C},<>@]+$/u;

/**
 * An e-mail address that can stand alone in a header; null when it is none. At most 254 characters: RFC 5321.
 */
export const email = reads<string | null>((value) =>
  typeof value === 'string' && value.length <= 254 && ADDRESS.test(value) ? value : null,
);

// The characters of RFC 3986 but the apostrophe: nothing that could end an attribute.
const LINK = /^https:\/\/[\w\-.~:/?#[\]@!$&()*+,;=%]{1,2040}$/;

/** A link that may be put before a customer, at most 2048 characters; null when it is not https. */
export const httpsUrl = reads<string | null>((value) =>
  typeof value === 'string' && LINK.test(value) && URL.canParse(value) ? value : null,
);

/** The country of an address, ISO 3166 in upper case; null when not known. */
export const country = reads<string | null>((address) => {
  const value = own(address, 'country');
  return typeof value === 'string' && /^[a-z]{2}$/i.test(value) ? value.toUpperCase() : null;
});

/** Language tags, the preferred first, at most five. */
export const locales = reads<readonly string[]>((value) =>
  (Array.isArray(value) ? value : [])
    .filter((tag): tag is string => typeof tag === 'string' && /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i.test(tag))
    .slice(0, 5),
);

const MAX_ENTRIES = 20;
const MAX_KEY = 40;
const MAX_VALUE = 100;

const wordOf = (value: unknown, max: number): string | null =>
  typeof value === 'string' && value.length <= max ? oneLine(value, max) : null;

const entriesOf = (told: unknown): Contact['metadata'] => {
  const entries = Object.entries(isJsonObject(told) ? told : {}).flatMap(([key, value]) => {
    const said = wordOf(value, MAX_VALUE);
    return said === null || wordOf(key, MAX_KEY) !== key ? [] : [[key, said] as const];
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_ENTRIES));
};

// A name such as Europe/Vienna or Etc/GMT+1: no offset, and no date that names a zone.
const ZONE = /^[a-z][\w+\-/]{0,63}$/i;
const ZONE_KEYS = ['time_zone', 'timezone', 'tz'] as const;

const zoneOf = (told: unknown): string | null =>
  ZONE_KEYS.map((key) => wordOf(own(told, key), MAX_VALUE)).find(
    (name) => name !== null && ZONE.test(name) && isTimeZone(name),
  ) ?? null;

/**
 * What the business noted of a customer: words under words, and a time zone among them. An entry that is too
 * long or no text is left out, and of more than twenty the first by key stay. docs.stripe.com/metadata
 */
export const noted = reads<Pick<Contact, 'timeZone' | 'metadata'>>((told) => ({
  timeZone: zoneOf(told),
  metadata: entriesOf(told),
}));

// Legacy card objects write the brand as a person would; payment methods write it as a code.
const BRANDS: ReadonlyMap<string, string> = new Map([
  ['american express', 'amex'],
  ['diners club', 'diners'],
  ['eftpos australia', 'eftpos_au'],
]);

const brandOf = (value: unknown): string | null => {
  if (typeof value !== 'string') return null;
  const lower = value.toLowerCase();
  const brand = BRANDS.get(lower) ?? lower;
  return isCode(brand) ? brand : null;
};

/**
 * What may be kept of a card: `card` of a payment method, of a charge's `payment_method_details`, or a legacy
 * card object. Never more than its last four digits.
 */
export const card = reads<CardDetails | null>((value) => {
  if (!isJsonObject(value)) return null;
  const [fingerprint, last4] = [own(value, 'fingerprint'), own(value, 'last4')];
  const [expMonth, expYear] = [own(value, 'exp_month'), own(value, 'exp_year')];
  return {
    fingerprint: isCode(fingerprint) ? fingerprint : null,
    brand: brandOf(own(value, 'brand')),
    last4: typeof last4 === 'string' && /^\d{4}$/.test(last4) ? last4 : null,
    expMonth: isWhole(expMonth, 1, 12) ? expMonth : null,
    expYear: isWhole(expYear, 2000, 2100) ? expYear : null,
  };
});

/** A value as a sentence can hold it: short, and never the content of an object. */
const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40)) + (value.length > 40 ? '…' : '');
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
};

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** Checks `value`; a reason names the first field that is wrong, what it is and what it should be. */
export const read = <T>(as: Shape<T>, value: unknown, where: string): Read<T> => {
  const result = v.safeParse(as, value, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  const path = [where, v.getDotPath(issue)].filter(Boolean).join('.');
  return { ok: false, reason: `${path}: ${show(issue.input)} is not ${issue.message}` };
};
