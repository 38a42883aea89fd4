// What a decline's codes mean: the table of classes, and what overrides it.
import { describe, expect, test } from 'vitest';
import { classifyDecline, DECLINE_CLASSES, UNKNOWN_DECLINE } from '../../../core/recovery/decline.ts';
import type { DeclineClass, RetryAdvice } from '../../../core/recovery/decline.ts';
import type { Decline } from '../../../core/recovery/fact.ts';
import { declineOf } from '../../support/facts.ts';

const read = (code: string | null, changes: Partial<Decline> = {}, brand: string | null = 'visa') =>
  classifyDecline(declineOf(code, changes), brand);

// The card codes of docs.stripe.com/declines/codes, by hand: code, class, retry.
const TABLE: readonly (readonly [DeclineClass, RetryAdvice, readonly string[]])[] = [
  ['soft_funds', 'days', ['insufficient_funds', 'card_velocity_exceeded', 'withdrawal_count_limit_exceeded']],
  [
    'soft_later',
    'days',
    ['do_not_honor', 'generic_decline', 'call_issuer', 'no_action_taken', 'try_again_later'],
  ],
  [
    'technical',
    'hours',
    [
      'processing_error',
      'issuer_not_available',
      'reenter_transaction',
      'approve_with_id',
      'duplicate_transaction',
    ],
  ],
  [
    'authentication',
    'after_customer',
    [
      'authentication_required',
      'authentication_not_handled',
      'mobile_device_authentication_required',
      'offline_pin_required',
      'online_or_offline_pin_required',
    ],
  ],
  ['expired', 'after_customer', ['expired_card', 'new_account_information_available']],
  [
    'invalid_data',
    'after_customer',
    [
      'incorrect_number',
      'invalid_number',
      'incorrect_cvc',
      'invalid_cvc',
      'invalid_expiry_month',
      'invalid_expiry_year',
      'incorrect_zip',
      'incorrect_address',
      'incorrect_pin',
      'invalid_pin',
      'pin_try_exceeded',
    ],
  ],
  [
    'hard',
    'never',
    [
      'card_not_supported',
      'currency_not_supported',
      'invalid_account',
      'invalid_amount',
      'not_permitted',
      'service_not_allowed',
      'transaction_not_allowed',
      'restricted_card',
      'security_violation',
      'revocation_of_authorization',
      'revocation_of_all_authorizations',
      'stop_payment_order',
      'do_not_try_again',
      'merchant_blacklist',
      'testmode_decline',
    ],
  ],
  ['fraud_lost_stolen', 'never', ['lost_card', 'stolen_card', 'pickup_card', 'fraudulent']],
];
const ROWS = TABLE.flatMap(([name, retry, codes]) => codes.map((code) => [code, name, retry] as const));

describe('the table of codes', () => {
  test('knows each of the fifty card codes once', () => {
    expect(new Set(ROWS.map(([code]) => code)).size).toBe(50);
    expect(ROWS).toHaveLength(50);
  });

  test.each(ROWS)('%s is %s: retry %s', (code, name, retry) => {
    expect(read(code)).toMatchObject({ class: name, retry, because: code });
  });

  test.each(ROWS)('%s means the same when it stands in the plain code', (code, name, retry) => {
    expect(read(null, { code })).toMatchObject({ class: name, retry, because: code });
  });

  test.each([
    'account_closed',
    'debit_not_authorized',
    'refer_to_customer',
    'bank_account_restricted',
    'no_account',
  ])('a bank debit’s %s waits for the customer', (code) => {
    expect(read(null, { code })).toMatchObject({ class: 'invalid_data', retry: 'after_customer' });
  });

  test.each([
    'brand_new_code',
    '',
    'INSUFFICIENT_FUNDS',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
  ])('“%s” is a code nobody knows, and may be tried after days', (code) => {
    expect(read(code, { code: null })).toMatchObject({ class: 'unknown', retry: 'days', waitHours: null });
  });

  test('no code at all is unknown', () => {
    expect(read(null, { code: null })).toMatchObject({ class: 'unknown', retry: 'days', because: 'no code' });
  });

  test('C12: the exact code goes before the generic one', () => {
    expect(read('lost_card', { code: 'card_declined' }).class).toBe('fraud_lost_stolen');
  });

  test('a generic decline with an exact code nobody knows is a soft one', () => {
    expect(read('brand_new_code', { code: 'card_declined' })).toMatchObject({
      class: 'soft_later',
      retry: 'days',
    });
  });

  test('an unknown decline is one of the classes a campaign can take', () => {
    expect(DECLINE_CLASSES).toContain(UNKNOWN_DECLINE.class);
    expect(UNKNOWN_DECLINE).toMatchObject({ retry: 'days', consentWithdrawn: false });
  });
});

describe('advice of the bank and the network', () => {
  const NEVER = { class: 'hard', retry: 'never', providerRetries: false } as const;
  const ASK = { class: 'invalid_data', retry: 'after_customer' } as const;

  test.each([
    'insufficient_funds',
    'do_not_honor',
    'processing_error',
    'expired_card',
    'authentication_required',
    'x',
  ])('do_not_try_again makes %s hard', (code) => {
    const reading = read(code, { adviceCode: 'do_not_try_again' });
    expect(reading).toMatchObject({ ...NEVER, because: 'advice do_not_try_again' });
  });

  test.each(['03', '05', '21', '22', '40', '41', '42', '43'])(
    'merchant advice %s makes a soft decline hard',
    (mac) => {
      const reading = read('insufficient_funds', { networkAdviceCode: mac }, 'mastercard');
      expect(reading).toMatchObject({ ...NEVER, because: `merchant advice ${mac}` });
    },
  );

  test.each(['04', '07', '12', '14', '15', '41', '43', '46', '57', 'R0', 'R1', 'R3'])(
    'C11: response %s of Visa is never tried again, and means nothing of the kind on another network',
    (networkDeclineCode) => {
      const reading = read('do_not_honor', { networkDeclineCode }, 'visa');
      expect(reading).toMatchObject({ ...NEVER, because: `Visa response ${networkDeclineCode}` });
      for (const brand of ['mastercard', 'amex', null]) {
        expect(read('do_not_honor', { networkDeclineCode }, brand)).toMatchObject({
          class: 'soft_later',
          retry: 'days',
        });
      }
    },
  );

  test.each(['51', '05', '54', '91'])(
    'response %s of Visa leaves a soft decline soft',
    (networkDeclineCode) => {
      expect(read('do_not_honor', { networkDeclineCode })).toMatchObject({
        class: 'soft_later',
        retry: 'days',
      });
    },
  );

  test.each(['insufficient_funds', 'do_not_honor', 'processing_error', 'x'])(
    'confirm_card_data makes %s wait for the customer',
    (code) => {
      expect(read(code, { adviceCode: 'confirm_card_data' })).toMatchObject(ASK);
    },
  );

  test('merchant advice 01 asks for the new card', () => {
    expect(read('do_not_honor', { networkAdviceCode: '01' }, 'mastercard')).toMatchObject(ASK);
  });

  test.each([
    ['lost_card', 'fraud_lost_stolen', 'never'],
    ['restricted_card', 'hard', 'never'],
    ['expired_card', 'expired', 'after_customer'],
    ['authentication_required', 'authentication', 'after_customer'],
    ['insufficient_funds', 'soft_funds', 'days'],
  ])('try_again_later never softens %s', (code, name, retry) => {
    expect(read(code, { adviceCode: 'try_again_later' })).toMatchObject({
      class: name,
      retry,
      because: code,
    });
  });

  test('try_again_later puts a technical decline off to another day', () => {
    const reading = read('processing_error', { adviceCode: 'try_again_later' });
    expect(reading).toMatchObject({ class: 'soft_later', retry: 'days', because: 'advice try_again_later' });
  });

  test('advice as strict as the code leaves the code’s own class, so that its words stay right', () => {
    expect(read('stolen_card', { adviceCode: 'do_not_try_again' }).class).toBe('fraud_lost_stolen');
    expect(read('expired_card', { adviceCode: 'confirm_card_data' }).class).toBe('expired');
  });

  test('the strictest of several hints wins', () => {
    const mixed = { adviceCode: 'try_again_later', networkAdviceCode: '03' };
    expect(read('insufficient_funds', mixed, 'mastercard')).toMatchObject(NEVER);
    const visa = { adviceCode: 'confirm_card_data', networkDeclineCode: '14' };
    expect(read('insufficient_funds', visa)).toMatchObject(NEVER);
    expect(
      read('insufficient_funds', { adviceCode: 'try_again_later', networkAdviceCode: '01' }),
    ).toMatchObject(ASK);
  });

  test.each([
    ['24', 1],
    ['25', 24],
    ['26', 48],
    ['27', 96],
    ['28', 144],
    ['29', 192],
    ['30', 240],
  ])('merchant advice %s sets a wait of %i hours', (networkAdviceCode, hours) => {
    expect(read('insufficient_funds', { networkAdviceCode }).waitHours).toBe(hours);
  });

  test.each(['02', '99', 'constructor', '__proto__', ''])('merchant advice “%s” sets no wait', (mac) => {
    expect(read('insufficient_funds', { networkAdviceCode: mac })).toMatchObject({
      class: 'soft_funds',
      waitHours: null,
    });
  });

  test.each(['constructor', 'TRY_AGAIN_LATER', 'x'])('advice “%s” is nobody’s advice', (adviceCode) => {
    expect(read('insufficient_funds', { adviceCode })).toMatchObject({ class: 'soft_funds', retry: 'days' });
  });
});

describe('withdrawn consent', () => {
  test.each(['revocation_of_authorization', 'revocation_of_all_authorizations', 'stop_payment_order'])(
    '%s says that the cardholder wants no more of these payments',
    (code) => {
      expect(read(code).consentWithdrawn).toBe(true);
      expect(read(null, { code }).consentWithdrawn).toBe(true);
    },
  );

  test('so does merchant advice 21', () => {
    expect(read('do_not_honor', { networkAdviceCode: '21' }, 'mastercard').consentWithdrawn).toBe(true);
  });

  test.each(ROWS.filter(([code]) => !/revocation|stop_payment/.test(code)))('%s does not', (code) => {
    expect(read(code).consentWithdrawn).toBe(false);
  });
});

describe('whether the provider’s own tries still run', () => {
  test.each([
    'incorrect_number',
    'lost_card',
    'pickup_card',
    'stolen_card',
    'revocation_of_authorization',
    'revocation_of_all_authorizations',
    'authentication_required',
    'highest_risk_level',
    'transaction_not_allowed',
  ])('none runs after %s without a new method', (code) => {
    expect(read(code).providerRetries).toBe(false);
  });

  test.each(ROWS.filter(([, , retry]) => retry === 'never'))('none is counted on after %s', (code) => {
    expect(read(code).providerRetries).toBe(false);
  });

  test.each(['insufficient_funds', 'do_not_honor', 'processing_error', 'expired_card', 'incorrect_cvc', 'x'])(
    'they go on after %s',
    (code) => {
      expect(read(code).providerRetries).toBe(true);
    },
  );
});
