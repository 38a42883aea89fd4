// What no field of a policy shows by itself: how its parts fit together.
import * as v from 'valibot';
import { messageOf, type Message } from '../ports.ts';
import type { NoticeKind } from './customer.ts';
import { DECLINE_CLASSES, mayHeal } from './decline.ts';
import { DEBIT_SPACING_DAYS, MAX_ATTEMPTS_OF_DEBIT, MAX_ATTEMPTS_PER_INVOICE } from './network-rules.ts';
import {
  campaignShape,
  catchUpShape,
  digestShape,
  noticeShape,
  retriesShape,
  sendWindowShape,
  type Campaign,
  type NoticeCampaign,
  type Policy,
} from './policy-shape.ts';
import { windowFaults } from './send-window.ts';
import { CANCELLED, RECOVERED, UNREACHABLE } from './step-ids.ts';
import { textsOf } from './variants.ts';

/** One thing wrong with a policy: which field, what it holds, what to change. */
export type PolicyFault = { readonly field: string; readonly value: string; readonly change: string };

/** At least this many days between the final notice and an end that touches the subscription. */
export const MIN_NOTICE_DAYS = 3;

/** Step ids that Recoup gives itself. */
const RESERVED = ['end', RECOVERED, CANCELLED, UNREACHABLE];

/** A value as a fault shows it. */
export const shown = (value: unknown): string => {
  if (typeof value === 'number') return String(value);
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80);
  } catch {
    return 'not a value that JSON can hold';
  }
};

const duplicates = (ids: readonly string[]): string[] => [
  ...new Set(ids.filter((id, i) => ids.indexOf(id) !== i)),
];

/** Days between bills, the shortest that the calendar has. */
const INTERVAL_DAYS = { day: 1, week: 7, month: 28, quarter: 89, year: 365 } as const;

type Tell = (where: string, value: unknown, change: string) => void;

const stepFaults = (campaign: Campaign, owner: Policy['retries']['owner'], tell: Tell): void => {
  campaign.steps.forEach((step, i) => {
    const before = campaign.steps[i - 1];
    if (before && step.delayDays < before.delayDays) {
      tell(
        `steps.${i}.delayDays`,
        step.delayDays,
        `put the steps in order: the one before is on day ${before.delayDays}`,
      );
    }
    if (step.kind === 'email') {
      for (const { at, message } of textsOf(step)) {
        const change = whyNotInCampaign(messageOf(message));
        if (change !== null) tell(`steps.${i}.${at}`, message, change);
      }
    }
    if (step.kind === 'retry' && owner === 'provider') {
      const change = 'the provider owns the retries: remove the step or set retries.owner to "recoup"';
      tell(`steps.${i}.kind`, step.kind, change);
    }
    if (step.delayDays >= campaign.end.latestDay) {
      tell(
        `steps.${i}.delayDays`,
        step.delayDays,
        `the campaign ends on day ${campaign.end.latestDay}: move it before`,
      );
    }
  });
};

/** The messages that no step names: each goes by a rule of its own. */
const SENT_BY_RULE: ReadonlySet<Message> = new Set(['final-notice', 'recovered', 'cancelled']);

/** The messages that ask for nothing that has failed, each with the notice that it is for. */
const NOTICE_OF: Readonly<Partial<Record<Message, NoticeKind>>> = {
  'card-expiring': 'card_expiry',
  'card-expired': 'card_expiry',
  'renewal-notice': 'renewal_notice',
  'trial-ending': 'trial_ending',
  'invoice-due': 'invoice_due',
  'win-back': 'win_back',
};

const whyNotInCampaign = (message: Message): string | null => {
  if (SENT_BY_RULE.has(message)) return 'this message is sent by its own rule: use another message here';
  return NOTICE_OF[message] === undefined
    ? null
    : 'this message is no part of a campaign: use it in a notice, another one here';
};

/** What does not fit the kind of failure that a campaign is for. */
const kindFaults = ({ kind, steps, declines }: Campaign, tell: Tell): void => {
  const retries = steps.flatMap((step, i) => (step.kind === 'retry' ? [{ ...step, i }] : []));
  if (kind === 'invoice_overdue') {
    if (declines !== 'any') {
      tell('declines', declines, 'an overdue invoice was never declined: write "any"');
    }
    for (const { i } of retries) {
      tell(`steps.${i}.kind`, 'retry', 'the customer pays this invoice on their own: remove the step');
    }
    steps.forEach((step, i) => {
      if (step.kind !== 'email' || step.hoursBeforeTry === undefined) return;
      tell(
        `steps.${i}.hoursBeforeTry`,
        step.hoursBeforeTry,
        'nobody tries to charge this invoice: remove it',
      );
    });
  }
  if (kind !== 'bank_debit') return;
  for (const { i, id } of retries.slice(MAX_ATTEMPTS_OF_DEBIT - 1)) {
    const change = `a bank debit is tried ${MAX_ATTEMPTS_OF_DEBIT} times at most, the first try counts too: remove it`;
    tell(`steps.${i}`, id, change);
  }
  for (const { i, delayDays } of retries) {
    if (delayDays >= DEBIT_SPACING_DAYS) continue;
    const change = `an account fills no faster: put it on day ${DEBIT_SPACING_DAYS} or later`;
    tell(`steps.${i}.delayDays`, delayDays, change);
  }
};

/** Retries past what the networks allow, or of declines on which no retry can succeed. */
const retryFaults = ({ steps, declines }: Campaign, tell: Tell): void => {
  const retries = steps.flatMap((step, i) => (step.kind === 'retry' ? [{ ...step, i }] : []));
  const most = MAX_ATTEMPTS_PER_INVOICE - 1;
  const tooMany = retries[most];
  if (tooMany) {
    const change = `at most ${most} retries, as the first try counts too (${MAX_ATTEMPTS_PER_INVOICE} an invoice): remove it`;
    tell(`steps.${tooMany.i}`, tooMany.id, change);
  }
  retries.forEach((step, n) => {
    const before = retries[n - 1];
    if (before && step.delayDays - before.delayDays < 1) {
      const change = `the card networks allow one try a day: put it a day after ${before.id} at least`;
      tell(`steps.${step.i}.delayDays`, step.delayDays, change);
    }
  });
  const inVain = declines === 'any' ? [] : declines.filter((name) => !mayHeal(name));
  if (inVain.length > 0 && inVain.length === declines.length && retries[0]) {
    const change = `no retry succeeds on ${inVain.join(', ')} without the customer: remove it`;
    tell(`steps.${retries[0].i}.kind`, 'retry', change);
  }
};

/** What the schema alone cannot see: how the parts of one campaign fit together. */
const campaignFaults = (
  campaign: Campaign,
  field: string,
  owner: Policy['retries']['owner'],
): PolicyFault[] => {
  const faults: PolicyFault[] = [];
  const tell: Tell = (where, value, change) =>
    faults.push({ field: `${field}.${where}`, value: shown(value), change });
  const { steps, finalNotice, end } = campaign;

  for (const id of duplicates([...steps.map((step) => step.id), finalNotice.id])) {
    tell('steps', id, 'this id is used twice in the campaign: every step needs its own');
  }
  for (const id of RESERVED.filter((word) => [...steps, finalNotice].some((step) => step.id === word))) {
    tell('steps', id, 'this id is used by Recoup itself: choose another');
  }
  stepFaults(campaign, owner, tell);
  kindFaults(campaign, tell);
  retryFaults(campaign, tell);
  const last = steps.at(-1);
  if (last && finalNotice.delayDays <= last.delayDays) {
    tell(
      'finalNotice.delayDays',
      finalNotice.delayDays,
      `put it after the last step (day ${last.delayDays})`,
    );
  }
  if (finalNotice.delayDays >= end.latestDay) {
    tell('end.latestDay', end.latestDay, `put it after the final notice (day ${finalNotice.delayDays})`);
  }
  const over = finalNotice.delayDays + end.daysAfterNotice;
  const intervalDays = INTERVAL_DAYS[campaign.serves];
  // What the customer pays on their own has a due date of its own, often later than the next bill.
  if (over >= intervalDays && campaign.kind !== 'invoice_overdue') {
    const change = `it ends on day ${over}, after the next bill: shorten it, or say which longer interval it serves`;
    tell('serves', campaign.serves, change);
  }
  if (end.action !== 'leave' && end.daysAfterNotice < MIN_NOTICE_DAYS) {
    tell('end.daysAfterNotice', end.daysAfterNotice, `give the customer at least ${MIN_NOTICE_DAYS} days`);
  }
  const earliest = finalNotice.delayDays + end.daysAfterNotice;
  if (end.action !== 'leave' && earliest > end.latestDay) {
    tell('end.latestDay', end.latestDay, `the end could never come: its notice is over on day ${earliest}`);
  }
  return faults;
};

/** A step with one id is the same step in every campaign, so it is of one kind. */
const reusedFaults = (campaigns: readonly Campaign[]): PolicyFault[] => {
  const kinds = new Map<string, string>();
  return campaigns.flatMap(({ steps, finalNotice }, i) =>
    [...steps, { id: finalNotice.id, kind: 'final notice' }].flatMap((step, j) => {
      const known = kinds.get(step.id) ?? step.kind;
      kinds.set(step.id, known);
      if (known === step.kind) return [];
      const field = j < steps.length ? `campaigns.${i}.steps.${j}.id` : `campaigns.${i}.finalNotice.id`;
      const change = `another campaign uses this id for a step of kind ${known}: choose another`;
      return [{ field, value: shown(step.id), change }];
    }),
  );
};

/** How the campaigns fit together. */
const campaignsFaults = (campaigns: readonly Campaign[]): PolicyFault[] => {
  const faults: PolicyFault[] = reusedFaults(campaigns);
  for (const id of duplicates(campaigns.map((one) => one.id))) {
    faults.push({ field: 'campaigns', value: shown(id), change: 'two campaigns have this id: rename one' });
  }
  const covered = new Set(
    campaigns
      .filter((one) => one.when === undefined && one.kind === undefined)
      .flatMap((one) => (one.declines === 'any' ? DECLINE_CLASSES : one.declines)),
  );
  const open = DECLINE_CLASSES.filter((name) => !covered.has(name));
  if (open.length > 0) {
    const change =
      'no campaign without conditions takes these failures: add a last one with declines "any", no "when" and no "kind"';
    faults.push({ field: 'campaigns', value: shown(open), change });
  }
  const overdue = campaigns.filter(({ kind }) => kind === 'invoice_overdue');
  if (overdue.length > 0 && overdue.every(({ when }) => when !== undefined)) {
    const value = shown(overdue.map(({ id }) => id));
    const change =
      'an overdue invoice that meets no condition of these would be told that a payment failed: add a last one of this kind with no "when"';
    faults.push({ field: 'campaigns', value, change });
  }
  const [first, ...others] = campaigns;
  others.forEach(({ finalNotice }, i) => {
    if (finalNotice.id === first?.finalNotice.id) return;
    const change = `write "${first?.finalNotice.id}", as in the first campaign: a change of campaign must not send two`;
    faults.push({ field: `campaigns.${i + 1}.finalNotice.id`, value: shown(finalNotice.id), change });
  });
  const anyAt = campaigns.findIndex(
    (one) => one.declines === 'any' && one.when === undefined && one.kind === undefined,
  );
  if (anyAt >= 0 && campaigns.slice(anyAt + 1).some(({ kind }) => kind !== 'invoice_overdue')) {
    const change = 'campaigns after it are never reached: move it to the end';
    faults.push({ field: `campaigns.${anyAt}.declines`, value: '"any"', change });
  }
  return faults;
};

/** What is wrong with one notice. */
const noticeFaults = ({ kind, steps }: NoticeCampaign, field: string): PolicyFault[] => {
  const faults: PolicyFault[] = [];
  const tell: Tell = (where, value, change) =>
    faults.push({ field: `${field}.${where}`, value: shown(value), change });
  for (const id of duplicates(steps.map((step) => step.id))) {
    tell('steps', id, 'this id is used twice in the notice: every step needs its own');
  }
  steps.forEach((step, i) => {
    const { daysBefore } = step;
    const before = steps[i - 1];
    if (before && before.daysBefore <= daysBefore) {
      const change = `put the steps in order: the one before is ${before.daysBefore} days before`;
      tell(`steps.${i}.daysBefore`, daysBefore, change);
    }
    for (const { at, message } of textsOf(step)) {
      const base = messageOf(message);
      if (NOTICE_OF[base] !== kind) {
        const fitting = Object.keys(NOTICE_OF).filter((name) => NOTICE_OF[name as Message] === kind);
        tell(`steps.${i}.${at}`, message, `it does not fit ${kind}: use ${fitting.join(' or ')}`);
      } else if (GOES_AFTER.has(base) !== daysBefore < 0) {
        const change = GOES_AFTER.has(base)
          ? 'it goes after what it is about: write a number below 0, such as -30'
          : 'it goes before what it is about, or on its day: write 0 or more';
        tell(`steps.${i}.daysBefore`, daysBefore, change);
      }
    }
  });
  return faults;
};

/** About what is over: a card is valid on its last day, and nobody is won back who has not left. */
const GOES_AFTER: ReadonlySet<Message> = new Set(['card-expired', 'win-back']);

const withPostalAddress = v.looseObject({ postalAddress: v.string() });
const WINS_BACK = v.looseObject({
  notices: v.pipe(
    v.array(v.unknown()),
    v.check((all) => all.some((one) => v.is(v.looseObject({ kind: v.literal('win_back') }), one))),
  ),
});

/** What advertises needs a page to go to, and says by law who writes: 15 U.S.C. 7704 (a) (5). */
const winBackFaults = (input: unknown): PolicyFault[] => {
  if (!v.is(WINS_BACK, input)) return [];
  const faults: PolicyFault[] = [];
  if (!v.is(v.looseObject({ wayBackUrl: v.string() }), input)) {
    const change = 'a mail that wins back needs the page to come back to: add wayBackUrl: "https://…"';
    faults.push({ field: 'wayBackUrl', value: 'missing', change });
  }
  const isSaid =
    v.is(v.looseObject({ sender: withPostalAddress }), input) ||
    v.is(v.looseObject({ senders: v.looseObject({ win_back: withPostalAddress }) }), input);
  if (!isSaid) {
    const change = 'a mail that advertises has to name your postal address: add it to the sender';
    faults.push({ field: 'sender.postalAddress', value: 'missing', change });
  }
  return faults;
};

/** What is wrong with the notices, and with where the business is told. */
const noticesFaults = (input: unknown, campaigns: readonly Campaign[]): PolicyFault[] => {
  const rough = v.safeParse(v.looseObject({ notices: v.optional(v.array(v.unknown()), []) }), input);
  const known = rough.success ? rough.output.notices.map((one) => v.safeParse(noticeShape, one)) : [];
  const faults = known.flatMap((one, i) => (one.success ? noticeFaults(one.output, `notices.${i}`) : []));
  const ids = [...campaigns, ...known.flatMap((one) => (one.success ? [one.output] : []))].map(
    ({ id }) => id,
  );
  const ofCampaigns = new Set(duplicates(campaigns.map(({ id }) => id)));
  for (const id of duplicates(ids).filter((one) => !ofCampaigns.has(one))) {
    faults.push({ field: 'notices', value: shown(id), change: 'this id is used already: rename one' });
  }
  const hasOperator = v.is(v.looseObject({ operator: v.looseObject({ email: v.string() }) }), input);
  campaigns.forEach(({ steps }, i) =>
    steps.forEach((step, j) => {
      if (step.kind !== 'notify' || step.to !== 'email' || hasOperator) return;
      const change = 'nobody is named to be told: add operator: { email: "…" } to the policy';
      faults.push({ field: `campaigns.${i}.steps.${j}.to`, value: shown(step.to), change });
    }),
  );
  return faults;
};

const WITH_DIGEST = v.looseObject({ operator: v.looseObject({ digest: digestShape }) });

/** A digest that names nothing would be taken for one that comes. */
const digestFaults = (input: unknown): PolicyFault[] => {
  const told = v.safeParse(WITH_DIGEST, input);
  if (!told.success || Object.values(told.output.operator.digest).some(Boolean)) return [];
  const { digest } = (input as { operator: { digest: unknown } }).operator;
  const change = 'nothing of it is on: write weekly, monthly or alerts: true, or remove it';
  return [{ field: 'operator.digest', value: shown(digest), change }];
};

/** What the window and the catching up of a policy make no sense with. */
const timeFaults = (input: unknown): PolicyFault[] => {
  const window = v.safeParse(v.looseObject({ sendWindow: sendWindowShape }), input);
  const catchUp = v.safeParse(v.looseObject({ catchUp: catchUpShape }), input);
  const faults: PolicyFault[] = [];
  if (window.success) {
    const value = shown(window.output.sendWindow);
    const tell = (change: string) => ({ field: 'sendWindow', value, change });
    faults.push(...windowFaults(window.output.sendWindow).map(tell));
  }
  if (catchUp.success) {
    const { oneMailAfterDays: one, noMailAfterDays: none } = catchUp.output.catchUp;
    const change = `put it at ${one} or later: oneMailAfterDays comes first`;
    if (none < one) faults.push({ field: 'catchUp.noMailAfterDays', value: shown(none), change });
  }
  return faults;
};

/** What the schema cannot see, of every campaign whose own shape is right, so that all faults are told at once. */
export const crossFaults = (input: unknown): PolicyFault[] => {
  const rough = v.safeParse(v.looseObject({ campaigns: v.array(v.unknown()), retries: v.unknown() }), input);
  const times = [...timeFaults(input), ...digestFaults(input)];
  if (!rough.success) return times;
  const owner = v.is(retriesShape, rough.output.retries) ? rough.output.retries.owner : 'recoup';
  const parsed = rough.output.campaigns.map((one) => v.safeParse(campaignShape, one));
  const own = parsed.flatMap((one, i) =>
    one.success ? campaignFaults(one.output, `campaigns.${i}`, owner) : [],
  );
  const campaigns = parsed.flatMap((one) => (one.success ? [one.output] : []));
  const notices = [...noticesFaults(input, campaigns), ...winBackFaults(input)];
  return campaigns.length === parsed.length && parsed.length > 0
    ? [...times, ...own, ...campaignsFaults(campaigns), ...notices]
    : [...times, ...own, ...notices];
};
