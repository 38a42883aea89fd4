// Retries by Recoup, not by the provider (switch its retries off first), and a subscription that ends if unpaid.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';

const finalNotice = { id: 'final-notice', delayDays: 18, atLastAttempt: false } as const;
const end = { action: 'cancel', daysAfterNotice: 7, latestDay: 40 } as const;

const policy: PolicyInput = {
  ...defaultPolicy,
  retries: { owner: 'recoup', backupMethods: true },
  campaigns: [
    {
      // One more try of a bank debit, when the account has had time to fill.
      id: 'bank-debit',
      kind: 'bank_debit',
      declines: 'any',
      steps: [
        { id: 'opening', kind: 'email', message: 'bank-debit-failed', delayDays: 0 },
        { id: 'retry-1', kind: 'retry', delayDays: 5 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 7 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 12 },
      ],
      finalNotice,
      end,
    },
    {
      id: 'needs-customer',
      declines: ['expired', 'invalid_data', 'hard', 'fraud_lost_stolen', 'no_method', 'authentication'],
      steps: [
        { id: 'opening', kind: 'email', message: 'update-card', delayDays: 0 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 4 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 10 },
      ],
      finalNotice,
      end,
    },
    {
      id: 'soft-decline',
      declines: 'any',
      steps: [
        { id: 'opening', kind: 'email', message: 'payment-failed', delayDays: 0 },
        { id: 'retry-1', kind: 'retry', delayDays: 2 },
        { id: 'retry-2', kind: 'retry', delayDays: 4 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 5 },
        { id: 'retry-3', kind: 'retry', delayDays: 7 },
        { id: 'retry-4', kind: 'retry', delayDays: 10 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 11 },
        { id: 'retry-5', kind: 'retry', delayDays: 14 },
        { id: 'retry-6', kind: 'retry', delayDays: 16 },
      ],
      finalNotice,
      end,
    },
  ],
};

export default policy;
