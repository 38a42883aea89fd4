// A policy that an operator edits while cases run: the same campaigns with steps moved, added and taken away.
import { definePolicy, PolicyError, type Campaign, type Policy } from '../../core/recovery/policy.ts';

type Edit = (campaign: Campaign) => Campaign;

/** Every step but the first comes a day later. */
const later: Edit = (campaign) => ({
  ...campaign,
  steps: campaign.steps.map((step, i) => (i === 0 ? step : { ...step, delayDays: step.delayDays + 1 })),
});

/** One more reminder, early in the ladder. */
const more: Edit = (campaign) => {
  const [first, ...rest] = campaign.steps;
  const extra = { id: 'reminder-early', kind: 'email', message: 'reminder', delayDays: 2 } as const;
  return first && first.delayDays <= 2 ? { ...campaign, steps: [first, extra, ...rest] } : campaign;
};

/** One reminder less. */
const fewer: Edit = (campaign) =>
  campaign.steps.length > 1 ? { ...campaign, steps: campaign.steps.slice(0, -1) } : campaign;

const EDITS: readonly Edit[] = [later, more, fewer];

const edited = (policy: Policy, edit: Edit): Policy[] => {
  try {
    return [definePolicy({ ...policy, campaigns: policy.campaigns.map(edit) })];
  } catch (error) {
    // An edit that makes no sense for this policy would be refused; the operator makes another.
    if (error instanceof PolicyError) return [];
    throw error;
  }
};

/** The policy as it stands and as it is edited, one after the other and round again. */
export const policyVersions = (policy: Policy): readonly [Policy, ...Policy[]] => [
  policy,
  ...EDITS.flatMap((edit) => edited(policy, edit)),
];
