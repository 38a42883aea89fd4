// Companies that pay once a year: slower reminders on working days, a long notice, and nothing is ended by itself.
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
  campaigns: [
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
};

export default policy;
