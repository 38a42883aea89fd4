// What is looked at when the code under test asks the provider for a charge or an end: was it free to?
import { blockedBy } from '../../core/recovery/agenda.ts';
import type { ArmedAction } from '../../core/recovery/customer.ts';
import { classifyDecline } from '../../core/recovery/decline.ts';
import { MAX_ATTEMPTS_PER_CARD, MAX_ATTEMPTS_PER_INVOICE } from '../../core/recovery/network-rules.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { addDays } from '../../core/time.ts';
import { check } from './inspection.ts';
import type { Violation } from './laws.ts';
import { chargedFor, isDebit, nameOf, type TrueMethod } from './market/methods.ts';
import type { Witness } from './market/provider.ts';
import { awaited, DAY_S, type Debt, type TrueCharge } from './market/state.ts';
import { keyOf } from './business.ts';
import { heldTruly, HELD_LAW } from './operators.ts';
import { type World } from './world.ts';

const CARD_DAYS = 30;
/** Said here once more, so that a figure changed in the code is noticed. */
const MOST_DEBITS = 2;
const DEBIT_DAYS = 3;

/** The first day after the final notice on which any version of the policy lets a campaign end. */
const leastNoticeDays = (versions: readonly Policy[]): number =>
  Math.min(
    ...versions.flatMap(({ campaigns }) =>
      campaigns.filter(({ end }) => end.action !== 'leave').map(({ end }) => end.daysAfterNotice),
    ),
  );

const forbidsRetry = ({ codes }: TrueCharge): boolean => {
  const { failureCode: code, reason: declineCode, advice: adviceCode } = codes;
  const decline = { code, declineCode, adviceCode, networkAdviceCode: null, networkDeclineCode: null };
  const { retry } = classifyDecline(decline, 'visa');
  return retry === 'never' || retry === 'after_customer';
};

type Tell = (law: string, detail: string) => void;

/** The method that a try of ours charges. */
const methodOf = ({ customer, invoice }: Debt, { methodId }: ArmedAction): TrueMethod =>
  (methodId === null ? null : customer.methods.get(methodId)) ?? chargedFor(customer, invoice.subscription);

/** The limits of the networks, counted by what the provider itself did. */
const checkCard = ({ customer, invoice }: Debt, card: TrueMethod, second: number, tell: Tell): void => {
  const ofInvoice = customer.charges.filter((charge) => charge.invoice === invoice);
  if (ofInvoice.length >= MAX_ATTEMPTS_PER_INVOICE)
    tell('no retry past a limit', `${ofInvoice.length} tries of ${invoice.id} before`);
  const ofCard = customer.charges.filter(
    ({ method, second: at }) => method.fingerprint === card.fingerprint && at > second - CARD_DAYS * DAY_S,
  );
  if (ofCard.length >= MAX_ATTEMPTS_PER_CARD)
    tell('no retry past a limit', `${ofCard.length} tries of one card in ${CARD_DAYS} days before`);
  const last = ofInvoice.at(-1);
  if (last && nameOf(last.method) === nameOf(card) && forbidsRetry(last))
    tell('no retry on a hard decline with the same card', `${invoice.id}: ${last.codes.reason}`);
};

/** A bank account is debited twice for an invoice at most, days apart. */
const checkDebit = ({ customer, invoice }: Debt, second: number, tell: Tell): void => {
  const before = customer.charges.filter(({ method, invoice: of }) => of === invoice && isDebit(method));
  const law = 'no bank debit more than twice or within days';
  if (before.length >= MOST_DEBITS) tell(law, `${before.length} debits of ${invoice.id} before`);
  const last = before.at(-1);
  if (last && last.second > second - DEBIT_DAYS * DAY_S)
    tell(law, `${invoice.id}: ${((second - last.second) / DAY_S).toFixed(1)} days after the last`);
};

/**
 * The tries that another card brings, by its name: one an open invoice, and none once a bank has said no to it. Tries are
 * remembered for as long as the networks count them.
 */
const checkOtherCard = ({ customer, invoice }: Debt, card: TrueMethod, second: number, tell: Tell): void => {
  const law = 'another card is tried once, and not within 30 days of a decline of it';
  const since = second - CARD_DAYS * DAY_S;
  const declined = customer.charges.find(
    ({ method, second: at }) => nameOf(method) === nameOf(card) && at > since,
  );
  if (declined) tell(law, `${invoice.id}: declined for ${declined.invoice.id} before`);
};

const checkRetry = (debt: Debt, action: ArmedAction, second: number, tell: Tell): void => {
  const { customer, invoice } = debt;
  const method = methodOf(debt, action);
  if (invoice.dueSecond !== null) tell('no charge of a sent invoice', action.key);
  const awaiting = awaited(customer);
  if (awaiting.length > 0)
    tell('nothing asks for money while a debit is in flight', `${action.key}: ${awaiting.join()}`);
  if (isDebit(method)) return checkDebit(debt, second, tell);
  checkCard(debt, method, second, tell);
  return action.methodId === null ? undefined : checkOtherCard(debt, method, second, tell);
};

/** Looks at every retry and end as the provider carries it out, by what the provider itself knows. */
export const witnessOf = (world: World, versions: readonly Policy[]): Witness => {
  const { inspection, clock } = world;
  const leastDays = leastNoticeDays(versions);
  const steps = new Set<string>();
  const watch = ({ customer }: Debt, action: ArmedAction, laws: (tell: Tell) => void): void => {
    const key = keyOf(customer.who.customerId);
    const found: Violation[] = [];
    const tell: Tell = (law, detail) => found.push({ law, customer: key, at: clock.now(), detail });
    world.actions += 1;
    world.tell(key, `${action.kind} ${action.key} reaches the provider`);
    const step = `${key} ${action.caseId} ${action.subjectId} ${action.stepId}`;
    if (steps.has(step)) tell('no step twice', action.key);
    steps.add(step);
    laws(tell);
    const held = heldTruly(world, key);
    if (held) tell(HELD_LAW, `${action.kind} ${action.key}: ${held}`);
    const facts = inspection.latest.get(key)?.facts;
    const blocked = facts ? blockedBy(facts, clock.now()) : null;
    if (blocked) tell(`no ${action.kind} during a dispute or a payment in flight`, blocked.why);
    if (inspection.recordedPaid.has(action.subjectId))
      tell(`no ${action.kind} after the payment was recorded`, action.key);
    check(inspection, found);
  };
  return {
    retry: (debt, action, second) => watch(debt, action, (tell) => checkRetry(debt, action, second, tell)),
    end: (debt, action) =>
      watch(debt, action, (tell) => {
        const name = `${keyOf(debt.customer.who.customerId)} ${action.subjectId}`;
        const noticed = inspection.noticedAt.get(name);
        if (noticed === undefined || addDays(noticed, leastDays) > clock.now())
          tell('no end without its notice days before', `${action.key}: noticed ${noticed ?? 'never'}`);
        if (inspection.noticeCameBack.has(name)) tell('no end after its final notice came back', action.key);
      }),
  };
};
