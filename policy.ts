// The recovery policy: who writes to the customer, when, and what happens at the end. Yours to edit.
import type { PolicyInput } from './core/recovery/policy.ts';

const policy: PolicyInput = {
  sender: {
    name: 'Example Company',
    email: 'billing@example.com',
    replyTo: 'support@example.com',
    supportEmail: 'support@example.com',
  },

  // Days are counted in this zone: at most one mail that asks for money a customer a day.
  timeZone: 'UTC',

  // 'provider': the provider's own retries run and we mail in step. 'recoup': switch the provider's retries off first.
  retries: { owner: 'provider' },

  // A first payment that fails is a sign-up that was not finished, not money to recover.
  firstPayments: 'ignore',

  // Who has cancelled is not asked for money again. 'keep_asking' when the debt stays due.
  whenCustomerLeaves: 'stop',

  // The first campaign that takes the failure is followed. Delays count from the failure. Steps with the same id in
  // several campaigns are the same step: one done is done when a later decline moves the invoice to another campaign.
  campaigns: [
    {
      id: 'needs-customer',
      declines: ['expired', 'invalid_data', 'hard', 'fraud_lost_stolen', 'no_method'],
      steps: [
        { id: 'update-card', kind: 'email', message: 'update-card', delayDays: 0 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 3 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 7 },
      ],
      finalNotice: { id: 'final-notice', delayDays: 11, atLastAttempt: false },
      end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
    },
    {
      id: 'authentication',
      declines: ['authentication'],
      steps: [
        { id: 'confirm-payment', kind: 'email', message: 'confirm-payment', delayDays: 0 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 3 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 7 },
      ],
      finalNotice: { id: 'final-notice', delayDays: 11, atLastAttempt: false },
      end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
    },
    {
      id: 'soft-decline',
      declines: 'any',
      steps: [
        { id: 'payment-failed', kind: 'email', message: 'payment-failed', delayDays: 1 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 4 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 8 },
      ],
      finalNotice: { id: 'final-notice', delayDays: 12, atLastAttempt: true },
      end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
    },
  ],
};

export default policy;
