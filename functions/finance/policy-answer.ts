// The policy as data for a page that says it in words: every default filled in, no address, nothing secret.
import type * as v from 'valibot';
import { conditionsOfNotice, kindsOf } from '../../core/recovery/campaign.ts';
import type { Stream } from '../../core/recovery/customer.ts';
import type { Campaign, Condition, NoticeCampaign, Policy } from '../../core/recovery/policy.ts';
import { senderFor } from '../../core/recovery/sender.ts';
import { amountOf } from './answers.ts';
import type { POLICY } from './shapes.ts';

type Answer = v.InferInput<typeof POLICY>;
type CampaignAnswer = Answer['campaigns'][number];

const listed = <T>(all: readonly T[] | undefined): T[] | null => (all === undefined ? null : [...all]);

const conditionsAnswer = (when: Condition): CampaignAnswer['conditions'] => {
  const { amount, tenureDays, metadata } = when;
  const minor = (value: number | undefined) =>
    amount === undefined || value === undefined ? null : amountOf(value, amount.currency);
  return {
    amount: amount
      ? { currency: amount.currency, min: minor(amount.minMinor), max: minor(amount.maxMinor) }
      : null,
    plans: listed(when.plans),
    products: listed(when.products),
    countries: listed(when.countries),
    languages: listed(when.languages),
    intervals: listed(when.intervals),
    collectionMethods: listed(when.collectionMethods),
    metadata: Object.entries(metadata ?? {}).map(([key, values]) => ({ key, values: [...values] })),
    tenureDays: tenureDays ? { min: tenureDays.min ?? null, max: tenureDays.max ?? null } : null,
  };
};

type WithTexts = Pick<NoticeCampaign['steps'][number], 'message' | 'variants'>;

const textsAnswer = ({ message, variants = [] }: WithTexts): { message: string; weight: number }[] => [
  { message, weight: 1 },
  ...variants.map((one) => ({ message: one.message, weight: one.weight })),
];

const stepAnswer = (step: Campaign['steps'][number]): CampaignAnswer['steps'][number] => ({
  id: step.id,
  kind: step.kind,
  delayDays: step.delayDays,
  texts: step.kind === 'email' ? textsAnswer(step) : [],
  hoursBeforeTry: step.kind === 'email' ? (step.hoursBeforeTry ?? null) : null,
  to: step.kind === 'notify' ? step.to : null,
  note: step.kind === 'notify' ? (step.note ?? null) : null,
});

const campaignAnswer = (campaign: Campaign): CampaignAnswer => ({
  id: campaign.id,
  kinds: [...kindsOf(campaign)],
  declines: campaign.declines === 'any' ? null : [...campaign.declines],
  serves: campaign.serves,
  conditions: conditionsAnswer(campaign.when ?? {}),
  steps: campaign.steps.map(stepAnswer),
  finalNotice: { ...campaign.finalNotice },
  end: { ...campaign.end },
});

const noticeAnswer = (notice: NoticeCampaign): Answer['notices'][number] => ({
  id: notice.id,
  kind: notice.kind,
  conditions: conditionsAnswer(conditionsOfNotice(notice)),
  steps: notice.steps.map((step) => ({
    id: step.id,
    daysBefore: step.daysBefore,
    texts: textsAnswer(step),
  })),
});

const sendersAnswer = (policy: Policy): Answer['senders'] => {
  const name = (stream: Stream | null) => senderFor(policy, stream).name;
  return { debts: name(null), notices: name('notices'), win_back: name('win_back') };
};

/** The policy that is followed. */
export const policyAnswer = (policy: Policy): Answer => {
  const { retries, sendWindow, operator } = policy;
  const digest = operator?.digest ?? { weekly: false, monthly: false, alerts: false };
  return {
    timeZone: policy.timeZone,
    language: policy.language,
    senders: sendersAnswer(policy),
    hasWayBack: policy.wayBackUrl !== undefined,
    hasOperator: operator !== undefined,
    digest: { ...digest },
    retries: { ...retries },
    sendWindow: sendWindow && {
      ...sendWindow,
      weekdays: [...sendWindow.weekdays],
      quietDates: [...sendWindow.quietDates],
    },
    mailsPerCase: policy.mailsPerCase,
    silentHours: policy.silentHours,
    holdout: { ...policy.holdout },
    catchUp: { ...policy.catchUp },
    firstPayments: policy.firstPayments,
    whenCustomerLeaves: policy.whenCustomerLeaves,
    campaigns: policy.campaigns.map(campaignAnswer),
    notices: policy.notices.map(noticeAnswer),
  };
};
