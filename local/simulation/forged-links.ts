// Links that were never signed by the business: what somebody may make of one that was.
import type { LinkKeys } from '../../adapters/links/keys.ts';
import { signLink, verifyLink } from '../../adapters/links/token.ts';
import type { CustomerKey } from '../../core/ids.ts';
import { addDays, instantFromSeconds } from '../../core/time.ts';
import type { Random } from '../demo/random.ts';
import { keyOf, START_S } from './business.ts';
import { LINK_KEYS, type AskPage } from './page-door.ts';

const [{ id: SIGNING }] = LINK_KEYS;
/** Somebody who knows how links are made, and what a key is called, but not the key. */
const GUESSED: LinkKeys = [{ id: SIGNING, key: 'a key that nobody in this business has ever seen' }];

const other = (character: string | undefined): string => (character === 'A' ? 'B' : 'A');

/** The ways to change a token: its end, what it says, who signed it, what it is for, how much is left of it. */
const WAYS: readonly ((token: string) => string)[] = [
  (token) => `${token.slice(0, -1)}${other(token.at(-1))}`,
  (token) => token.replace(/\.(.)/, (_, first: string) => `.${other(first)}`),
  (token) => {
    const now = addDays(instantFromSeconds(START_S), 300);
    const link =
      verifyLink(LINK_KEYS, 'case', token, now) ?? verifyLink(LINK_KEYS, 'unsubscribe', token, now);
    return signLink(GUESSED, { ...(link ?? SOMEBODY), issuedAt: instantFromSeconds(START_S) });
  },
  (token) => token.slice(0, -2),
  (token) => token.replace(`${SIGNING}.`, 'k1.'),
  () => `${SIGNING}.${'A'.repeat(40)}.${'A'.repeat(43)}`,
];

const SOMEBODY = { purpose: 'case', key: keyOf('cus_1'), about: 'case_in_1' } as const;

/** Makes a link of another one and tries everything with it. A token of one purpose serves for no other either. */
export const forge = async (ask: AskPage, key: CustomerKey, path: string, luck: Random): Promise<void> => {
  const [, kind = 'c', token = ''] = path.split('/');
  const isSwapped = luck.chance(0.2);
  const made = isSwapped ? token : luck.pick(WAYS)(token);
  const asked = isSwapped ? (kind === 'c' ? 'u' : 'c') : kind;
  const link = `/${asked}/${made}`;
  await ask(key, { method: 'GET', path: link }, true);
  if (asked === 'u') {
    await ask(key, { method: 'POST', path: link, body: 'List-Unsubscribe=One-Click' }, true);
    return;
  }
  await ask(key, { method: 'POST', path: `${link}/pay`, body: 'invoice=in_1' }, true);
  await ask(key, { method: 'POST', path: `${link}/card`, body: '' }, true);
  await ask(key, { method: 'POST', path: `${link}/answer`, body: 'answer=promise&day=2026-02-01' }, true);
};
