// What an operator may write in a policy, field by field, each with what to change when it is wrong.
import * as v from 'valibot';
import { LANGUAGES, MESSAGES, type MailText } from '../ports.ts';
import { isTimeZone } from '../time.ts';
import { FAILURE_KINDS, NOTICE_KINDS } from './customer.ts';
import { DECLINE_CLASSES } from './decline.ts';

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

const TEXT_NAME = /^([a-z-]+)(\.[a-z0-9][a-z0-9-]{0,29})?$/;

const isMailText = (value: unknown): value is MailText =>
  typeof value === 'string' && MESSAGES.some((message) => TEXT_NAME.exec(value)?.[1] === message);

/** A message, or one of its other texts: `reminder.short` stands in `emails/reminder.short.liquid`. */
const mailText = v.custom<MailText>(
  isMailText,
  `use one of ${MESSAGES.join(', ')}, or another text of one, such as "reminder.short"`,
);

/** Other texts that are sent instead, to compare them. The step's own message has weight 1; a case always gets the same. */
const variants = v.optional(
  v.pipe(
    v.array(
      exact({
        message: mailText,
        weight: v.pipe(
          v.number('write the weight as a number'),
          v.gtValue(0, 'a weight is above 0'),
          v.maxValue(100, 'a weight is at most 100'),
        ),
      }),
      'write variants as a list of messages with weights',
    ),
    v.minLength(1, 'name at least one variant, or leave the field out'),
    v.maxLength(5, 'at most 5 variants: of more none gets enough readers to tell'),
  ),
);

const emailStep = exact({
  id: stepId,
  kind: v.literal('email'),
  message: mailText,
  variants,
  delayDays: days('the delay'),
  /** Then not on that day itself, but so many hours before the next try that will really come. */
  hoursBeforeTry: v.optional(
    v.pipe(
      v.number('write the hours as a number'),
      v.minValue(1, 'at least one hour before the try'),
      v.maxValue(240, 'at most 240 hours before the try'),
    ),
  ),
});

const retryStep = exact({ id: stepId, kind: v.literal('retry'), delayDays: days('the delay') });

/** Tells the business itself: `policy.operator` says where to. */
const notifyStep = exact({
  id: stepId,
  kind: v.literal('notify'),
  delayDays: days('the delay'),
  to: v.picklist(['email', 'webhook'], 'write "email" or "webhook"'),
  /** What a colleague is to do, in a sentence. */
  note: v.optional(line('the note', 300)),
});

const END_ACTIONS = ['leave', 'cancel', 'cancel_at_period_end', 'pause', 'mark_uncollectible'] as const;

/** A list of at least one. */
const words = <S extends v.GenericSchema>(what: string, one: S) =>
  v.pipe(v.array(one, `write ${what} as a list`), v.minLength(1, `name at least one of ${what}`));

const id = (what: string) =>
  v.pipe(v.string(`write ${what} as text`), v.nonEmpty(`${what} cannot be empty`), v.maxLength(100));

const from0 = (what: string) =>
  v.pipe(
    v.number(`write ${what} as a number`),
    v.safeInteger(`write ${what} as a whole number`),
    v.minValue(0),
  );

const INTERVALS = ['day', 'week', 'month', 'quarter', 'year'] as const;

/** What a campaign may ask of a failure besides its decline. All that is named must be so. */
const conditionShape = exact({
  amount: v.optional(
    exact({
      currency: v.pipe(
        v.string('write the currency as three capital letters'),
        v.regex(/^[A-Z]{3}$/, 'write the currency as three capital letters'),
      ),
      minMinor: v.optional(from0('the least amount in minor units')),
      maxMinor: v.optional(from0('the greatest amount in minor units')),
    }),
  ),
  plans: v.optional(words('the plans', id('a plan'))),
  products: v.optional(words('the products', id('a product'))),
  countries: v.optional(
    words(
      'the countries',
      v.pipe(
        v.string('write a country as two capital letters'),
        v.regex(/^[A-Z]{2}$/, 'write a country as two capital letters'),
      ),
    ),
  ),
  languages: v.optional(
    words(
      'the languages',
      v.pipe(
        v.string('write a language as in "de" or "pt-BR"'),
        v.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'write a language as in "de" or "pt-BR"'),
      ),
    ),
  ),
  intervals: v.optional(
    words('the billing intervals', v.picklist(INTERVALS, `use some of ${INTERVALS.join(', ')}`)),
  ),
  collectionMethods: v.optional(
    words(
      'the collection methods',
      v.picklist(['charge_automatically', 'send_invoice'], 'use "charge_automatically" or "send_invoice"'),
    ),
  ),
  metadata: v.optional(
    v.pipe(
      // A record leaves these keys out without a word, and a condition less takes more failures.
      v.custom<Record<string, string[]>>(
        (value) =>
          !['__proto__', 'constructor', 'prototype'].some((key) => Object.hasOwn(Object(value), key)),
        'this key cannot be asked for',
      ),
      v.record(
        v.string(),
        words('the values', id('a value')),
        'write an object of keys, each with a list of values',
      ),
    ),
  ),
  tenureDays: v.optional(
    exact({ min: v.optional(from0('the least tenure')), max: v.optional(from0('the greatest tenure')) }),
  ),
});

/** One campaign. */
export const campaignShape = exact({
  id: stepId,
  /** Not named, it takes every kind but `invoice_overdue`: what the customer pays on their own needs other words. */
  kind: v.optional(v.picklist(FAILURE_KINDS, `use one of ${FAILURE_KINDS.join(', ')}`)),
  /** The shortest billing interval it is meant for: it has to be over before the next bill. */
  serves: v.optional(v.picklist(INTERVALS, `use one of ${INTERVALS.join(', ')}`), 'month'),
  when: v.optional(conditionShape),
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
      v.variant(
        'kind',
        [emailStep, retryStep, notifyStep],
        'use kind "email" (with message and delayDays), "retry" or "notify" (with to)',
      ),
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

/** Nothing is written longer before it comes. */
export const MOST_DAYS_BEFORE = 60;

/** The days before something comes; below 0 after it. */
const daysBefore = v.pipe(
  v.number('write daysBefore as a whole number of days'),
  v.integer('write daysBefore as a whole number of days'),
  v.minValue(-90, 'at most 90 days after it came'),
  v.maxValue(MOST_DAYS_BEFORE, `at most ${MOST_DAYS_BEFORE} days before it comes`),
);

/**
 * What is written before something comes, or, to win somebody back, after a plan was lost: there is nothing to collect, so no
 * try, no final notice and no end.
 */
export const noticeShape = exact({
  id: stepId,
  kind: v.picklist(NOTICE_KINDS, `use one of ${NOTICE_KINDS.join(', ')}`),
  when: v.optional(conditionShape),
  steps: v.pipe(
    v.array(exact({ id: stepId, message: mailText, variants, daysBefore }), 'write a list of steps'),
    v.minLength(1, 'a notice needs at least one step'),
    v.maxLength(10, 'a notice can have at most 10 steps'),
  ),
});

const clockTime = (what: string) =>
  v.pipe(
    v.string(`write ${what} as in "08:30"`),
    v.regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, `write ${what} as in "08:30"`),
  );

/** When mails may go, in the customer's own time. */
export const sendWindowShape = exact({
  from: clockTime('the beginning'),
  to: clockTime('the end'),
  /** ISO weekdays: 1 = Monday, 7 = Sunday. */
  weekdays: v.optional(
    v.pipe(
      v.array(v.picklist([1, 2, 3, 4, 5, 6, 7], 'write weekdays as 1 (Monday) to 7 (Sunday)')),
      v.minLength(1, 'name at least one weekday'),
    ),
    [1, 2, 3, 4, 5, 6, 7],
  ),
  /** `YYYY-MM-DD`, or `MM-DD` for every year. */
  quietDates: v.optional(v.array(v.string('write a date as in "2026-12-24" or "12-24"')), []),
});

const holdoutShape = exact({
  /** Names the comparison: another name draws lots anew. */
  experiment: stepId,
  /** The share of customers who get no reminders, so that it can be seen what the mails bring. */
  share: v.pipe(
    v.number('write the share as a number such as 0.1'),
    v.minValue(0, 'the share cannot be negative'),
    v.maxValue(0.5, 'at most half of all can be held out'),
  ),
});

/** What is found long after it failed, after a first deploy or an outage. */
export const catchUpShape = exact({
  /** Found so many days late, a failure gets one mail at most. */
  oneMailAfterDays: days('the delay'),
  /** Found so many days late, it gets none. */
  noMailAfterDays: days('the delay'),
});

/** Who tries again. */
export const retriesShape = exact({
  owner: v.picklist(['provider', 'recoup'], 'write "provider" or "recoup"'),
  /** The hour of the customer's day at which retries of ours run. */
  hour: v.optional(
    v.pipe(
      v.number('write the hour as a whole number from 0 to 23'),
      v.integer('write the hour as a whole number from 0 to 23'),
      v.minValue(0, 'write the hour as a whole number from 0 to 23'),
      v.maxValue(23, 'write the hour as a whole number from 0 to 23'),
    ),
    9,
  ),
  /** Of tries of ours: after insufficient funds they wait for a payday, where that is not long. */
  paydays: v.optional(v.boolean('write true or false'), true),
  /** Of tries of ours: before giving up, the customer's other payment methods are charged, each once. */
  backupMethods: v.optional(v.boolean('write true or false'), false),
});

const senderEntries = {
  name: line('the sender name', 60),
  email: address('the sender address'),
  replyTo: address('the reply address'),
  supportEmail: address('the support address'),
  /** Gets a copy of every mail that the reader does not see: your finance team, say. */
  bcc: v.optional(address('the address for copies')),
  /** Stands at the foot of every mail, where it is given. Mails that win back need it. */
  postalAddress: v.optional(line('the postal address', 200)),
};

const onOrOff = (what: string) => v.optional(v.boolean(`write ${what} as true or false`), false);

/** What finance is mailed without asking: a digest of each week and month, and alerts of figures that leave their band. */
export const digestShape = exact({
  weekly: onOrOff('the weekly digest'),
  monthly: onOrOff('the monthly digest'),
  alerts: onOrOff('the alerts'),
});

/** What is not named is as in `sender`. */
const otherSender = v.optional(v.partial(exact(senderEntries)));

/** A whole policy. */
export const policyShape = exact({
  sender: exact(senderEntries),
  /** Another sender for mails about what lies ahead, and for mails that win back: their name suffers alone for them. */
  senders: v.optional(exact({ notices: otherSender, win_back: otherSender }), {}),
  /** Where somebody whose plan was lost takes it up again. */
  wayBackUrl: v.optional(
    v.pipe(
      v.string('write the way back as an address that begins with https://'),
      v.regex(
        /^https:\/\/[^\s\p{Cc}"'<>\\]{1,500}$/u,
        'write the way back as an address that begins with https://',
      ),
      v.check((text) => URL.canParse(text), 'this is no address of a page'),
    ),
  ),
  /** Where `notify` steps tell the business itself. The address of a webhook is a secret: see docs/deploy.md. */
  operator: v.optional(
    exact({
      email: address('the address of the operator'),
      /** Which mails about the figures go to the same address; none unless given. */
      digest: v.optional(digestShape),
    }),
  ),
  /** For customers whose own language no mail is written in. */
  language: v.optional(v.picklist(LANGUAGES, `use one of ${LANGUAGES.join(', ')}`), 'en'),
  timeZone: v.pipe(
    v.string('write an IANA time zone such as Europe/Berlin'),
    v.check(isTimeZone, 'write an IANA time zone such as Europe/Berlin'),
  ),
  retries: retriesShape,
  /** null = at any hour. */
  sendWindow: v.optional(v.nullable(sendWindowShape), null),
  /** Mails that ask for money in one case, at most; final notices come on top. */
  mailsPerCase: v.optional(
    v.pipe(
      from0('the most mails a case'),
      v.minValue(1, 'at least one mail'),
      v.maxValue(50, 'at most 50 mails'),
    ),
    12,
  ),
  /** Hours in which a soft decline is not mailed about while the provider's next try is still to come; at most 72. */
  silentHours: v.optional(
    v.pipe(
      v.number('write the hours as a number'),
      v.minValue(0, 'the hours cannot be negative'),
      v.maxValue(72, 'at most 72 hours'),
    ),
    0,
  ),
  holdout: v.optional(holdoutShape, { experiment: 'mails', share: 0 }),
  catchUp: v.optional(catchUpShape, { oneMailAfterDays: 4, noMailAfterDays: 30 }),
  firstPayments: v.picklist(['ignore', 'recover'], 'write "ignore" or "recover"'),
  whenCustomerLeaves: v.picklist(['stop', 'keep_asking'], 'write "stop" or "keep_asking"'),
  campaigns: v.pipe(
    v.array(campaignShape, 'write a list of campaigns'),
    v.minLength(1, 'a policy needs at least one campaign'),
  ),
  /** The first that takes what lies ahead is followed; without one nothing is written about it. */
  notices: v.optional(v.array(noticeShape, 'write a list of notices'), []),
});

/** What an operator writes. */
export type PolicyInput = v.InferInput<typeof policyShape>;
/** A policy that has passed every check of `definePolicy`. */
export type Policy = v.InferOutput<typeof policyShape>;
export type Campaign = Policy['campaigns'][number];
export type NoticeCampaign = Policy['notices'][number];
/** Which mails about the figures go out. */
export type DigestPolicy = NonNullable<NonNullable<Policy['operator']>['digest']>;
/** What a campaign asks of a failure besides its decline. */
export type Condition = NonNullable<Campaign['when']>;
