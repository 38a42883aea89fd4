// One visit of the clock to one customer: claim, refresh, plan, arm, act, settle. Nothing is done in any other way.
import { InvariantError } from '../assert.ts';
import type { CustomerKey } from '../ids.ts';
import {
  OutsideError,
  VersionConflictError,
  type ActOutcome,
  type Mail,
  type Mailer,
  type MailRequest,
  type Notifier,
  type OperatorNotice,
  type Provider,
} from '../ports.ts';
import { settledBy } from '../recovery/acted.ts';
import type { ArmedAction, Customer } from '../recovery/customer.ts';
import type { Fact } from '../recovery/fact.ts';
import { brokenInvariants } from '../recovery/invariants.ts';
import { mergeAll } from '../recovery/merge.ts';
import { heldBy } from '../recovery/holds.ts';
import { whyNotAgain } from '../recovery/ladders.ts';
import { note } from '../recovery/journal.ts';
import { plan } from '../recovery/plan.ts';
import { refreshAlso } from '../recovery/refresh-also.ts';
import { withVisit } from '../recovery/requests.ts';
import type { Policy } from '../recovery/policy.ts';
import { addMs, HOUR_MS, later, MINUTE_MS, type Instant } from '../time.ts';
import { markOpened, publish } from './publish.ts';
import { MAX_CONFLICTS, type Recorded, type RecordDeps } from './record-facts.ts';

export type VisitDeps = RecordDeps & {
  readonly provider: Provider;
  readonly mailer: Mailer;
  readonly notifier: Notifier;
  readonly policy: Policy;
  /** How often an open case is thought of at least; {@link HEARTBEAT_MS} unless nothing but events can change anything. */
  readonly heartbeatMs?: number;
  readonly now: () => Instant;
  /** Told what became of a fact that named no customer, once it is known whose it is. */
  readonly routed?: (id: string, recorded: Recorded) => void;
};

/** At least twice the sweeping function's own time limit (60 s). */
export const LEASE_MS = 3 * MINUTE_MS;
/** A provider keeps an idempotency key for 24 hours at least; we repeat a request for less. */
const KEY_LIVES_MS = 23 * HOUR_MS;
/** After so many failed visits in a row a customer is set aside for a person. */
const MAX_TROUBLE = 10;
const LONGEST_BACK_OFF_MS = 6 * HOUR_MS;

/** Saves with the next version. */
const save = async (deps: VisitDeps, customer: Customer): Promise<Customer> => {
  const next = { ...customer, version: customer.version + 1 };
  await deps.store.save(next);
  return next;
};

/**
 * A due customer as the visit takes it on: leased. Or, where going on could do harm that stays, set aside for
 * a person, and what was armed stays as it is for them to see.
 */
const takenOn = (found: Customer, harm: string | null, now: Instant): Customer => {
  const customer = withVisit(found);
  if (harm !== null) {
    const count = (customer.trouble?.count ?? 0) + 1;
    return { ...customer, trouble: { count, lastAt: now, why: harm }, dueAt: null, setAsideAt: now };
  }
  const leaseUntil = addMs(now, LEASE_MS);
  return {
    ...customer,
    pending: { token: customer.version + 1, leaseUntil, armed: customer.pending?.armed ?? null },
    // A visit that dies leaves the customer due again when its lease is over.
    dueAt: leaseUntil,
  };
};

/**
 * Claims a due customer; null when there is nothing to do or somebody else was first. What cannot be in a
 * customer is counted, once a visit, and the visit goes on where that is safe; else the customer is set
 * aside.
 */
const claim = async (deps: VisitDeps, key: CustomerKey): Promise<Customer | null> => {
  const now = deps.now();
  const customer = await deps.store.load(key, now);
  const { dueAt, pending, setAsideAt } = customer;
  if (dueAt === null || dueAt > now || setAsideAt !== null) return null;
  if (pending !== null && pending.leaseUntil > now) {
    deps.telemetry.count('claim_lost', { customer: key });
    return null;
  }
  if (pending !== null) deps.telemetry.count('claim_stale', { customer: key });
  const broken = brokenInvariants(customer);
  const harmful = broken.find(({ setsAside }) => setsAside);
  const harm = harmful ? `invariant broken: ${harmful.what} (${harmful.detail})` : null;
  try {
    const taken = await save(deps, takenOn(customer, harm, now));
    for (const { what } of broken) deps.telemetry.count('invariant_broken', { customer: key, what });
    if (harm === null) return taken;
    deps.telemetry.count('customer_set_aside', { customer: key, why: harm });
    return null;
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    deps.telemetry.count('claim_lost', { customer: key });
    return null;
  }
};

/**
 * Writes a change of a claimed customer. When a webhook was first, the change is made again on what it wrote, as long as
 * the claim is still ours. null: the claim was lost, or other writers kept winning.
 */
const change = async (
  deps: VisitDeps,
  claimed: Customer,
  make: (current: Customer) => Customer,
): Promise<Customer | null> => {
  let current = claimed;
  for (let tries = 0; tries < MAX_CONFLICTS; tries += 1) {
    try {
      return await save(deps, make(current));
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      await deps.backOff(tries + 1);
      current = await deps.store.load(claimed.key, deps.now());
      if (current.pending?.token !== claimed.pending?.token) return null;
    }
  }
  deps.telemetry.count('conflict_exhausted', { customer: claimed.key });
  return null;
};

const METRIC = {
  done: 'step_done',
  refused: 'step_skipped',
  unknown: 'step_uncertain',
  throttled: 'throttled',
} as const;

/** Writes the outcome of an action. An unknown outcome of a charge or an end stays armed: it is looked up, never repeated blindly. */
const settle = async (
  deps: VisitDeps,
  customer: Customer,
  action: ArmedAction,
  outcome: ActOutcome,
): Promise<void> => {
  deps.telemetry.count(METRIC[outcome.kind], { case: action.caseId, step: action.stepId });
  if (outcome.kind === 'unknown' && (action.kind === 'retry' || action.kind === 'end')) return;
  const now = deps.now();
  await change(deps, customer, (current) => settledBy(current, action, outcome, now));
  if (outcome.kind === 'throttled') throw new OutsideError(outcome.why, 'later', true);
};

const act = (
  deps: VisitDeps,
  key: CustomerKey,
  { action, mail, notice }: Omit<Armed, 'customer'>,
): Promise<ActOutcome> => {
  if (action.kind === 'retry') return deps.provider.retry(key, action);
  if (action.kind === 'end') return deps.provider.end(key, action);
  if (notice !== null) return deps.notifier.notify(notice);
  if (mail === null) throw new InvariantError(`step ${action.stepId} has no mail to send`);
  return deps.mailer.send(mail);
};

/** An action that was armed and never reached the provider is no step: it is planned again on what is known now. */
const disarm = async (
  deps: VisitDeps,
  claimed: Customer,
  action: ArmedAction,
  why: string,
): Promise<void> => {
  const now = deps.now();
  await change(deps, claimed, (current) => ({
    ...current,
    pending: null,
    dueAt: now,
    recovery: note(current.recovery, now, `${action.stepId} given up for ${action.subjectId}`, why),
  }));
};

/** An action was armed and its visit died: what became of it? */
const settleStale = async (deps: VisitDeps, customer: Customer, action: ArmedAction): Promise<void> => {
  if (action.kind === 'email' || action.kind === 'notify') {
    // There is no way to ask what became of it; a person is never mailed twice for one step.
    const why = 'asked for, and the answer never came';
    return settle(deps, customer, action, { kind: 'unknown', why });
  }
  const keyLives = addMs(action.armedAt, KEY_LIVES_MS) > deps.now();
  // What has come in since it was armed may forbid it: then it is only asked whether it was done.
  const repeats = keyLives && whyNotAgain(customer, action, deps.policy, deps.now()) === null;
  const asksAgain = repeats && heldBy(customer.recovery, deps.now()) === null;
  const outcome = asksAgain
    ? await act(deps, customer.key, { action, mail: null, notice: null })
    : await deps.provider.lookUp(customer.key, action);
  // Still armed since its first try: the age of its key counts from then.
  if (outcome.kind === 'throttled') throw new OutsideError(outcome.why, 'later', true);
  if (!asksAgain && outcome.kind === 'refused') return disarm(deps, customer, action, outcome.why);
  if (keyLives || outcome.kind !== 'unknown') return settle(deps, customer, action, outcome);
  const now = deps.now();
  deps.telemetry.count('customer_set_aside', { customer: customer.key, why: outcome.why });
  await change(deps, customer, (current) => ({
    ...settledBy(current, action, outcome, now),
    dueAt: null,
    setAsideAt: now,
  }));
};

/** A visit that failed: back off, and after too many set the customer aside with an alarm. */
const backAway = async (deps: VisitDeps, claimed: Customer, error: unknown): Promise<void> => {
  const now = deps.now();
  const why = error instanceof Error ? error.message : 'unknown';
  const count = (claimed.trouble?.count ?? 0) + 1;
  const setAsideAt = count >= MAX_TROUBLE ? now : null;
  if (setAsideAt) deps.telemetry.count('customer_set_aside', { customer: claimed.key, why });
  const wait = Math.min(LONGEST_BACK_OFF_MS, MINUTE_MS * 2 ** (count - 1));
  await change(deps, claimed, (current) => {
    // What is armed stays so until it is known what became of it; the claim itself runs out.
    const kept = current.pending?.armed ? current.pending : null;
    const dueAt = later(addMs(now, wait), kept?.leaseUntil ?? null);
    return {
      ...current,
      pending: kept,
      trouble: { count, lastAt: now, why },
      dueAt: setAsideAt ? null : dueAt,
      setAsideAt,
    };
  });
};

type Armed = {
  readonly customer: Customer;
  readonly action: ArmedAction;
  readonly mail: Mail | null;
  readonly notice: OperatorNotice | null;
};

const compose = (deps: VisitDeps, request: MailRequest | null): Mail | null =>
  request && deps.mailer.compose(request);

/** Plans on the refreshed facts and writes the decision, again after every conflict. Answers with what was armed. */
const decide = async (deps: VisitDeps, claimed: Customer, told: readonly Fact[]): Promise<Armed | null> => {
  let current = claimed;
  let raced = false;
  for (let tries = 0; tries < MAX_CONFLICTS; tries += 1) {
    const now = deps.now();
    const refreshed = { ...current, trouble: null, outbox: null, facts: mergeAll(current.facts, told) };
    const { customer, next, opened, twoOwners } = plan(refreshed, deps.policy, now, deps.heartbeatMs);
    const mail = next.kind === 'act' ? compose(deps, next.mail) : null;
    const { pending } = current;
    if (pending === null) throw new InvariantError(`customer ${current.key} is visited without a claim`);
    const still = { ...customer, pending, dueAt: pending.leaseUntil };
    try {
      if (opened) await markOpened(deps.store, customer, now);
      if (customer.outbox !== null) {
        // What must be put beside the item is written down first, in the same write as the decision.
        current = { ...(await save(deps, still)), outbox: null };
        if (opened) deps.telemetry.count('case_opened', { customer: current.key });
        await publish(deps.store, customer, now);
        if (customer.outbox.closed) deps.telemetry.count('case_closed', { case: customer.outbox.closed.id });
        continue;
      }
      if (next.kind === 'act') {
        // With the action: of a mail whose outcome never comes it is known what it said, too.
        const action = mail?.said ? { ...next.action, said: mail.said } : next.action;
        const armed = await save(deps, { ...still, pending: { ...pending, armed: action } });
        if (opened) deps.telemetry.count('case_opened', { customer: current.key });
        return { customer: armed, action, mail, notice: next.notice };
      }
      // What came in while we looked has not been refreshed yet: look again at once.
      await save(deps, { ...customer, pending: null, dueAt: raced ? now : next.until });
      if (twoOwners !== null)
        deps.telemetry.count('two_owners', { customer: current.key, invoice: twoOwners });
      if (opened) deps.telemetry.count('case_opened', { customer: current.key });
      return null;
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      await deps.backOff(tries + 1);
      current = await deps.store.load(claimed.key, deps.now());
      raced = true;
      if (current.pending?.token !== pending.token) return null;
    }
  }
  deps.telemetry.count('conflict_exhausted', { customer: claimed.key });
  return null;
};

/** The invoices a refresh has to bring besides the open ones: those we know, and those a payment came back of. */
export const invoiceIdsOf = ({ facts }: Customer): string[] => {
  const returned = Object.values(facts.reversals).flatMap(({ invoiceId }) => invoiceId ?? []);
  return [...new Set([...Object.keys(facts.invoices), ...returned])];
};

/**
 * Visits one customer who is due and carries out at most one action. Throws {@link OutsideError} with `throttled` when
 * the tick should end, and errors of the store; every other failure is written to the customer as trouble.
 */
export const visitCustomer = async (deps: VisitDeps, key: CustomerKey): Promise<void> => {
  const claimed = await claim(deps, key);
  if (claimed === null) return;
  let armed: Armed | null;
  try {
    if (claimed.pending?.armed) return await settleStale(deps, claimed, claimed.pending.armed);
    await publish(deps.store, claimed, deps.now());
    const also = refreshAlso(claimed, deps.policy);
    const told = await deps.provider.refresh(key, invoiceIdsOf(claimed), deps.now(), also);
    armed = await decide(deps, claimed, told);
  } catch (error) {
    if (error instanceof OutsideError && error.throttled) {
      await change(deps, claimed, (current) => ({
        ...current,
        pending: current.pending?.armed ? current.pending : null,
        dueAt: current.pending?.armed ? current.pending.leaseUntil : addMs(deps.now(), MINUTE_MS),
      }));
      throw error;
    }
    await backAway(deps, claimed, error);
    throw error;
  }
  if (armed === null) return;
  const outcome = await act(deps, key, armed);
  await settle(deps, armed.customer, armed.action, outcome);
};
