// Weekly plans: everything is over before the next bill.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';

const finalNotice = { id: 'final-notice', delayDays: 3, atLastAttempt: true } as const;
const end = { action: 'leave', daysAfterNotice: 3, latestDay: 7 } as const;

const policy: PolicyInput = {
  ...defaultPolicy,
  sendWindow: { from: '08:00', to: '20:00' },
  campaigns: [
    {
      id: 'weekly-needs-customer',
      serves: 'week',
      declines: ['expired', 'invalid_data', 'hard', 'fraud_lost_stolen', 'no_method', 'authentication'],
      steps: [
        { id: 'opening', kind: 'email', message: 'update-card', delayDays: 0 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 2 },
      ],
      finalNotice,
      end,
    },
    {
      id: 'weekly',
      serves: 'week',
      declines: 'any',
      steps: [
        { id: 'opening', kind: 'email', message: 'payment-failed', delayDays: 0.5 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 2 },
      ],
      finalNotice,
      end,
    },
  ],
};

export default policy;
