// What is looked at when the code under test asks the provider for a charge or an end: was it free to?
import { blockedBy } from '../../core/recovery/agenda.ts';
import type { ArmedAction } from '../../core/recovery/customer.ts';
import { classifyDecline } from '../../core/recovery/decline.ts';
import { MAX_ATTEMPTS_PER_CARD, MAX_ATTEMPTS_PER_INVOICE } from '../../core/recovery/network-rules.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { addDays } from '../../core/time.ts';
import { check } from './inspection.ts';
import type { Violation } from './laws.ts';
import type { Witness } from './market/provider.ts';
import { DAY_S, type Debt, type TrueCharge } from './market/state.ts';
import { keyOf } from './business.ts';
import { type World } from './world.ts';

const CARD_DAYS = 30;

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

/** The limits of the networks, counted by what the provider itself did. */
const checkRetry = ({ customer, invoice }: Debt, second: number, tell: Tell): void => {
  const { fingerprint } = customer.who.card;
  const ofInvoice = customer.charges.filter((charge) => charge.invoice === invoice);
  if (ofInvoice.length >= MAX_ATTEMPTS_PER_INVOICE)
    tell('no retry past a limit', `${ofInvoice.length} tries of ${invoice.id} before`);
  const ofCard = customer.charges.filter(
    (charge) => charge.fingerprint === fingerprint && charge.second > second - CARD_DAYS * DAY_S,
  );
  if (ofCard.length >= MAX_ATTEMPTS_PER_CARD)
    tell('no retry past a limit', `${ofCard.length} tries of one card in ${CARD_DAYS} days before`);
  const last = ofInvoice.at(-1);
  if (last?.fingerprint === fingerprint && forbidsRetry(last))
    tell('no retry on a hard decline with the same card', `${invoice.id}: ${last.codes.reason}`);
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
    const facts = inspection.latest.get(key)?.facts;
    const blocked = facts ? blockedBy(facts, clock.now()) : null;
    if (blocked) tell(`no ${action.kind} during a dispute or a payment in flight`, blocked.why);
    if (inspection.recordedPaid.has(action.subjectId))
      tell(`no ${action.kind} after the payment was recorded`, action.key);
    check(inspection, found);
  };
  return {
    retry: (debt, action, second) => watch(debt, action, (tell) => checkRetry(debt, second, tell)),
    end: (debt, action) =>
      watch(debt, action, (tell) => {
        const name = `${keyOf(debt.customer.who.customerId)} ${action.subjectId}`;
        const noticed = inspection.noticedAt.get(name);
        if (noticed === undefined || addDays(noticed, leastDays) > clock.now())
          tell('no end without its notice days before', `${action.key}: noticed ${noticed ?? 'never'}`);
      }),
  };
};
