// `recoup check-policy`: whether a policy makes sense, every fault of it at once, and what it says in words.
import { Command } from 'commander';
import type { Campaign, Policy } from '../core/recovery/policy.ts';
import { loadPolicy } from './load-policy.ts';

type Options = { readonly policy?: string; readonly json?: boolean };

const END_WORDS: Readonly<Record<Campaign['end']['action'], string>> = {
  leave: 'our books are closed; the subscription is left as it is',
  cancel: 'the subscription is cancelled',
  cancel_at_period_end: 'the subscription ends with its period',
  pause: 'the collection of the subscription is paused',
  mark_uncollectible: 'the invoice is marked uncollectible',
};

const forWhom = ({ declines, when }: Campaign): string => {
  const conditions = Object.entries(when ?? {}).map(([name, wanted]) => `${name} ${JSON.stringify(wanted)}`);
  return [declines === 'any' ? 'any decline' : declines.join(', '), ...conditions].join('; ');
};

const campaignLines = (campaign: Campaign): string[] => {
  const { id, serves, steps, finalNotice, end } = campaign;
  const days = steps.map((step) =>
    step.kind === 'email'
      ? `  day ${step.delayDays}: mail ${step.message}`
      : `  day ${step.delayDays}: retry`,
  );
  return [
    `campaign ${id} (bills every ${serves} or less often): ${forWhom(campaign)}`,
    ...days,
    `  day ${finalNotice.delayDays}: final notice${finalNotice.atLastAttempt ? ', earlier after the last of several tries' : ''}`,
    `  ${end.daysAfterNotice} days later, day ${end.latestDay} at the latest: ${END_WORDS[end.action]}`,
  ];
};

/** A policy in words that somebody reads who has not written it. */
export const policyInWords = (policy: Policy): readonly string[] => {
  const { retries, sendWindow, timeZone, mailsPerCase, silentHours, holdout, catchUp } = policy;
  const window =
    sendWindow === null
      ? 'at any hour'
      : `from ${sendWindow.from} to ${sendWindow.to} in the customer's time (else ${timeZone})`;
  return [
    `retries: by ${retries.owner === 'provider' ? 'the provider' : 'Recoup'}`,
    `mails: ${window}, one a day that asks for money, ${mailsPerCase} a case`,
    ...(silentHours > 0
      ? [`soft declines: no mail for up to ${silentHours} h while another try is to come`]
      : []),
    ...(holdout.share > 0
      ? [
          `experiment ${holdout.experiment}: ${Math.round(holdout.share * 100)} % of customers get no reminders`,
        ]
      : []),
    `found ${catchUp.oneMailAfterDays} days late: one mail; ${catchUp.noMailAfterDays} days late: none`,
    ...policy.campaigns.flatMap(campaignLines),
  ];
};

const run = async ({ policy: file, json }: Options): Promise<void> => {
  const policy = await loadPolicy(file);
  if (json) console.log(JSON.stringify(policy, null, 2));
  else console.log(['The policy makes sense.', ...policyInWords(policy)].join('\n'));
};

/** The command, ready to be added to the program. */
export const checkPolicyCommand = (): Command =>
  new Command('check-policy')
    .description('Checks a policy and tells every fault of it at once: field, value, what to change.')
    .option('--policy <file>', 'a policy instead of policy.ts (.ts or .json)')
    .option('--json', 'print the whole policy, with what was left to its default')
    .action(run);
