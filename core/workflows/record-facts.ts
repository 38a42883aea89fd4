// The door's only write: merge what the provider told us into the customer's item, when it changes anything.
import type { CustomerKey } from '../ids.ts';
import { OutsideError, VersionConflictError, type Store, type Telemetry } from '../ports.ts';
import { isKnown, type Customer } from '../recovery/customer.ts';
import { isLateChange, REMEMBER_DAYS } from '../recovery/close.ts';
import { failedAt, opensRecovery, type Fact } from '../recovery/fact.ts';
import { isLateDeparture } from '../recovery/late-money.ts';
import { isLateMoney, mergeAll, own } from '../recovery/merge.ts';
import { withReceived } from '../recovery/requests.ts';
import { addDays, earlier, later, type Instant } from '../time.ts';

/** Invoices one customer's item may hold at once; what comes beyond is refused and counted. */
export const MAX_INVOICES = 200;
/** Tries of one write against other writers, before the caller is told to come back later. */
export const MAX_CONFLICTS = 8;
/** How long an item is kept that nobody has looked at; the clock sets the real date when it visits. */
export const UNVISITED_DAYS = 90;

/** What was done with some facts. `ignored` carries the reason a person reads. */
export type Recorded =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'ignored'; readonly reason: string };

export type RecordDeps = {
  readonly store: Store;
  readonly telemetry: Telemetry;
  /** Waits a little, longer with every try, by chance: two writers must not meet again. */
  readonly backOff: (tries: number) => Promise<void>;
};

/** Whether anything of a customer is at risk: an open case, or a failure that the clock has not looked at yet. */
const isAtRisk = ({ facts, recovery }: Customer): boolean =>
  recovery.case !== null ||
  recovery.notices.length > 0 ||
  facts.aheadAt !== null ||
  Object.keys(facts.reversals).length > 0 ||
  Object.values(facts.invoices).some((invoice) => invoice.failure !== null);

const isGone = ({ facts }: Customer): boolean => facts.erasedAt !== null || facts.deletedAt !== null;

/**
 * Of a customer with nothing at risk we take in a new failure, money for an invoice of a closed case, money of one that was
 * recovered and leaves again, and that an address is not to be written to again.
 */
const concerns = (customer: Customer, fact: Fact): boolean => {
  if (opensRecovery(fact) || isAtRisk(customer)) return true;
  const { tombstones } = customer.facts;
  if (fact.kind === 'invoice') {
    const tombstone = own(tombstones, fact.invoice.id);
    return tombstone !== null && isLateMoney(fact.invoice, tombstone);
  }
  // A reader complains when they please: at the next case, or about what else is written, they are not written to either.
  if (fact.kind === 'delivery') return fact.delivery.unreachable && isKnown(customer) && !isGone(customer);
  if (fact.kind !== 'invoice-changed') return isLateDeparture(fact, tombstones);
  const tombstone = own(tombstones, fact.invoiceId);
  return tombstone !== null && isLateChange(fact.id, fact, tombstone);
};

/** Facts about what was given back of no closed case, or what became of a mail, decide nothing now. */
const CALM: ReadonlySet<Fact['kind']> = new Set(['refund', 'mandate', 'delivery']);

/** Nor does who we write to; what is charged from now on does. */
const isCalm = ({ facts }: Customer, fact: Fact): boolean =>
  (CALM.has(fact.kind) && !isLateDeparture(fact, facts.tombstones)) ||
  (fact.kind === 'customer' && fact.defaultMethodId === (facts.defaultMethod?.value ?? null));

/** A first failure is due at its own time, so that the oldest is looked at first; all else now. */
const dueFor = (customer: Customer, facts: readonly Fact[], now: Instant): Instant | null => {
  const urgent = facts.filter((fact) => !isCalm(customer, fact));
  if (urgent.length === 0) return null;
  return urgent.filter(opensRecovery).map(failedAt).reduce(earlier, now);
};

/**
 * Takes facts about one customer in: one read, and one conditional write when they change anything. Facts about a
 * customer with nothing at risk, which can only settle things, write nothing. Throws {@link OutsideError} (later) when
 * the store does not answer or other writers keep winning.
 */
export const recordFacts = async (
  deps: RecordDeps,
  key: CustomerKey,
  told: readonly Fact[],
  now: Instant,
): Promise<Recorded> => {
  for (let tries = 0; tries < MAX_CONFLICTS; tries += 1) {
    const customer = await deps.store.load(key, now);
    // That an account was seen by a backfill is taken in with the failure that it dates, and starts nothing by itself.
    const starts = told.some(opensRecovery);
    const facts = told.filter((fact) => concerns(customer, fact) || (starts && fact.kind === 'imported'));
    if (facts.length === 0) {
      const reason = isKnown(customer)
        ? 'nothing of this customer is at risk'
        : 'no failed payment of this customer is known yet';
      return { kind: 'ignored', reason };
    }
    const merged = mergeAll(customer.facts, facts);
    if (merged === customer.facts) return { kind: 'unchanged' };
    if (Object.keys(merged.invoices).length > MAX_INVOICES && merged.invoices !== customer.facts.invoices) {
      deps.telemetry.count('fact_overflow', { customer: key });
      return { kind: 'ignored', reason: `this customer has ${MAX_INVOICES} open invoices already` };
    }
    const due = dueFor(customer, facts, now);
    // Nobody need look at who is at rest: an address that comes back then is remembered as long as by a visit.
    const days = merged.unreachable === customer.facts.unreachable ? UNVISITED_DAYS : REMEMBER_DAYS;
    const next: Customer = {
      ...withReceived(customer),
      version: customer.version + 1,
      facts: merged,
      dueAt: due === null ? customer.dueAt : earlier(customer.dueAt, due),
      expiresAt: customer.expiresAt && later(customer.expiresAt, addDays(now, days)),
    };
    try {
      await deps.store.save(next);
      deps.telemetry.count('fact_recorded');
      return { kind: 'recorded' };
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      await deps.backOff(tries + 1);
    }
  }
  deps.telemetry.count('conflict_exhausted', { customer: key });
  throw new OutsideError(`customer ${key}: other writers won ${MAX_CONFLICTS} times in a row`, 'later');
};
