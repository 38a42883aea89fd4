// `recoup check-policy`: whether a policy makes sense, every fault of it at once, and what it says in words.
import { Command } from 'commander';
import { requireTexts } from '../adapters/email/templates.ts';
import type { Campaign, NoticeCampaign, Policy } from '../core/recovery/policy.ts';
import { textsIn } from '../core/recovery/variants.ts';
import { loadPolicy } from './load-policy.ts';
import { emailsHere, orUserError } from './mail-options.ts';

/** A step that sends a mail: of a campaign or of a notice. */
type Sending = Pick<NoticeCampaign['steps'][number], 'message' | 'variants'>;

type Options = { readonly policy?: string; readonly json?: boolean };

const END_WORDS: Readonly<Record<Campaign['end']['action'], string>> = {
  leave: 'our books are closed; the subscription is left as it is',
  cancel: 'the subscription is cancelled',
  cancel_at_period_end: 'the subscription ends with its period',
  pause: 'the collection of the subscription is paused',
  mark_uncollectible: 'the invoice is marked uncollectible',
};

const KIND_WORDS: Readonly<Record<NonNullable<Campaign['kind']>, string>> = {
  payment_failure: 'failed payments',
  authentication_required: 'payments to be confirmed',
  bank_debit: 'bank debits',
  invoice_overdue: 'invoices past their due date',
};

const NOTICE_WORDS: Readonly<Record<NoticeCampaign['kind'], string>> = {
  card_expiry: 'a card expires (its last day)',
  renewal_notice: 'a subscription renews',
  trial_ending: 'a trial ends',
  invoice_due: 'an invoice falls due',
  win_back: 'a plan was lost',
};

const conditionsOf = ({ when = {} }: Pick<Campaign, 'when'>): string[] =>
  Object.entries(when).map(([name, wanted]) => `${name} ${JSON.stringify(wanted)}`);

const forWhom = (campaign: Campaign): string => {
  const { kind, declines } = campaign;
  const decline = declines === 'any' ? 'any decline' : declines.join(', ');
  const what =
    kind === 'invoice_overdue' ? [KIND_WORDS[kind]] : [...(kind ? [KIND_WORDS[kind]] : []), decline];
  return [...what, ...conditionsOf(campaign)].join('; ');
};

/** The text of a step, with how often each of several goes. */
const mailWords = ({ message, variants = [] }: Sending): string => {
  if (variants.length === 0) return `mail ${message}`;
  const texts = [{ message, weight: 1 }, ...variants];
  const total = texts.reduce((sum, { weight }) => sum + weight, 0);
  const share = (weight: number) => `${Number(((100 * weight) / total).toPrecision(3))} %`;
  return `mail ${texts.map((one) => `${one.message} (${share(one.weight)})`).join(' or ')}`;
};

const stepWords = (step: Campaign['steps'][number]): string => {
  if (step.kind === 'retry') return 'retry';
  if (step.kind === 'notify') return `tell the operator by ${step.to}${step.note ? `: ${step.note}` : ''}`;
  const mail = mailWords(step);
  return step.hoursBeforeTry === undefined
    ? mail
    : `${mail}, or later: ${step.hoursBeforeTry} h before the next try, if one comes`;
};

const campaignLines = (campaign: Campaign): string[] => {
  const { id, serves, steps, finalNotice, end } = campaign;
  const days = steps.map((step) => `  day ${step.delayDays}: ${stepWords(step)}`);
  const bills = campaign.kind === 'invoice_overdue' ? '' : ` (bills every ${serves} or less often)`;
  return [
    `campaign ${id}${bills}: ${forWhom(campaign)}`,
    ...days,
    `  day ${finalNotice.delayDays}: final notice${finalNotice.atLastAttempt ? ', earlier after the last of several tries' : ''}`,
    `  ${end.daysAfterNotice} days later, day ${end.latestDay} at the latest: ${END_WORDS[end.action]}`,
  ];
};

/** What a notice asks for although its policy does not say so. */
const usualOf = ({ kind, when }: NoticeCampaign): string[] =>
  kind === 'renewal_notice' && when?.intervals === undefined ? ['of yearly plans'] : [];

const noticeLines = (notice: NoticeCampaign): string[] => [
  `notice ${notice.id}: ${[NOTICE_WORDS[notice.kind], ...usualOf(notice), ...conditionsOf(notice)].join('; ')}`,
  ...notice.steps.map((step) =>
    step.daysBefore < 0
      ? `  ${-step.daysBefore} days after: ${mailWords(step)}`
      : `  ${step.daysBefore} days before: ${mailWords(step)}`,
  ),
];

/** Who tries again, and with what. */
const retryWords = ({ owner, hour, paydays, backupMethods }: Policy['retries']): string => {
  if (owner === 'provider') return 'retries: by the provider';
  const waits = paydays ? ', after insufficient funds on a payday' : '';
  const others = backupMethods ? '; then the other cards on file' : '';
  return `retries: by Recoup at ${hour}:00 of the customer's day${waits}${others}`;
};

/** Which mails about the figures go to the business, and where. */
const digestLines = ({ operator }: Policy): string[] => {
  const on = Object.entries(operator?.digest ?? {}).flatMap(([name, isOn]) => (isOn ? [name] : []));
  return on.length === 0 ? [] : [`figures to ${operator?.email}: ${on.join(', ')}`];
};

/** A policy in words that somebody reads who has not written it. */
export const policyInWords = (policy: Policy): readonly string[] => {
  const { retries, sendWindow, timeZone, mailsPerCase, silentHours, holdout, catchUp } = policy;
  const window =
    sendWindow === null
      ? 'at any hour'
      : `from ${sendWindow.from} to ${sendWindow.to} in the customer's time (else ${timeZone})`;
  return [
    retryWords(retries),
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
    ...digestLines(policy),
    ...policy.campaigns.flatMap(campaignLines),
    ...policy.notices.flatMap(noticeLines),
  ];
};

/** Throws a {@link UserError} for a text that the policy sends and `emails/` does not hold. */
const checkTexts = (policy: Policy): void => {
  const others = textsIn(policy).filter((text) => text.includes('.'));
  if (others.length > 0) orUserError(() => requireTexts(emailsHere(), others));
};

const run = async ({ policy: file, json }: Options): Promise<void> => {
  const policy = await loadPolicy(file);
  checkTexts(policy);
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
