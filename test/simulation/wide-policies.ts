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
    {
      id: 'overdue-1',
      kind: 'email',
      message: 'invoice-overdue',
      variants: [{ message: 'invoice-overdue.short', weight: 1 }],
      delayDays: 1,
    },
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
    {
      id: 'debit-reminder',
      kind: 'email',
      message: 'reminder',
      variants: [
        { message: 'reminder.short', weight: 2 },
        { message: 'bank-debit-failed', weight: 1 },
      ],
      delayDays: 9,
    },
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
  {
    id: 'due',
    kind: 'invoice_due',
    steps: [
      { id: 'due-soon', message: 'invoice-due', daysBefore: 7 },
      { id: 'due-today', message: 'invoice-due', daysBefore: 0 },
    ],
  },
  {
    id: 'back',
    kind: 'win_back',
    steps: [
      {
        id: 'back-soon',
        message: 'win-back',
        variants: [{ message: 'win-back.warm', weight: 3 }],
        daysBefore: -5,
      },
      { id: 'back-later', message: 'win-back', daysBefore: -20 },
    ],
  },
];

/** What mails that win back need besides: where to, and who writes. */
const COME_BACK = {
  sender: { ...defaultPolicy.sender, postalAddress: 'Example Company, 1 High Street, Exampleton' },
  senders: { win_back: { name: 'Friends of Example', email: 'hello@example.com' } },
  wayBackUrl: 'https://example.com/plans',
} as const;

/** Who does not pay loses the plan: everything that comes after it is written too. */
const cancelling = (campaigns: PolicyInput['campaigns']): PolicyInput['campaigns'] =>
  campaigns.map((campaign) =>
    campaign.kind === 'invoice_overdue'
      ? campaign
      : {
          ...campaign,
          end: {
            ...campaign.end,
            action: 'cancel',
            daysAfterNotice: Math.max(3, campaign.end.daysAfterNotice),
          },
        },
  );

/** The provider retries. */
export const WIDE = definePolicy({
  ...defaultPolicy,
  ...COME_BACK,
  campaigns: [overdue, debit('provider'), ...cancelling(defaultPolicy.campaigns)],
  notices,
});

/** The retries are ours, and other cards on file are tried before giving up. */
export const WIDE_OWN = definePolicy({
  ...ownRetries,
  ...COME_BACK,
  retries: { owner: 'recoup', backupMethods: true },
  campaigns: [overdue, debit('recoup'), ...cancelling(ownRetries.campaigns)],
  notices,
});
