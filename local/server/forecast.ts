// What comes next in an open case if nothing else happens: the plan itself, run dry on what is stored.
import { InvariantError } from '../../core/assert.ts';
import { caseOutcome } from '../../core/reports/outcome.ts';
import type { Customer, Outcome, StepKind } from '../../core/recovery/customer.ts';
import { plan } from '../../core/recovery/plan.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { addMs, DAY_MS, later, MINUTE_MS, type Instant } from '../../core/time.ts';

/** The next thing that happens to a case, when, and why. */
export type Forecast =
  | {
      readonly kind: 'act';
      readonly at: Instant;
      readonly step: string;
      readonly does: StepKind;
      readonly message: string | null;
      readonly why: string;
    }
  | { readonly kind: 'close'; readonly at: Instant; readonly outcome: Outcome; readonly why: string }
  | { readonly kind: 'stuck'; readonly at: Instant | null; readonly why: string };

/** Only steps matter here, no daily look in between. */
const NO_HEARTBEAT_MS = 3650 * DAY_MS;
const MAX_LOOKS = 40;

const lookAhead = (customer: Customer, policy: Policy, now: Instant): Forecast => {
  let [current, at] = [customer, now];
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const { customer: planned, next } = plan(current, policy, at, NO_HEARTBEAT_MS);
    if (next.kind === 'act') {
      const { stepId, kind, message, why } = next.action;
      return { kind: 'act', at, step: stepId, does: kind, message, why };
    }
    const closed = planned.outbox?.closed ?? null;
    if (planned.recovery.case === null) {
      const outcome = caseOutcome((closed?.invoices ?? []).map((book) => book.outcome));
      const why = closed?.invoices.find((book) => book.outcome === outcome)?.why ?? next.why;
      return { kind: 'close', at, outcome, why };
    }
    if (next.until === null) return { kind: 'stuck', at: null, why: next.why };
    current = { ...planned, outbox: null };
    at = later(next.until, addMs(at, MINUTE_MS)) as Instant;
  }
  return { kind: 'stuck', at, why: 'no step within the next looks' };
};

/** Foretells the next step of an open case. Never throws: a customer that cannot be planned says why. */
export const forecast = (customer: Customer, policy: Policy, now: Instant): Forecast => {
  if (customer.setAsideAt !== null) {
    return {
      kind: 'stuck',
      at: null,
      why: `set aside for a person: ${customer.trouble?.why ?? 'see the log'}`,
    };
  }
  try {
    return lookAhead(customer, policy, now);
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    return { kind: 'stuck', at: null, why: `cannot be planned: ${error.message}` };
  }
};

/** Remembers forecasts for as long as the customer has not changed and the foretold moment has not come. */
export const createForecaster = (policy: Policy): ((customer: Customer, now: Instant) => Forecast) => {
  const known = new WeakMap<Customer, Forecast>();
  return (customer, now) => {
    const before = known.get(customer);
    if (before && before.at !== null && before.at > now) return before;
    const fresh = forecast(customer, policy, now);
    known.set(customer, fresh);
    return fresh;
  };
};
