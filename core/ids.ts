// How things are named: keys that are stable, readable and safe in a table, a tag and a log.
import { invariant } from './assert.ts';

/** A configured provider account and the provider's id of a customer in it: `stripe/cus_123`. */
export type CustomerKey = string & { readonly __customerKey: never };

const CONNECTION = /^[a-z][a-z0-9-]{0,31}$/;
const PROVIDER_ID = /^[!-~]{1,128}$/;

/** Whether a word may name a connection: lower-case letters, digits and hyphens, at most 32. */
export const isConnection = (word: string): boolean => CONNECTION.test(word);

/** Whether a text may be a provider's id: printable ASCII without spaces, at most 128. */
export const isProviderId = (text: string): boolean => PROVIDER_ID.test(text);

/** The key of a customer. Throws when a part could not have come through the door. */
export const customerKey = (connection: string, customerId: string): CustomerKey => {
  invariant(
    isConnection(connection),
    `connection "${connection}" is not lower-case letters, digits and hyphens`,
  );
  invariant(isProviderId(customerId), `customer id "${customerId}" is not printable ASCII of at most 128`);
  return `${connection}/${customerId}` as CustomerKey;
};

/** The two parts of a key. */
export const splitKey = (key: CustomerKey): { connection: string; customerId: string } => {
  const slash = key.indexOf('/');
  return { connection: key.slice(0, slash), customerId: key.slice(slash + 1) };
};

/** A case is named after the invoice (or returned payment) that opened it, so the same opening gives the same id. */
export const caseIdFor = (subjectId: string): string =>
  `case_${subjectId.replaceAll(/[^A-Za-z0-9_-]/g, '-')}`;

/** FNV-1a, 32 bits: spreads keys over shards. Not for secrets. */
export const hash32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
};

/**
 * A number from 0 up to 1 by a name, the same each time: to draw lots. The bits are mixed once more, for names that differ in
 * their last letter have hashes side by side: whoever is on one side of `mails-1` would be on the same of `mails-2`. Source:
 * fmix32 of MurmurHash3 (A. Appleby).
 */
export const lotOf = (name: string): number => {
  let bits = hash32(name);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
};
