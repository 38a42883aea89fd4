// The keys that links to the customer's page are signed with: one secret, several keys by id while one is rolled.
import type { SecretForm } from '../secrets-manager/secrets.ts';

/** One key. `id` stands in every token that it signed. */
export type LinkKey = { readonly id: string; readonly key: string };

/** The keys that are valid now: the first signs, all of them verify. */
export type LinkKeys = readonly [LinkKey, ...LinkKey[]];

/** 32 bytes of chance as hex are 64 characters, as base64 44; what is shorter could be guessed. */
const MIN_KEY = 32;
const MAX_KEY = 512;
const MAX_KEYS = 10;
const ID = /^[a-z0-9-]{1,16}$/;

const keyIn = (line: string): LinkKey | string => {
  const colon = line.indexOf(':');
  if (colon === -1) return 'a line has no colon between the id and the key';
  const [id, key] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  if (!ID.test(id)) return 'an id is not 1 to 16 lower-case letters, digits and hyphens';
  if (key.length < MIN_KEY) return `the key "${id}" is shorter than ${MIN_KEY} characters`;
  if (key.length > MAX_KEY || /\s/.test(key)) return `the key "${id}" is too long or holds white space`;
  return { id, key };
};

/** The secret that the keys are read from: `<id>:<key>`, one a line. */
export const LINK_KEYS_SECRET: SecretForm<LinkKeys> = {
  how: 'store it as plain text, <id>:<key> one a line, each key 32 characters or more; the first signs',
  parse: (text) => {
    const lines = text
      .split(/\r\n|\r|\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
    if (lines.length > MAX_KEYS) return { wrong: `it holds more than ${MAX_KEYS} keys` };
    const keys: LinkKey[] = [];
    for (const line of lines) {
      const key = keyIn(line);
      if (typeof key === 'string') return { wrong: key };
      if (keys.some(({ id }) => id === key.id)) return { wrong: `it holds the id "${key.id}" twice` };
      keys.push(key);
    }
    const [first, ...others] = keys;
    return first ? { value: [first, ...others] } : { wrong: 'it holds no key' };
  },
};
