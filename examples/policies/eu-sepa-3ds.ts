// Consumers in the European Union: direct debits that take days, payments to be confirmed, mails at decent hours.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';

const finalNotice = { id: 'final-notice', delayDays: 13, atLastAttempt: true } as const;
const end = { action: 'leave', daysAfterNotice: 14, latestDay: 45 } as const;

const policy: PolicyInput = {
  ...defaultPolicy,
  timeZone: 'Europe/Berlin',
  sendWindow: {
    from: '08:00',
    to: '20:00',
    weekdays: [1, 2, 3, 4, 5, 6],
    quietDates: ['01-01', '05-01', '12-24', '12-25', '12-26'],
  },
  silentHours: 48,
  campaigns: [
    {
      // A debit that came back costs a fee each time: the customer is asked at once, and given time between tries.
      id: 'direct-debit',
      kind: 'bank_debit',
      declines: 'any',
      steps: [
        { id: 'opening', kind: 'email', message: 'bank-debit-failed', delayDays: 0 },
        { id: 'before-the-try', kind: 'email', message: 'reminder', delayDays: 3, hoursBeforeTry: 48 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 8 },
      ],
      finalNotice,
      end,
    },
    {
      // Strong customer authentication (PSD2): nothing comes until the customer has confirmed.
      id: 'confirmation',
      kind: 'authentication_required',
      declines: 'any',
      steps: [
        { id: 'confirm-payment', kind: 'email', message: 'confirm-payment', delayDays: 0 },
        { id: 'confirm-again', kind: 'email', message: 'confirm-payment', delayDays: 2 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 6 },
      ],
      finalNotice,
      end,
    },
    {
      id: 'needs-customer',
      declines: ['expired', 'invalid_data', 'hard', 'fraud_lost_stolen', 'no_method'],
      steps: [
        { id: 'opening', kind: 'email', message: 'update-card', delayDays: 0 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 3 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 8 },
      ],
      finalNotice,
      end,
    },
    {
      id: 'soft-decline',
      declines: 'any',
      steps: [
        { id: 'opening', kind: 'email', message: 'payment-failed', delayDays: 1 },
        { id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 5 },
        { id: 'reminder-2', kind: 'email', message: 'reminder', delayDays: 9 },
      ],
      finalNotice,
      end,
    },
  ],
  // The card's end and the yearly renewal as everywhere, and the end of a trial.
  notices: [
    ...(defaultPolicy.notices ?? []),
    {
      id: 'trial',
      kind: 'trial_ending',
      steps: [{ id: 'trial-3', message: 'trial-ending', daysBefore: 3 }],
    },
  ],
};

export default policy;
