// Tokens of the customer's links: whose, about what, and when it was issued, under a MAC. Pure.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { customerKey, isConnection, isProviderId, splitKey, type CustomerKey } from '../../core/ids.ts';
import { addDays, addMs, instantFromMs, MINUTE_MS, toMs, type Instant } from '../../core/time.ts';
import type { LinkKeys } from './keys.ts';

/** What a link is for: the page of a case, or taking somebody off a stream of mails. */
export type LinkPurpose = 'case' | 'unsubscribe';

/** What a token says: `about` is the case's id, or the stream's name. No address, no name, no amount. */
export type Link = {
  readonly purpose: LinkPurpose;
  readonly key: CustomerKey;
  readonly about: string;
  /** To the second. */
  readonly issuedAt: Instant;
};

/** Whatever a case says, no link is good for longer: a marker of a revocation is kept as long. */
export const MAX_LINK_DAYS = 400;
/** The clocks of two machines may differ by this much. */
const CLOCKS_MS = 5 * MINUTE_MS;
/** No token of ours is longer: the ids of a customer and a case in base64, and what is around them. */
export const MAX_TOKEN = 800;

const SHAPE = /^([a-z0-9-]{1,16})\.([A-Za-z0-9_-]{1,720})\.([A-Za-z0-9_-]{43})$/;
const ABOUT = /^[!-~]{1,320}$/;
const LETTERS = { case: 'c', unsubscribe: 'u' } as const;

/** A key is of use for nothing but these tokens, whatever else it may have been given to. */
const macOf = (key: string, signed: string): string =>
  createHmac('sha256', key).update(`recoup-link-1\n${signed}`).digest('base64url');

/** In constant time. Texts, not bytes: base64 has several forms of the same bytes, and only ours is taken. */
const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Signs a link with the first of the keys. */
export const signLink = ([{ id, key }]: LinkKeys, link: Link): string => {
  const { connection, customerId } = splitKey(link.key);
  const seconds = Math.floor(toMs(link.issuedAt) / 1000).toString(36);
  const said = [LETTERS[link.purpose], seconds, connection, customerId, link.about].join(' ');
  const signed = `${id}.${Buffer.from(said, 'utf8').toString('base64url')}`;
  return `${signed}.${macOf(key, signed)}`;
};

const read = (said: string): Link | null => {
  const [letter, seconds = '', connection = '', customerId = '', about = '', ...more] = said.split(' ');
  const purpose = (['case', 'unsubscribe'] as const).find((one) => LETTERS[one] === letter);
  if (!purpose || more.length > 0 || !/^[0-9a-z]{1,8}$/.test(seconds)) return null;
  if (!isConnection(connection) || !isProviderId(customerId) || !ABOUT.test(about)) return null;
  const issuedAt = instantFromMs(Number.parseInt(seconds, 36) * 1000);
  return { purpose, key: customerKey(connection, customerId), about, issuedAt };
};

/**
 * What a token says, when one of the keys has signed it for this purpose, at most {@link MAX_LINK_DAYS} ago; else null,
 * whatever is wrong with it. Takes any text.
 */
export const verifyLink = (
  keys: LinkKeys,
  purpose: LinkPurpose,
  token: string,
  now: Instant,
): Link | null => {
  const [, id, said = '', mac = ''] = (token.length <= MAX_TOKEN && SHAPE.exec(token)) || [];
  const known = keys.find((one) => one.id === id);
  if (!known || !isSame(macOf(known.key, `${known.id}.${said}`), mac)) return null;
  const link = read(Buffer.from(said, 'base64url').toString('utf8'));
  if (link?.purpose !== purpose || link.issuedAt > addMs(now, CLOCKS_MS)) return null;
  return addDays(link.issuedAt, MAX_LINK_DAYS) > now ? link : null;
};
