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
      // A debit takes days, and one that comes back costs a fee: the customer hears of it at once.
      id: 'bank-debit',
      kind: 'bank_debit',
      declines: 'any',
      steps: [
        { id: 'debit-failed', kind: 'email', message: 'bank-debit-failed', delayDays: 0 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 4 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 9 },
      ],
      finalNotice: { id: 'final-notice', delayDays: 12, atLastAttempt: true },
      end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
    },
    {
      // What the customer pays on their own: days count from the due date.
      id: 'overdue-invoice',
      kind: 'invoice_overdue',
      declines: 'any',
      steps: [
        { id: 'overdue', kind: 'email', message: 'invoice-overdue', delayDays: 2 },
        { id: 'overdue-1', kind: 'email', message: 'invoice-overdue', delayDays: 9 },
        { id: 'overdue-2', kind: 'email', message: 'invoice-overdue', delayDays: 16 },
      ],
      finalNotice: { id: 'final-notice', delayDays: 25, atLastAttempt: false },
      end: { action: 'leave', daysAfterNotice: 21, latestDay: 60 },
    },
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

  // Written before something comes; nothing is owed then. Switch off the same mails of your provider, if it sends them.
  notices: [
    {
      id: 'card-expiry',
      kind: 'card_expiry',
      steps: [
        { id: 'expires-30', message: 'card-expiring', daysBefore: 30 },
        { id: 'expires-15', message: 'card-expiring', daysBefore: 15 },
        { id: 'expires-5', message: 'card-expiring', daysBefore: 5 },
      ],
    },
    {
      // Of yearly plans, whose next bill comes as a surprise to many.
      id: 'renewal',
      kind: 'renewal_notice',
      steps: [{ id: 'renews-30', message: 'renewal-notice', daysBefore: 30 }],
    },
  ],
};

export default policy;
