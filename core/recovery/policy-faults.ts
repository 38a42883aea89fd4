// What no field of a policy shows by itself: how its parts fit together.
import * as v from 'valibot';
import { DECLINE_CLASSES, mayHeal } from './decline.ts';
import { MAX_ATTEMPTS_PER_INVOICE } from './network-rules.ts';
import {
  campaignShape,
  catchUpShape,
  retriesShape,
  sendWindowShape,
  type Campaign,
  type Policy,
} from './policy-shape.ts';
import { windowFaults } from './send-window.ts';

/** One thing wrong with a policy: which field, what it holds, what to change. */
export type PolicyFault = { readonly field: string; readonly value: string; readonly change: string };

/** At least this many days between the final notice and an end that touches the subscription. */
export const MIN_NOTICE_DAYS = 3;

/** Step ids that Recoup gives itself. */
const RESERVED = ['end', 'recovered'];

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
    if (step.kind === 'retry' && owner === 'provider') {
      const change = 'the provider owns the retries: remove the step or set retries.owner to "recoup"';
      tell(`steps.${i}.kind`, step.kind, change);
    }
    if (step.kind === 'email' && (step.message === 'final-notice' || step.message === 'recovered')) {
      tell(
        `steps.${i}.message`,
        step.message,
        'this message is sent by its own rule: use another message here',
      );
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
  if (over >= intervalDays) {
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
      .filter((one) => one.when === undefined)
      .flatMap((one) => (one.declines === 'any' ? DECLINE_CLASSES : one.declines)),
  );
  const open = DECLINE_CLASSES.filter((name) => !covered.has(name));
  if (open.length > 0) {
    const change =
      'no campaign without conditions takes these failures: add a last campaign with declines "any" and no "when"';
    faults.push({ field: 'campaigns', value: shown(open), change });
  }
  const [first, ...others] = campaigns;
  others.forEach(({ finalNotice }, i) => {
    if (finalNotice.id === first?.finalNotice.id) return;
    const change = `write "${first?.finalNotice.id}", as in the first campaign: a change of campaign must not send two`;
    faults.push({ field: `campaigns.${i + 1}.finalNotice.id`, value: shown(finalNotice.id), change });
  });
  const anyAt = campaigns.findIndex((one) => one.declines === 'any' && one.when === undefined);
  if (anyAt >= 0 && anyAt < campaigns.length - 1) {
    const change = 'the campaigns after it are never reached: move it to the end';
    faults.push({ field: `campaigns.${anyAt}.declines`, value: '"any"', change });
  }
  return faults;
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
  const times = timeFaults(input);
  if (!rough.success) return times;
  const owner = v.is(retriesShape, rough.output.retries) ? rough.output.retries.owner : 'recoup';
  const parsed = rough.output.campaigns.map((one) => v.safeParse(campaignShape, one));
  const own = parsed.flatMap((one, i) =>
    one.success ? campaignFaults(one.output, `campaigns.${i}`, owner) : [],
  );
  const campaigns = parsed.flatMap((one) => (one.success ? [one.output] : []));
  return campaigns.length === parsed.length && parsed.length > 0
    ? [...times, ...own, ...campaignsFaults(campaigns)]
    : [...times, ...own];
};
