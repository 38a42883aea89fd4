// Figures as a language writes them: money from its exact decimal, shares, counts, days and durations. All times are UTC. Pure.
import { dateLocaleOf, type Language } from './language.ts';

/** Money as the API tells it: `decimal` is exact, in the major unit. */
export type Money = { readonly minor: number; readonly currency: string; readonly decimal: string };

const DAY_HOURS = 24;
/** From so many hours on, people say days. */
const IN_DAYS = 48;

/** Units of time, the largest first, with their seconds. */
const SPANS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

const decimalsOf = (decimal: string): number => decimal.split('.')[1]?.length ?? 0;

/** Whole minor units as an exact decimal. */
const shifted = (minor: number, decimals: number): `${number}` => {
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const text = decimals === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return `${minor < 0 ? '-' : ''}${text}` as `${number}`;
};

/** Keeps what was made for a key. */
const kept = <T>(make: (key: string) => T): ((key: string) => T) => {
  const made = new Map<string, T>();
  return (key) => {
    const found = made.get(key) ?? make(key);
    made.set(key, found);
    return found;
  };
};

const moneyFormats = (locale: string) => {
  const whole = kept((key) => {
    const [currency = '', decimals = '2'] = key.split(' ');
    const digits = Number(decimals);
    return new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  });
  const short = kept(
    (currency) =>
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        notation: 'compact',
        minimumFractionDigits: 0,
        maximumFractionDigits: 1,
      }),
  );
  return {
    /** An amount, exact: Intl takes a decimal text of any length as it is. */
    money: ({ currency, decimal }: Money): string =>
      whole(`${currency} ${decimalsOf(decimal)}`).format(decimal as `${number}`),
    /** A sum of minor units in the currency and with the decimals of one of its parts. */
    moneyOf: (minor: number, { currency, decimal }: Money): string =>
      whole(`${currency} ${decimalsOf(decimal)}`).format(shifted(minor, decimalsOf(decimal))),
    /** An amount at an axis: `€1.2K`. */
    moneyShort: (value: number, currency: string): string => short(currency).format(value),
  };
};

/** A month, a day or an instant, as ISO 8601 has them. */
const MOMENT = /^\d{4}-\d{2}(-\d{2}(T[\d:.]+Z)?)?$/;

/** The moment of an instant, a day or a month; null when it is none. The address may hold anything: the API says what is wrong. */
const at = (text: string): Date | null => {
  const moment = new Date(MOMENT.test(text) ? text : Number.NaN);
  return Number.isNaN(moment.getTime()) ? null : moment;
};

const written =
  (format: Intl.DateTimeFormat, zone = '') =>
  (text: string): string => {
    const moment = at(text);
    return moment === null ? text : `${format.format(moment)}${zone}`;
  };

const dayFormats = (locale: string) => {
  const inUtc = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  const [day, long, weekday, month, monthShort, instant] = [
    inUtc({ dateStyle: 'medium' }),
    inUtc({ dateStyle: 'long' }),
    inUtc({ weekday: 'short', month: 'short', day: 'numeric' }),
    inUtc({ year: 'numeric', month: 'long' }),
    inUtc({ year: '2-digit', month: 'short' }),
    inUtc({ dateStyle: 'medium', timeStyle: 'short' }),
  ];
  /** The first day and the last of what `from` and `to` name, a day or a month each. */
  const period = (from: string, to: string): string => {
    const [first, last] = [at(from), at(to)];
    if (first === null || last === null) return `${from} – ${to}`;
    const isMonths = from.length === 7 && to.length === 7;
    return (isMonths ? month : day).formatRange(first, last);
  };
  return {
    day: written(day),
    dayLong: written(long),
    /** A day that is near, with the name of its weekday. */
    weekday: written(weekday),
    month: written(month),
    monthShort: written(monthShort),
    /** A moment, which is one of UTC. */
    instant: written(instant, ' UTC'),
    period,
  };
};

/** How one language writes figures. */
export const createFormat = (language: Language) => {
  const locale = dateLocaleOf(language);
  const count = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const percentWhole = new Intl.NumberFormat(language, { style: 'percent' });
  const points = new Intl.NumberFormat(language, {
    signDisplay: 'always',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const pointsWhole = new Intl.NumberFormat(language, {
    signDisplay: 'exceptZero',
    maximumFractionDigits: 0,
  });
  const hours = new Intl.NumberFormat(language, { style: 'unit', unit: 'hour', unitDisplay: 'long' });
  const days = new Intl.NumberFormat(language, { style: 'unit', unit: 'day', unitDisplay: 'long' });
  const spans = kept((unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }));
  const dollars = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    maximumSignificantDigits: 3,
  });
  const names = new Intl.DisplayNames(locale, { type: 'currency', fallback: 'code' });
  const regions = new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' });
  return {
    language,
    ...moneyFormats(language),
    ...dayFormats(locale),
    /** An estimate in US dollars, which may be far below a cent. */
    dollars: (amount: number): string => dollars.format(amount),
    count: (n: number): string => count.format(n),
    /** A share to the tenth of a hundredth. */
    percent: (share: number): string => percent.format(share),
    /** A share at an axis. */
    percentWhole: (share: number): string => percentWhole.format(share),
    /** A difference of shares in hundredths, with its sign. */
    points: (difference: number): string => points.format(difference * 100),
    /** The same at an axis. */
    pointsWhole: (difference: number): string => pointsWhole.format(difference * 100),
    /** Hours as people say them: days from two of them on. */
    duration: (of: number): string =>
      of < IN_DAYS ? hours.format(of) : days.format(Math.round(of / DAY_HOURS)),
    /** Seconds in the largest unit of which there are two, rounded. */
    span: (seconds: number): string => {
      const [unit, of] = SPANS.find(([, least]) => seconds >= 2 * least) ?? ['second', 1];
      return spans(unit).format(Math.round(seconds / of));
    },
    /** The name of a currency by its code; any other text stays as it is. */
    currencyName: (code: string): string => (/^[A-Z]{3}$/i.test(code) ? (names.of(code) ?? code) : code),
    /** The name of a country by its code; any other text stays as it is. */
    country: (code: string): string => (/^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code),
  };
};
export type Format = ReturnType<typeof createFormat>;
