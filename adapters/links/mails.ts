// Our links in mails: whatever a mail asks for leads to the customer's page, and who wants no more of its kind says so there.
import { messageOf, type Mail, type MailRequest, type Message } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';
import type { LinkKeys } from './keys.ts';
import { signLink } from './token.ts';

/** What links are made from. `keys` are those that are valid now. */
export type LinkOptions = {
  readonly keys: () => LinkKeys;
  /** Where the customer's page is reached, without a slash at its end. */
  readonly baseUrl: () => string;
  readonly now: () => Instant;
};

/** The links of one mail. `unsubscribeUrl` is null for mails about a debt, which go on until it is settled. */
export type MailLinks = { readonly pageUrl: string; readonly unsubscribeUrl: string | null };

/** Makes what gives a mail its links; issued now, so that what is revoked later has come before. */
export const linksFor =
  ({ keys, baseUrl, now }: LinkOptions) =>
  ({
    customerKey: key,
    caseId,
    stream = null,
  }: Pick<MailRequest, 'customerKey' | 'caseId' | 'stream'>): MailLinks => {
    const issuedAt = now();
    const token = (purpose: 'case' | 'unsubscribe', about: string) =>
      signLink(keys(), { purpose, key, about, issuedAt });
    return {
      pageUrl: `${baseUrl()}/c/${token('case', caseId)}`,
      unsubscribeUrl: stream === null ? null : `${baseUrl()}/u/${token('unsubscribe', stream)}`,
    };
  };

/** Mails that ask for nothing: there is no open case any more, and their button leads back to the business. */
const ASKS_NOTHING: ReadonlySet<Message> = new Set(['recovered', 'cancelled', 'win-back']);

/**
 * Puts our links into every mail that asks for something, in place of the provider's: only so is it known what was
 * pressed. An invoice in a list links nowhere by itself, for the page has a button for each.
 */
export const withLinks =
  (
    compose: (request: MailRequest) => Mail,
    linkFor: (request: MailRequest) => MailLinks,
  ): ((request: MailRequest) => Mail) =>
  (request) => {
    const asksNothing = ASKS_NOTHING.has(messageOf(request.message));
    // No link is signed for a mail that has none.
    if (asksNothing && (request.stream ?? null) === null) return compose(request);
    const { pageUrl, unsubscribeUrl } = linkFor(request);
    if (asksNothing) return compose({ ...request, unsubscribeUrl });
    const invoices = request.invoices.map((invoice) => ({ ...invoice, payUrl: null }));
    return compose({ ...request, payUrl: pageUrl, invoices, unsubscribeUrl });
  };
