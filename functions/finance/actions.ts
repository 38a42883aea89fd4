// What an operator does to one customer over the API: the same as the commands of docs/operator.md, by who is signed in.
import type * as v from 'valibot';
import type { CustomerKey } from '../../core/ids.ts';
import { endOfLocalDay, parseInstant, type Instant } from '../../core/time.ts';
import * as operate from '../../core/workflows/operate.ts';
import type { HoldDeps, Operated, Operator } from '../../core/workflows/operate.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { faultOf } from './codes.ts';
import { invalid } from './problem.ts';
import { BODIES } from './shapes.ts';

/** The actions, as the path names them. */
export type ActionName = keyof typeof BODIES;

type Body<K extends ActionName> = v.InferOutput<(typeof BODIES)[K]>;

/** What an action works with. */
export type ActionDeps = HoldDeps & { readonly policy: Policy };

type Run<K extends ActionName> = (
  deps: ActionDeps,
  key: CustomerKey,
  body: Body<K>,
  by: Operator,
  now: Instant,
) => Promise<Operated>;

const momentOf = (until: string, timeZone: string): Instant => {
  const at = endOfLocalDay(until, timeZone) ?? parseInstant(until);
  if (at !== null) return at;
  throw invalid('body', faultOf('until', 'until', timeZone));
};

type Action<K extends ActionName> = { readonly does: string; readonly run: Run<K> };

/** Each action with what it does, in words. */
export const ACTIONS: { readonly [K in ActionName]: Action<K> } = {
  hold: {
    does: 'A promised payment: nothing of ours before that date, one try on it.',
    run: (deps, key, { until }, by, now) =>
      operate.hold(deps, key, momentOf(until, deps.policy.timeZone), by, now),
  },
  resume: {
    does: 'Takes a hold or an exclusion back.',
    run: (deps, key, _, by, now) => operate.resume(deps, key, by, now),
  },
  exclude: {
    does: 'Nothing is ever sent or charged, at future failures either, until it is taken back.',
    run: (deps, key, { ahead }, by, now) => operate.exclude(deps, key, ahead, by, now),
  },
  'retry-now': {
    does: 'One try of what is open, as soon as the networks’ limits allow.',
    run: (deps, key, { invoice }, by, now) => operate.retryNow(deps, key, invoice ?? null, by, now),
  },
  close: {
    does: 'Ends what is open in our books. Nothing is changed at the provider.',
    run: (deps, key, { as, invoice }, by, now) => operate.close(deps, key, as, invoice ?? null, by, now),
  },
  'write-again': {
    does: 'An address that mail came back from works again.',
    run: (deps, key, _, by, now) => operate.writeAgain(deps, key, by, now),
  },
  'revoke-links': {
    does: 'The links of all mails so far lead nowhere; the next mail has new ones.',
    run: (deps, key, _, by, now) => operate.revokeLinks(deps, key, by, now),
  },
  erase: {
    does: 'Forgets who the customer is, for good. Amounts stay.',
    run: (deps, key, _, by, now) => operate.erase(deps, key, by, now),
  },
};

export const ACTION_NAMES = Object.keys(BODIES) as readonly ActionName[];
