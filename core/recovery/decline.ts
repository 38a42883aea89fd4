// From the codes of a decline to what may be done about it. Data, read by one function.
import { own } from './merge.ts';
import type { Decline } from './fact.ts';

/** What kind of failure it is. A campaign is chosen by it, and so are the words of a mail. */
export const DECLINE_CLASSES = [
  'soft_funds',
  'soft_later',
  'technical',
  'authentication',
  'expired',
  'invalid_data',
  'hard',
  'fraud_lost_stolen',
  'no_method',
  'unknown',
] as const;
export type DeclineClass = (typeof DECLINE_CLASSES)[number];

/** When the same card may be tried again: never, after days, after hours, or once the customer has acted. */
export type RetryAdvice = 'never' | 'days' | 'hours' | 'after_customer';

/** What a decline means. */
export type DeclineReading = {
  readonly class: DeclineClass;
  readonly retry: RetryAdvice;
  /** The cardholder told the bank to stop these payments: do not press for a retry. */
  readonly consentWithdrawn: boolean;
  /** Whether Stripe's Smart Retries still run on it without a new method. */
  readonly providerRetries: boolean;
  /** The network said how long to wait, in hours (Mastercard advice codes 24-30). */
  readonly waitHours: number | null;
  /** The code that decided, for the explain log. */
  readonly because: string;
};

const RETRY_OF: Readonly<Record<DeclineClass, RetryAdvice>> = {
  soft_funds: 'days',
  soft_later: 'days',
  technical: 'hours',
  authentication: 'after_customer',
  expired: 'after_customer',
  invalid_data: 'after_customer',
  hard: 'never',
  fraud_lost_stolen: 'never',
  no_method: 'after_customer',
  unknown: 'days',
};

/** Whether a retry with the same card can succeed after a decline of this class, without the customer doing anything. */
export const mayHeal = (declineClass: DeclineClass): boolean =>
  RETRY_OF[declineClass] === 'days' || RETRY_OF[declineClass] === 'hours';

// The card codes of https://docs.stripe.com/declines/codes, each in one class.
const CODES_OF: Readonly<Partial<Record<DeclineClass, string>>> = {
  soft_funds: 'insufficient_funds card_velocity_exceeded withdrawal_count_limit_exceeded',
  soft_later: 'do_not_honor generic_decline call_issuer no_action_taken try_again_later card_declined',
  technical:
    'processing_error issuer_not_available reenter_transaction approve_with_id duplicate_transaction',
  authentication:
    'authentication_required authentication_not_handled mobile_device_authentication_required ' +
    'offline_pin_required online_or_offline_pin_required payment_intent_authentication_failure',
  expired: 'expired_card new_account_information_available',
  // Bank debits fail with codes of their own; the customer has to act on each of them.
  invalid_data:
    'incorrect_number invalid_number incorrect_cvc invalid_cvc invalid_expiry_month invalid_expiry_year ' +
    'incorrect_zip incorrect_address incorrect_pin invalid_pin pin_try_exceeded ' +
    'account_closed debit_not_authorized refer_to_customer bank_account_restricted no_account',
  hard:
    'card_not_supported currency_not_supported invalid_account invalid_amount not_permitted ' +
    'service_not_allowed transaction_not_allowed restricted_card security_violation ' +
    'revocation_of_authorization revocation_of_all_authorizations stop_payment_order do_not_try_again ' +
    'merchant_blacklist testmode_decline live_mode_test_card highest_risk_level ' +
    'previously_declined_do_not_retry',
  fraud_lost_stolen: 'lost_card stolen_card pickup_card fraudulent',
};

const CLASS_OF: Readonly<Record<string, DeclineClass>> = Object.fromEntries(
  Object.entries(CODES_OF).flatMap(([name, codes]) =>
    codes.split(' ').map((code) => [code, name as DeclineClass]),
  ),
);

const CONSENT_WITHDRAWN = new Set([
  'revocation_of_authorization',
  'revocation_of_all_authorizations',
  'stop_payment_order',
]);

// Codes on which Stripe schedules further tries but runs none until there is a new method:
// https://docs.stripe.com/billing/revenue-recovery/smart-retries
const PROVIDER_STOPS_ON = new Set([
  'incorrect_number',
  'invalid_number',
  'lost_card',
  'pickup_card',
  'stolen_card',
  'revocation_of_authorization',
  'revocation_of_all_authorizations',
  'stop_payment_order',
  'authentication_required',
  'highest_risk_level',
  'transaction_not_allowed',
]);

// Mastercard merchant advice codes that set a time, in hours.
const MAC_WAIT_HOURS: Readonly<Record<string, number>> = {
  '24': 1,
  '25': 24,
  '26': 48,
  '27': 96,
  '28': 144,
  '29': 192,
  '30': 240,
};
// 05 is about the amount, and the amount of an invoice does not change.
const MAC_NEVER = new Set(['03', '05', '21', '22', '40', '41', '42', '43']);
const MAC_CUSTOMER = new Set(['01']);
// Visa's category 1: the issuer will never approve. Core Rules table 7-2.
const VISA_NEVER = new Set('04 07 12 14 15 41 43 46 57 R0 R1 R3'.split(' '));

type Override = { readonly retry: RetryAdvice; readonly because: string };

/** What the network or the provider advised, the strictest first: it beats the code. */
const overrideOf = (decline: Decline, visa: boolean): Override | null => {
  const { adviceCode, networkAdviceCode: mac, networkDeclineCode: network } = decline;
  if (adviceCode === 'do_not_try_again') return { retry: 'never', because: 'advice do_not_try_again' };
  if (mac && MAC_NEVER.has(mac)) return { retry: 'never', because: `merchant advice ${mac}` };
  if (visa && network && VISA_NEVER.has(network))
    return { retry: 'never', because: `Visa response ${network}` };
  if (adviceCode === 'confirm_card_data')
    return { retry: 'after_customer', because: 'advice confirm_card_data' };
  if (mac && MAC_CUSTOMER.has(mac)) return { retry: 'after_customer', because: `merchant advice ${mac}` };
  if (adviceCode === 'try_again_later') return { retry: 'days', because: 'advice try_again_later' };
  return null;
};

const STRICTNESS: Readonly<Record<RetryAdvice, number>> = { hours: 0, days: 1, after_customer: 2, never: 3 };

/** The class an advice moves a decline into when its own class is milder than the advice. */
const CLASS_FOR: Readonly<Record<RetryAdvice, DeclineClass>> = {
  never: 'hard',
  after_customer: 'invalid_data',
  days: 'soft_later',
  hours: 'technical',
};

/**
 * Reads a decline. The strictest hint wins: advice of the provider or the network, then the decline code, then the
 * plain code; a code nobody knows is `unknown` and may be tried after days.
 * Sources: docs.stripe.com/declines/codes; Visa Core Rules table 7-2; Mastercard merchant advice codes.
 */
export const classifyDecline = (decline: Decline, brand: string | null): DeclineReading => {
  const code = decline.declineCode ?? decline.code;
  const named =
    (decline.declineCode && own(CLASS_OF, decline.declineCode)) ||
    (decline.code && own(CLASS_OF, decline.code)) ||
    'unknown';
  const reading = {
    class: named,
    retry: RETRY_OF[named],
    consentWithdrawn: (code !== null && CONSENT_WITHDRAWN.has(code)) || decline.networkAdviceCode === '21',
    providerRetries: !(code !== null && PROVIDER_STOPS_ON.has(code)) && RETRY_OF[named] !== 'never',
    waitHours: (decline.networkAdviceCode && own(MAC_WAIT_HOURS, decline.networkAdviceCode)) || null,
    because: code ?? 'no code',
  };
  const advice = overrideOf(decline, brand === 'visa');
  if (advice === null) return reading;
  // "Try again later" never softens what the code itself forbids.
  if (STRICTNESS[advice.retry] <= STRICTNESS[reading.retry]) return reading;
  return {
    ...reading,
    class: CLASS_FOR[advice.retry],
    retry: advice.retry,
    providerRetries: advice.retry !== 'never' && reading.providerRetries,
    because: advice.because,
  };
};

/** The reading when nothing is known of why a payment failed. */
export const UNKNOWN_DECLINE: DeclineReading = {
  class: 'unknown',
  retry: 'days',
  consentWithdrawn: false,
  providerRetries: true,
  waitHours: null,
  because: 'decline not known',
};
