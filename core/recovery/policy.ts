// The recovery policy: what an operator may say, checked as a whole, every fault told at once.
import * as v from 'valibot';
import { MESSAGES } from '../ports.ts';
import { isTimeZone } from '../time.ts';
import { DECLINE_CLASSES } from './decline.ts';

/** One thing wrong with a policy: which field, what it holds, what to change. */
export type PolicyFault = { readonly field: string; readonly value: string; readonly change: string };

/** Thrown for a policy that makes no sense; carries every fault. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly faults: readonly PolicyFault[];

  constructor(faults: readonly PolicyFault[]) {
    const lines = faults.map(({ field, value, change }) => `  ${field} = ${value}: ${change}`);
    super(`the policy has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

const LONGEST_DAYS = 120;

/** An object of these fields and no others. */
const exact = <E extends v.ObjectEntries>(entries: E) =>
  v.strictObject(entries, `write an object with the fields ${Object.keys(entries).join(', ')}`);

const days = (what: string) =>
  v.pipe(
    v.number(`write ${what} as a number of days`),
    v.finite(`write ${what} as a number of days`),
    v.minValue(0, `${what} cannot be negative`),
    v.maxValue(LONGEST_DAYS, `${what} can be at most ${LONGEST_DAYS} days`),
  );

const line = (what: string, longest: number) =>
  v.pipe(
    v.string(`write ${what} as text`),
    v.trim(),
    v.nonEmpty(`${what} cannot be empty`),
    v.maxLength(longest, `${what} can be at most ${longest} characters`),
    v.regex(/^[^\p{Cc}]*$/u, `${what} cannot hold line breaks or control characters`),
  );

const address = (what: string) =>
  v.pipe(v.string(`write ${what} as an e-mail address`), v.email(`${what} is not an e-mail address`));

const stepId = v.pipe(
  v.string('give every step an id'),
  v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and hyphens, at most 40'),
);

const mailMessage = v.picklist(MESSAGES, `use one of ${MESSAGES.join(', ')}`);

const emailStep = exact({
  id: stepId,
  kind: v.literal('email'),
  message: mailMessage,
  delayDays: days('the delay'),
});

const retryStep = exact({ id: stepId, kind: v.literal('retry'), delayDays: days('the delay') });

const END_ACTIONS = ['leave', 'cancel', 'cancel_at_period_end', 'pause', 'mark_uncollectible'] as const;

const campaignShape = exact({
  id: stepId,
  /** Which failures it is for; the first campaign that matches is taken. */
  declines: v.union(
    [
      v.literal('any'),
      v.pipe(
        v.array(v.picklist(DECLINE_CLASSES, `use some of ${DECLINE_CLASSES.join(', ')}`)),
        v.minLength(1, 'name at least one class, or write "any"'),
      ),
    ],
    `write "any" or a list of ${DECLINE_CLASSES.join(', ')}`,
  ),
  steps: v.pipe(
    v.array(
      v.variant('kind', [emailStep, retryStep], 'use kind "email" (with message and delayDays) or "retry"'),
      'write a list of steps',
    ),
    v.minLength(1, 'a campaign needs at least one step'),
    v.maxLength(30, 'a campaign can have at most 30 steps'),
  ),
  finalNotice: exact({
    id: stepId,
    /** Days from the failure, once every step before it is behind us and no further try will come. */
    delayDays: days('the delay of the final notice'),
    /** Sent at once when the provider's last try has failed, in place of the reminders that are left. */
    atLastAttempt: v.boolean('write true or false'),
  }),
  end: exact({
    action: v.picklist(END_ACTIONS, `use one of ${END_ACTIONS.join(', ')}`),
    daysAfterNotice: days('the time between final notice and end'),
    latestDay: days('the latest day of the end'),
  }),
});

const retriesShape = exact({
  owner: v.picklist(['provider', 'recoup'], 'write "provider" or "recoup"'),
});

const schema = exact({
  sender: exact({
    name: line('the sender name', 60),
    email: address('the sender address'),
    replyTo: address('the reply address'),
    supportEmail: address('the support address'),
  }),
  timeZone: v.pipe(
    v.string('write an IANA time zone such as Europe/Berlin'),
    v.check(isTimeZone, 'write an IANA time zone such as Europe/Berlin'),
  ),
  retries: retriesShape,
  firstPayments: v.picklist(['ignore', 'recover'], 'write "ignore" or "recover"'),
  whenCustomerLeaves: v.picklist(['stop', 'keep_asking'], 'write "stop" or "keep_asking"'),
  campaigns: v.pipe(
    v.array(campaignShape, 'write a list of campaigns'),
    v.minLength(1, 'a policy needs at least one campaign'),
  ),
});

/** What an operator writes. */
export type PolicyInput = v.InferInput<typeof schema>;
/** A policy that has passed every check of {@link definePolicy}. */
export type Policy = v.InferOutput<typeof schema>;
export type Campaign = Policy['campaigns'][number];

/** At least this many days between the final notice and an end that touches the subscription. */
export const MIN_NOTICE_DAYS = 3;

/** Step ids that Recoup gives itself. */
const RESERVED = ['end', 'recovered'];

const shown = (value: unknown): string => {
  if (typeof value === 'number') return String(value);
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80);
  } catch {
    return 'not a value that JSON can hold';
  }
};

/** The issue of a field that nobody knows. */
const isUnknownField = (issue: v.BaseIssue<unknown>): boolean =>
  issue.type === 'strict_object' && issue.expected === 'never';

const faultOf = (issue: v.BaseIssue<unknown>): PolicyFault => {
  const field = v.getDotPath(issue) || '(the policy)';
  if (isUnknownField(issue)) {
    const value = shown(issue.path?.at(-1)?.value);
    return { field, value, change: 'unknown field: remove it or correct its name' };
  }
  const missing = issue.input === undefined;
  const change = issue.type === 'strict_object' && missing ? 'this field is missing: add it' : issue.message;
  return { field, value: missing ? 'missing' : shown(issue.input), change };
};

/** The same value without what stands at a path; something with fields is all it has to be. */
const without = (value: unknown, [key, ...rest]: readonly unknown[]): unknown => {
  const isHere = (name: string | number) => String(name) === String(key);
  if (rest.length === 0) {
    return Object.fromEntries(Object.entries(value as object).filter(([name]) => !isHere(name)));
  }
  if (Array.isArray(value)) return value.map((one, i) => (isHere(i) ? without(one, rest) : one));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, one]) => [name, isHere(name) ? without(one, rest) : one]),
  );
};

const duplicates = (ids: readonly string[]): string[] => [
  ...new Set(ids.filter((id, i) => ids.indexOf(id) !== i)),
];

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
  if (end.action !== 'leave' && end.daysAfterNotice < MIN_NOTICE_DAYS) {
    tell('end.daysAfterNotice', end.daysAfterNotice, `give the customer at least ${MIN_NOTICE_DAYS} days`);
  }
  const earliest = finalNotice.delayDays + end.daysAfterNotice;
  if (end.action !== 'leave' && earliest > end.latestDay) {
    tell('end.latestDay', end.latestDay, `the end could never come: its notice is over on day ${earliest}`);
  }
  return faults;
};

/** How the campaigns fit together. */
const campaignsFaults = (campaigns: readonly Campaign[]): PolicyFault[] => {
  const faults: PolicyFault[] = [];
  for (const id of duplicates(campaigns.map((one) => one.id))) {
    faults.push({ field: 'campaigns', value: shown(id), change: 'two campaigns have this id: rename one' });
  }
  const covered = new Set(
    campaigns.flatMap((one) => (one.declines === 'any' ? DECLINE_CLASSES : one.declines)),
  );
  const open = DECLINE_CLASSES.filter((name) => !covered.has(name));
  if (open.length > 0) {
    const change = 'no campaign takes these failures: add a last campaign with declines "any"';
    faults.push({ field: 'campaigns', value: shown(open), change });
  }
  const [first, ...others] = campaigns;
  others.forEach(({ finalNotice }, i) => {
    if (finalNotice.id === first?.finalNotice.id) return;
    const change = `write "${first?.finalNotice.id}", as in the first campaign: a change of campaign must not send two`;
    faults.push({ field: `campaigns.${i + 1}.finalNotice.id`, value: shown(finalNotice.id), change });
  });
  const anyAt = campaigns.findIndex((one) => one.declines === 'any');
  if (anyAt >= 0 && anyAt < campaigns.length - 1) {
    const change = 'the campaigns after it are never reached: move it to the end';
    faults.push({ field: `campaigns.${anyAt}.declines`, value: '"any"', change });
  }
  return faults;
};

/** What the schema cannot see, of every campaign whose own shape is right, so that all faults are told at once. */
const crossFaults = (input: unknown): PolicyFault[] => {
  const rough = v.safeParse(v.looseObject({ campaigns: v.array(v.unknown()), retries: v.unknown() }), input);
  if (!rough.success) return [];
  const owner = v.is(retriesShape, rough.output.retries) ? rough.output.retries.owner : 'recoup';
  const parsed = rough.output.campaigns.map((one) => v.safeParse(campaignShape, one));
  const own = parsed.flatMap((one, i) =>
    one.success ? campaignFaults(one.output, `campaigns.${i}`, owner) : [],
  );
  const campaigns = parsed.flatMap((one) => (one.success ? [one.output] : []));
  return campaigns.length === parsed.length && parsed.length > 0
    ? [...own, ...campaignsFaults(campaigns)]
    : own;
};

/** Checks a policy. Throws {@link PolicyError} with every fault: field, value, what to change. */
export const definePolicy = (input: unknown): Policy => {
  const faults: PolicyFault[] = [];
  let known = input;
  let parsed = v.safeParse(schema, known);
  // Of several unknown fields in one object valibot names only the first: take it out and look again.
  for (let strange = parsed.issues?.filter(isUnknownField); strange?.length;) {
    faults.push(...strange.map(faultOf));
    known = strange.reduce((all, { path }) => without(all, path?.map((item) => item.key) ?? []), known);
    parsed = v.safeParse(schema, known);
    strange = parsed.issues?.filter(isUnknownField);
  }
  faults.push(...(parsed.issues ?? []).map(faultOf), ...crossFaults(known));
  if (!parsed.success || faults.length > 0) throw new PolicyError(faults);
  return parsed.output;
};

/** The first campaign that takes a class of failure. `definePolicy` has made sure that there is one. */
export const campaignFor = (
  policy: Policy,
  declineClass: (typeof DECLINE_CLASSES)[number],
): Campaign | null =>
  policy.campaigns.find((one) => one.declines === 'any' || one.declines.includes(declineClass)) ?? null;
