// Stripe's own log of events, which it keeps for 30 days: what webhooks told, and what they failed to tell.
import type Stripe from 'stripe';
import { OutsideError, type EventLog, type LoggedEvent, type LogWindow } from '../../core/ports.ts';
import { instantFromSeconds, toMs, type Instant } from '../../core/time.ts';
import { reading } from './errors.ts';
import { translate, type Accept } from './translate.ts';

/** What the log needs. `clientFor` is asked before every call; `acceptFor` says what a connection takes. */
export type StripeEventLogOptions = {
  readonly clientFor: (connection: string) => Promise<Stripe>;
  readonly acceptFor: (connection: string) => Accept;
};

/** The most that Stripe gives. */
const PAGE = 100;

const secondsOf = (at: Instant): number => toMs(at) / 1000;

/**
 * No filter of `types`: it takes 20 names and we use more than twice as many, so that an hour in which little happens
 * would cost three requests and not one, and most of what happens is used anyway. `delivery_success: false` is what has
 * not been delivered to every endpoint, be it given up or still to be tried again.
 */
const paramsOf = ({ walk, from, to }: LogWindow, after: string | null): Stripe.EventListParams => ({
  limit: PAGE,
  created: { gte: secondsOf(from), lt: secondsOf(to) },
  ...(walk === 'undelivered' && { delivery_success: false }),
  ...(after !== null && { starting_after: after }),
});

/** An account's own events do not name it; in its log an event without an account is one of its own. */
const logged = (event: Stripe.Event, { livemode, account }: Accept): LoggedEvent => ({
  id: event.id,
  at: instantFromSeconds(event.created),
  told: translate(event, { livemode, account: (event.account ?? null) === null ? null : account }),
});

/**
 * Makes the log. Asks GET /v1/events, a page a call, and in the name of the connection's account when it has one.
 * Events are in the API version of the account. Source: docs.stripe.com/api/events/list.
 */
export const createStripeEventLog = ({ clientFor, acceptFor }: StripeEventLogOptions): EventLog => ({
  read: async (connection, window, after) => {
    const stripe = await clientFor(connection);
    const accept = acceptFor(connection);
    const { data, has_more: more } = await reading('listing events', () =>
      stripe.events.list(paramsOf(window, after), {
        ...(accept.account !== null && { stripeAccount: accept.account }),
      }),
    );
    const last = data.at(-1);
    if (more && last === undefined)
      throw new OutsideError('Stripe, listing events: more are promised than were sent', 'later');
    return {
      events: data.map((event) => logged(event, accept)),
      next: more && last !== undefined ? last.id : null,
    };
  },
});
