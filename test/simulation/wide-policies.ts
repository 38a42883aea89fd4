// Policies that use everything a policy can: every kind of failure, notices, backup cards, words to the business itself.
import { definePolicy, type PolicyInput } from '../../core/recovery/policy.ts';
import ownRetries from '../../examples/policies/own-retries.ts';
import defaultPolicy from '../../policy.ts';

const finalNotice = { id: 'final-notice', delayDays: 20, atLastAttempt: false } as const;
const leave = { action: 'leave', daysAfterNotice: 14, latestDay: 60 } as const;
const notifyAt = (delayDays: number) =>
  ({ id: 'tell', kind: 'notify', to: 'webhook', note: 'call them', delayDays }) as const;

/** Invoices that are sent. */
const overdue: PolicyInput['campaigns'][number] = {
  id: 'overdue',
  kind: 'invoice_overdue',
  declines: 'any',
  steps: [
    { id: 'overdue-1', kind: 'email', message: 'invoice-overdue', delayDays: 1 },
    { id: 'overdue-2', kind: 'email', message: 'invoice-overdue', delayDays: 8 },
    notifyAt(10),
    { id: 'overdue-3', kind: 'email', message: 'reminder', delayDays: 14 },
  ],
  finalNotice,
  end: leave,
};

const debit = (owner: 'provider' | 'recoup'): PolicyInput['campaigns'][number] => ({
  id: 'debit',
  kind: 'bank_debit',
  declines: 'any',
  steps: [
    { id: 'debit-failed', kind: 'email', message: 'bank-debit-failed', delayDays: 0 },
    ...(owner === 'recoup' ? [{ id: 'debit-again', kind: 'retry' as const, delayDays: 5 }] : []),
    { id: 'debit-reminder', kind: 'email', message: 'reminder', delayDays: 9 },
    notifyAt(12),
  ],
  finalNotice: { ...finalNotice, delayDays: 14 },
  end: { ...leave, daysAfterNotice: 10 },
});

const notices: PolicyInput['notices'] = [
  {
    id: 'card',
    kind: 'card_expiry',
    steps: [
      { id: 'soon', message: 'card-expiring', daysBefore: 20 },
      { id: 'sooner', message: 'card-expiring', daysBefore: 5 },
      { id: 'past', message: 'card-expired', daysBefore: -1 },
    ],
  },
  {
    id: 'renewal',
    kind: 'renewal_notice',
    steps: [{ id: 'renews', message: 'renewal-notice', daysBefore: 14 }],
  },
  { id: 'trial', kind: 'trial_ending', steps: [{ id: 'ends', message: 'trial-ending', daysBefore: 3 }] },
];

/** The provider retries. */
export const WIDE = definePolicy({
  ...defaultPolicy,
  campaigns: [overdue, debit('provider'), ...defaultPolicy.campaigns],
  notices,
});

/** The retries are ours, and other cards on file are tried before giving up. */
export const WIDE_OWN = definePolicy({
  ...ownRetries,
  retries: { owner: 'recoup', backupMethods: true },
  campaigns: [overdue, debit('recoup'), ...ownRetries.campaigns],
  notices,
});
