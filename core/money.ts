// Money is whole minor units and a currency. Sums never mix currencies; words are made at the edge.
import { invariant } from './assert.ts';

/** An amount: `minor` is a safe integer of the currency's smallest unit, `currency` an ISO 4217 code in upper case. */
export type Money = { readonly minor: number; readonly currency: string };

/** More than any invoice: what is above is a fault in the input, not an amount. */
export const MAX_MINOR = 999_999_999_999;

// Stripe's own lists, not those of Intl: https://docs.stripe.com/currencies#zero-decimal and #three-decimal.
// ISK and UGX have no minor unit in ISO 4217, yet Stripe writes them with two decimals.
const ZERO_DECIMAL = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const THREE_DECIMAL = new Set('BHD JOD KWD OMR TND'.split(' '));

/** The number of decimals of a currency's major unit: 0, 2 or 3. Source: docs.stripe.com/currencies. */
export const exponentOf = (currency: string): 0 | 2 | 3 =>
  ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2;

/** Checks the shape once, where an amount is made. */
export const money = (minor: number, currency: string): Money => {
  invariant(Number.isSafeInteger(minor), `money: ${minor} is not a whole number of minor units`);
  invariant(/^[A-Z]{3}$/.test(currency), `money: "${currency}" is not an ISO 4217 code in upper case`);
  return { minor, currency };
};

/** The sums of amounts, one entry a currency, in the order of the currencies' codes. */
export const sumByCurrency = (amounts: readonly Money[]): Money[] => {
  const sums = new Map<string, number>();
  for (const { minor, currency } of amounts) sums.set(currency, (sums.get(currency) ?? 0) + minor);
  return [...sums]
    .map(([currency, minor]) => money(minor, currency))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
};

/** `value` held between 0 and `limit`. */
export const within = (value: number, limit: number): number => Math.max(0, Math.min(value, limit));

/** The amount as a decimal string of the major unit, exact at any size: `{1234, 'EUR'}` is `"12.34"`. */
export const toDecimal = ({ minor, currency }: Money): string => {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const sign = minor < 0 ? '-' : '';
  return exponent === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-exponent)}`;
};

const formats = new Map<string, Intl.NumberFormat>();

/** The amount in a language's own form, with the currency's decimals: `¥5,000`, `KWD 12.340`, `1.234,56 €`. */
export const formatMoney = (amount: Money, language: string): string => {
  const key = `${language} ${amount.currency}`;
  let format = formats.get(key);
  if (!format) {
    const digits = exponentOf(amount.currency);
    format = new Intl.NumberFormat(language, {
      style: 'currency',
      currency: amount.currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  // Intl takes a decimal string exactly; a plain space reads the same as its no-break space and survives any mail.
  return format.format(toDecimal(amount) as `${number}`).replaceAll(/[\u00A0\u202F]/g, ' ');
};
