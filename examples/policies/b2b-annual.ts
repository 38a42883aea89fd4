// Companies that pay once a year, by card or by invoice: reminders on working days, a colleague who calls, a long notice.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';

const finalNotice = { id: 'final-notice', delayDays: 30, atLastAttempt: false } as const;
const end = { action: 'leave', daysAfterNotice: 30, latestDay: 90 } as const;

const policy: PolicyInput = {
  ...defaultPolicy,
  sendWindow: {
    from: '09:00',
    to: '17:00',
    weekdays: [1, 2, 3, 4, 5],
    quietDates: ['12-24', '12-25', '12-26', '12-31', '01-01'],
  },
  silentHours: 72,
  whenCustomerLeaves: 'keep_asking',
  operator: { email: 'accounts@example.com' },
  campaigns: [
    {
      // Invoices that the customer pays on their own, on net terms: days count from the due date.
      id: 'overdue',
      kind: 'invoice_overdue',
      serves: 'year',
      declines: 'any',
      steps: [
        { id: 'overdue-3', kind: 'email', message: 'invoice-overdue', delayDays: 3 },
        { id: 'overdue-10', kind: 'email', message: 'invoice-overdue', delayDays: 10 },
        {
          id: 'call-them',
          kind: 'notify',
          to: 'email',
          delayDays: 17,
          note: 'Call the accounts department: two reminders have gone unanswered.',
        },
        { id: 'overdue-20', kind: 'email', message: 'invoice-overdue', delayDays: 20 },
      ],
      finalNotice,
      end,
    },
    {
      id: 'annual-needs-customer',
      serves: 'year',
      declines: ['expired', 'invalid_data', 'hard', 'fraud_lost_stolen', 'no_method', 'authentication'],
      steps: [
        { id: 'opening', kind: 'email', message: 'update-card', delayDays: 0 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 7 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 18 },
      ],
      finalNotice,
      end,
    },
    {
      id: 'annual',
      serves: 'year',
      declines: 'any',
      steps: [
        { id: 'opening', kind: 'email', message: 'payment-failed', delayDays: 2 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 9 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 20 },
      ],
      finalNotice,
      end,
    },
  ],
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
      id: 'renewal',
      kind: 'renewal_notice',
      steps: [{ id: 'renews-45', message: 'renewal-notice', daysBefore: 45 }],
    },
    {
      id: 'invoice-due',
      kind: 'invoice_due',
      steps: [{ id: 'due-7', message: 'invoice-due', daysBefore: 7 }],
    },
  ],
};

export default policy;
