// Text from outside made harmless: it comes out as plain words on one line, or not at all.

/** The most graphemes of a name that a mail shows. */
export const MAX_NAME = 60;
/** The longest address a mail links to. */
const MAX_URL = 2048;
/** The local server's own page is reached there, without TLS. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

// No more of a text than this is ever looked at.
const MAX_INPUT = 2000;
const MAX_NUMBER = 40;
const MAX_MARKS = 4;
const MAX_DIGITS = 4;

const LINE_ENDS_AND_SPACES = /[\s\p{Zl}\p{Zp}\p{Cc}\u2800]+/gu;
const INVISIBLE = /[\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;
const STACKED_MARKS = new RegExp(String.raw`(\p{M}{${MAX_MARKS}})\p{M}+`, 'gu');

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The beginning of a text, cut between graphemes and, when one is near, between words, with an ellipsis
 * where something was cut. `max` counts what `size` says of each grapheme: by default one.
 */
export const shorten = (text: string, max: number, size: (grapheme: string) => number = () => 1): string => {
  let used = 0;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    used += size(segment);
    if (used <= max - 1) kept += segment;
    else if (used > max) {
      const space = kept.lastIndexOf(' ');
      const whole = space >= kept.length * 0.6 ? kept.slice(0, space) : kept;
      return `${whole.replace(/[\s.,;:–-]+$/u, '')}…`;
    }
  }
  return text;
};

/** A text on one line: composed (NFC), without control, bidi or invisible characters, its spaces single. */
export const oneLine = (text: string): string =>
  text
    .slice(0, MAX_INPUT)
    .replaceAll(INVISIBLE, '')
    .replaceAll(LINE_ENDS_AND_SPACES, ' ')
    .normalize('NFC')
    .replaceAll(STACKED_MARKS, '$1')
    .replaceAll(/ {2,}/g, ' ')
    .trim();

// Other scripts' full stops, which browsers take for the dot of a domain.
const DOTS = /[\u3002\uFF0E\uFF61\u2024]/gu;
const folded = (text: string): string => text.normalize('NFKC').replaceAll(DOTS, '.');

const MARKUP = /[<>{}[\]\\|`=]|&#?\w+;/u;
const ADDRESS = /@|\/\/|[a-z][a-z0-9+.-]*:\S/iu;
const DOMAIN = /[\p{L}\p{M}\p{N}-]\.[\p{L}\p{M}]{2,}/u;
const IP_ADDRESS = /\p{Nd}\.\p{Nd}+\.\p{Nd}/u;
const isLinkLike = (text: string): boolean =>
  MARKUP.test(text) || ADDRESS.test(text) || DOMAIN.test(text) || IP_ADDRESS.test(text);

const digitsIn = (text: string): number => text.match(/\p{Nd}/gu)?.length ?? 0;

/**
 * A person's or company's name as a mail may show it: one line of at most {@link MAX_NAME} graphemes,
 * not yet escaped for HTML. Null when it has no letter, or reads like an address, a telephone number or
 * markup: mail programs turn those into links, and a stranger would be writing in our name.
 */
export const inertName = (text: string | null): string | null => {
  if (text === null) return null;
  const name = oneLine(text);
  const seen = folded(name);
  if (!/\p{L}/u.test(seen) || isLinkLike(seen)) return null;
  if (digitsIn(seen) > MAX_DIGITS || /\+\s?\p{Nd}/u.test(seen)) return null;
  return shorten(name, MAX_NAME);
};

/**
 * An invoice number as a mail may show it; null when it holds anything but plain letters, digits
 * and ` ._/#-`.
 */
export const inertNumber = (text: string | null): string | null => {
  if (text === null) return null;
  const number = text.trim();
  if (!/^[A-Za-z0-9 ._/#-]+$/.test(number) || !/[A-Za-z0-9]/.test(number)) return null;
  return number.length > MAX_NUMBER || isLinkLike(number) ? null : number;
};

/** What stands for digits that are not kept. */
export const HIDDEN_LAST4 = '••••';

/** The last four digits of a card, or what stands for them; null when they are anything else. */
export const inertLast4 = (text: string | null): string | null =>
  text !== null && (/^[0-9]{4}$/.test(text) || text === HIDDEN_LAST4) ? text : null;

/**
 * An address that a mail may link to: https, or this machine itself, no credentials, at most
 * {@link MAX_URL} characters; else null.
 */
export const safeUrl = (text: string | null): string | null => {
  if (text === null || text.length > MAX_URL || /[\s\p{Cc}]/u.test(text)) return null;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return null;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))) return null;
  return url.href.length > MAX_URL ? null : url.href;
};

/**
 * A sender's name as it may stand in a header, quoted or not: one line without quotes, angles or
 * backslashes.
 */
export const headerName = (text: string): string =>
  shorten(oneLine(oneLine(text).replaceAll(/["<>\\]/g, '')), MAX_NAME);
