// The shapes of the finance API: what is asked and what is answered. Its OpenAPI document is made of them.
import * as v from 'valibot';
import {
  ADJUSTMENT_KINDS,
  ANSWER_KINDS,
  CAUSES,
  FAILURE_KINDS,
  NOTICE_KINDS,
} from '../../core/recovery/customer.ts';
import { DECLINE_CLASSES } from '../../core/recovery/decline.ts';
import { DELIVERY_EVENTS } from '../../core/recovery/fact.ts';
import { REQUEST_KINDS } from '../../core/reports/cost.ts';
import { AGE_BANDS } from '../../core/reports/at-risk.ts';
import { DIMENSIONS } from '../../core/reports/tally.ts';
import { TOTAL_NAMES } from '../../core/reports/totals.ts';
import { PROBLEM_CODES, rule, RULE_CODES } from './codes.ts';

/** The most cases of a page, and how many are given unless told. */
export const MAX_PAGE = 100;
const PAGE = 25;
/** The longest note: as on the command line. */
export const MAX_NOTE = 500;

const WHOLE = v.pipe(v.number(), v.integer());
const SHARE = v.number();
const INSTANT = v.pipe(v.string(), v.isoTimestamp());
const NAME = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
/** The bands of what is at risk, by name. */
export const AGES = AGE_BANDS.map(({ name }) => name);
const OUTCOMES = ['open', 'recovered', 'withdrawn', 'lost'] as const;

// What is asked. An input of a query is text; what it becomes is told by the schema after its transformation.

const ID = v.pipe(v.string(), v.regex(/^[!-.0-~]{1,128}$/, rule('id')));
const DAY_OR_MONTH = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}(-\d{2})?$/, rule('day_or_month')));

const wholeFrom = (least: number, most: number) => {
  const how = rule('whole_number', least, most);
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/, how),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(least, how),
    v.maxValue(most, how),
  );
};

const CURRENCY = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z]{3}$/, rule('currency')),
  v.transform((code) => code.toUpperCase()),
  v.string(),
  v.regex(/^[A-Z]{3}$/),
);

const FILTERS = {
  currency: v.pipe(v.optional(CURRENCY), v.description('Only this currency.')),
  campaign: v.pipe(v.optional(NAME), v.description('Only failures of this campaign.')),
  kind: v.pipe(v.optional(v.picklist(FAILURE_KINDS)), v.description('Only failures of this kind.')),
  decline: v.pipe(
    v.optional(v.picklist(DECLINE_CLASSES)),
    v.description('Only failures of this class of decline.'),
  ),
  reason: v.pipe(v.optional(NAME), v.description('Only failures with this code behind the class.')),
  brand: v.pipe(v.optional(NAME), v.description('Only failures of this card brand.')),
  plan: v.pipe(v.optional(NAME), v.description('Only failures of this plan (the first of several).')),
  country: v.pipe(v.optional(NAME), v.description('Only customers of this country.')),
  step: v.pipe(v.optional(NAME), v.description('Only failures of which this was the last mail.')),
} satisfies Record<(typeof DIMENSIONS)[number] | 'currency', unknown>;

const PERIOD = {
  from: v.pipe(v.optional(DAY_OR_MONTH), v.description('The first day or month, UTC. Default: this month.')),
  to: v.pipe(v.optional(DAY_OR_MONTH), v.description('The last day or month, included. Default: as `from`.')),
};

const BY = v.pipe(
  v.optional(v.picklist(DIMENSIONS), 'decline'),
  v.description('What failures are told apart by.'),
);

/** What a report is asked for. */
export const REPORT_QUERY = v.strictObject({
  ...PERIOD,
  by: BY,
  months: v.pipe(
    v.optional(wholeFrom(1, 120), '12'),
    v.description('How many months a plan that was kept is assumed to go on.'),
  ),
  ...FILTERS,
});

/** What a file with the invoices under a report is asked for. */
export const ROWS_QUERY = v.strictObject({ ...PERIOD, ...FILTERS });

const MONTH = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/, rule('month')));

/** What months of failure beside each other are asked for. */
export const COHORTS_QUERY = v.strictObject({
  from: v.pipe(v.optional(MONTH), v.description('The first month, UTC. Default: as `to`, or this month.')),
  to: v.pipe(v.optional(MONTH), v.description('The last month, included. Default: as `from`.')),
  ...FILTERS,
});

/** The most invoices of a page: each page reads what the report reads. */
const MAX_INVOICES = 500;

/** What a list of the invoices under a total is asked for. */
export const INVOICES_QUERY = v.strictObject({
  total: v.pipe(v.picklist(TOTAL_NAMES), v.description('Which total of the report.')),
  value: v.pipe(
    v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(500))),
    v.description(
      'Which of several of that name: a cause, a mail, a reason, an answer, a group, an age, a month (default: all of the period).',
    ),
  ),
  by: BY,
  ...PERIOD,
  ...FILTERS,
  limit: v.pipe(
    v.optional(wholeFrom(1, MAX_INVOICES), String(PAGE)),
    v.description('At most so many invoices.'),
  ),
  after: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,1200}$/, rule('place')))),
    v.description('Goes on after a page: its `next`.'),
  ),
});

/** What a list of cases is asked for. */
export const CASES_QUERY = v.strictObject({
  customer: v.pipe(
    v.optional(
      v.pipe(v.string(), v.regex(/^([a-z][a-z0-9-]{0,31}\/)?[!-.0-~]{1,128}$/, rule('customer_id'))),
    ),
    v.description('Exactly this customer: its id, with its connection where there are several.'),
  ),
  invoice: v.pipe(v.optional(ID), v.description('Exactly this invoice, by the provider’s id of it.')),
  from: v.pipe(
    v.optional(DAY_OR_MONTH),
    v.description(
      'Cases opened from this day or month on, UTC. Default: this month; for a customer all there are, for an invoice 400 days.',
    ),
  ),
  to: v.pipe(
    v.optional(DAY_OR_MONTH),
    v.description('The last day or month, included. Default: as `from`, or now.'),
  ),
  outcome: v.pipe(
    v.optional(v.picklist(OUTCOMES)),
    v.description('What the case came to, late payments counted in.'),
  ),
  ...FILTERS,
  limit: v.pipe(v.optional(wholeFrom(1, MAX_PAGE), String(PAGE)), v.description('At most so many cases.')),
  after: v.pipe(
    v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,600}$/, rule('place')))),
    v.description('Goes on after a page: its `next`.'),
  ),
});

export const NO_QUERY = v.strictObject({});

/** Which older page of a journal. */
export const JOURNAL_QUERY = v.strictObject({
  page: v.pipe(
    v.optional(wholeFrom(1, 9999), '1'),
    v.description('1 = the lines just before those that the case shows.'),
  ),
});

/** The parts of a path. */
export const PATH_PARTS = {
  connection: v.pipe(
    v.string(),
    v.regex(/^[a-z][a-z0-9-]{0,31}$/),
    v.description('A connection, such as stripe.'),
  ),
  customer: v.pipe(ID, v.description('The provider’s id of the customer.')),
  case: v.pipe(v.string(), v.regex(/^[\w-]{1,200}$/), v.description('The id of the case.')),
};

const WHY = rule('note_needed');

/** Why something is done. */
export const NOTE = v.pipe(
  v.string(WHY),
  v.minLength(1, WHY),
  v.maxLength(MAX_NOTE),
  v.description('Why. It stands in the journal, with who is signed in; write nothing personal.'),
);

const SIGNED = {
  note: NOTE,
  ifVersion: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    v.description('Only if the customer is still at this version, as a case showed it.'),
  ),
};
const ONE_INVOICE = v.pipe(v.optional(ID), v.description('Only this invoice; default: all that are open.'));

/** What each action takes. */
export const BODIES = {
  hold: v.strictObject({
    ...SIGNED,
    until: v.pipe(
      v.string(rule('until')),
      v.maxLength(40),
      v.description('A day, meant to its end in the policy’s zone, or an instant.'),
    ),
  }),
  resume: v.strictObject(SIGNED),
  exclude: v.strictObject({
    ...SIGNED,
    ahead: v.pipe(
      v.optional(v.boolean(), false),
      v.description('Also somebody of whom nothing is known yet.'),
    ),
  }),
  'retry-now': v.strictObject({ ...SIGNED, invoice: ONE_INVOICE }),
  close: v.strictObject({
    ...SIGNED,
    as: v.pipe(v.picklist(['lost', 'withdrawn']), v.description('What it counts as.')),
    invoice: ONE_INVOICE,
  }),
  'write-again': v.strictObject(SIGNED),
  'revoke-links': v.strictObject(SIGNED),
  erase: v.strictObject(SIGNED),
} as const;

/** A body of each action, as somebody may send it. */
export const EXAMPLES: { readonly [K in keyof typeof BODIES]: v.InferInput<(typeof BODIES)[K]> } = {
  hold: { note: 'promised by phone', until: '2026-12-04', ifVersion: 12 },
  resume: { note: 'paid half, wants reminders' },
  exclude: { note: 'key account: we call them' },
  'retry-now': { note: 'says there is money now', invoice: 'in_123' },
  close: { note: 'the company is dissolved', as: 'lost' },
  'write-again': { note: 'the mailbox was full' },
  'revoke-links': { note: 'the mail was passed on' },
  erase: { note: 'asked for by letter' },
};

// What is answered.

export const MONEY = v.strictObject({
  minor: v.pipe(WHOLE, v.description('In the smallest unit of the currency; never rounded.')),
  currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/)),
  decimal: v.pipe(
    v.string(),
    v.regex(/^-?\d+(\.\d{2,3})?$/),
    v.description('The same in the major unit, exact.'),
  ),
});

const SUM = v.strictObject({ n: WHOLE, amount: MONEY });
const CELL = v.strictObject({ failed: SUM, recovered: SUM, withdrawn: SUM, lost: SUM, open: SUM });
const INTERVAL = { low: SHARE, high: SHARE };
const RATE = v.pipe(
  v.strictObject({
    hits: WHOLE,
    of: WHOLE,
    share: v.nullable(v.strictObject({ share: SHARE, ...INTERVAL })),
  }),
  v.description('Recovered ÷ (recovered + lost), in number, with its 95 % interval; null of nothing.'),
);
const MONEY_RATE = v.strictObject({ amount: MONEY, of: MONEY, share: v.nullable(SHARE) });
const NAMED = v.array(v.strictObject({ name: v.string(), n: WHOLE, amount: MONEY }));

const EXPECTED = v.nullable(v.strictObject({ amount: MONEY, low: MONEY, high: MONEY }));

const AT_RISK = v.strictObject({
  open: SUM,
  ages: v.pipe(
    v.array(
      v.strictObject({
        name: v.pipe(v.picklist(AGES), v.description('The `value` of `total=at_risk_aged`.')),
        fromDays: WHOLE,
        toDays: v.nullable(WHOLE),
        n: WHOLE,
        amount: MONEY,
      }),
    ),
    v.description('By whole days since it failed, both included; null: however old.'),
  ),
  expected: v.pipe(EXPECTED, v.description('What of it is expected back by the curve of the period.')),
  untold: v.pipe(SUM, v.description('Older than the curve saw any failure: nothing is expected of it.')),
  imported: v.pipe(SUM, v.description('Failed before Recoup knew of the account: in none of these.')),
});

const CURRENCY_FIGURES = v.strictObject({
  currency: v.string(),
  cell: CELL,
  imported: v.pipe(CELL, v.description('Failed before Recoup knew of the account: in nothing else here.')),
  rate: RATE,
  moneyRate: MONEY_RATE,
  curve: v.pipe(
    v.array(v.strictObject({ day: WHOLE, share: SHARE, ...INTERVAL, atRisk: WHOLE })),
    v.description('The share recovered by the end of each day after the failure.'),
  ),
  seenDays: v.pipe(WHOLE, v.description('The last day after a failure on which any was seen.')),
  causes: v.pipe(NAMED, v.description('What brought the money in.')),
  after: v.pipe(NAMED, v.description('The last mail before the money came.')),
  unmailed: SUM,
  inPart: v.pipe(
    SUM,
    v.description(
      'Paid of invoices that are not recovered as a whole: with `causes` it comes to what was recovered.',
    ),
  ),
  lostBecause: NAMED,
  lostAnswered: NAMED,
  hours: v.strictObject({ median: v.nullable(v.number()), p90: v.nullable(v.number()) }),
  expected: EXPECTED,
  recurring: v.strictObject({ monthly: MONEY, months: WHOLE, lifetime: MONEY }),
  groups: v.array(v.strictObject({ value: v.string(), cell: CELL, rate: RATE, moneyRate: MONEY_RATE })),
  atRisk: v.pipe(AT_RISK, v.description('All that is open now, whenever it failed; the filters hold.')),
  moved: v.array(
    v.strictObject({
      month: v.string(),
      recovered: SUM,
      late: SUM,
      refunded: SUM,
      disputed: SUM,
      reversed: v.pipe(SUM, v.description('A bank debit that had paid and came back.')),
      net: MONEY,
    }),
  ),
});

const SIDE = v.strictObject({
  hits: WHOLE,
  of: WHOLE,
  share: v.nullable(v.strictObject({ share: SHARE, ...INTERVAL })),
});

const DOLLARS = v.pipe(v.number(), v.description('US dollars, not rounded.'));

const COST = v.pipe(
  v.strictObject({
    asOf: v.pipe(v.string(), v.description('The month of the prices.')),
    requests: v.array(
      v.strictObject({
        kind: v.pipe(
          v.picklist(REQUEST_KINDS),
          v.description('`uncounted`: cases that ran before requests were counted, at an estimate each.'),
        ),
        n: WHOLE,
        dollars: DOLLARS,
      }),
    ),
    dollars: DOLLARS,
    anInvoice: v.pipe(v.nullable(DOLLARS), v.description('For each invoice recovered; null of none.')),
    currencies: v.array(
      v.strictObject({
        currency: v.string(),
        dollars: v.pipe(DOLLARS, v.description('Its share, by its failures in number.')),
        aUnit: v.pipe(v.nullable(DOLLARS), v.description('For each major unit recovered; null of nothing.')),
      }),
    ),
  }),
  v.description('What running cost for the cases of the report: requests counted, at dated prices.'),
);

/** The figures of a period. */
export const REPORT = v.strictObject({
  from: INSTANT,
  to: v.pipe(INSTANT, v.description('Not included.')),
  at: v.pipe(INSTANT, v.description('When it was made.')),
  by: v.picklist(DIMENSIONS),
  filters: v.array(v.string()),
  cases: WHOLE,
  currencies: v.array(CURRENCY_FIGURES),
  mails: v.array(
    v.strictObject({
      step: v.string(),
      sent: WHOLE,
      delivered: WHOLE,
      opened: WHOLE,
      clicked: WHOLE,
      bounced: WHOLE,
      complained: WHOLE,
      paid: v.pipe(WHOLE, v.description('Invoices recovered with it as the last mail before.')),
      rate: v.pipe(RATE, v.description('Of the settled cases in which it went: to compare texts of a step.')),
    }),
  ),
  lifts: v.array(
    v.strictObject({
      experiment: v.string(),
      mailed: SIDE,
      heldOut: SIDE,
      difference: v.nullable(v.strictObject({ difference: SHARE, ...INTERVAL })),
      isEnough: v.boolean(),
    }),
  ),
  cost: COST,
});

/** Months of failure beside each other. */
export const COHORTS = v.strictObject({
  from: INSTANT,
  to: v.pipe(INSTANT, v.description('Not included.')),
  at: v.pipe(INSTANT, v.description('When it was made.')),
  filters: v.array(v.string()),
  cohorts: v.pipe(
    v.array(
      v.strictObject({
        month: v.pipe(v.string(), v.description('In which the payments failed: `2026-03`.')),
        currency: v.string(),
        cell: CELL,
        rate: RATE,
        moneyRate: MONEY_RATE,
        byDay: v.pipe(
          v.array(v.strictObject({ day: WHOLE, share: SHARE, ...INTERVAL })),
          v.description(
            'The share recovered by the end of day 1, 3, 7, 14, 30, 60, 90, and of the last day seen up to then.',
          ),
        ),
        seenDays: v.pipe(WHOLE, v.description('The last day after a failure on which any was seen.')),
      }),
    ),
    v.description('One entry a month and currency in which anything failed.'),
  ),
});

const TOTALS = v.array(
  v.strictObject({ failed: MONEY, recovered: MONEY, withdrawn: MONEY, lost: MONEY, open: MONEY }),
);

const CASE_HEAD = {
  connection: v.string(),
  customer: v.string(),
  case: v.string(),
  outcome: v.picklist(OUTCOMES),
  openedAt: INSTANT,
  closedAt: v.nullable(INSTANT),
  totals: v.pipe(TOTALS, v.description('One entry a currency.')),
};

/** One case of a list. */
export const CASE_LINE = v.strictObject({
  ...CASE_HEAD,
  invoices: v.array(v.strictObject({ invoice: v.string(), number: v.nullable(v.string()) })),
});

/** A page of cases. */
export const CASES = v.strictObject({
  cases: v.array(CASE_LINE),
  next: v.pipe(
    v.nullable(v.string()),
    v.description('Where the list goes on; null = it ends here. A page can be short and go on all the same.'),
  ),
});

const INVOICE = v.strictObject({
  subject: v.pipe(v.string(), v.description('The invoice, or `<invoice>:<payment>` for one that came back.')),
  invoice: v.string(),
  number: v.nullable(v.string()),
  outcome: v.picklist(OUTCOMES),
  why: v.string(),
  cohort: v.picklist(['live', 'imported']),
  failed: MONEY,
  recovered: MONEY,
  withdrawn: MONEY,
  lost: MONEY,
  open: MONEY,
  refunded: v.pipe(MONEY, v.description('Given back or taken back of it since.')),
  failedAt: INSTANT,
  settledAt: v.nullable(INSTANT),
  kind: v.picklist(FAILURE_KINDS),
  campaign: v.nullable(v.string()),
  decline: v.string(),
  reason: v.string(),
  brand: v.nullable(v.string()),
  plans: v.array(v.string()),
  country: v.nullable(v.string()),
  cause: v.nullable(v.picklist(CAUSES)),
  lastMail: v.nullable(v.strictObject({ step: v.string(), message: v.string() })),
});

/** Invoices under a total. */
export const INVOICES = v.strictObject({
  invoices: v.array(
    v.strictObject({
      connection: v.string(),
      customer: v.string(),
      case: v.string(),
      ...INVOICE.entries,
      n: v.pipe(WHOLE, v.description('What it counts in the number of the total.')),
      counted: v.pipe(MONEY, v.description('What it counts in the money of the total.')),
    }),
  ),
  sum: v.pipe(
    v.array(SUM),
    v.description('Of the whole total and not of the page alone: one entry a currency.'),
  ),
  next: v.pipe(v.nullable(v.string()), v.description('Where the list goes on; null = it ends here.')),
});

const STEP_KIND = v.picklist(['email', 'retry', 'notify', 'end']);

const STEP = v.strictObject({
  subject: v.string(),
  step: v.string(),
  kind: STEP_KIND,
  message: v.nullable(v.string()),
  status: v.picklist(['done', 'skipped', 'uncertain', 'waiting', 'blocked']),
  at: v.nullable(INSTANT),
  why: v.string(),
  rule: v.nullable(v.string()),
  until: v.nullable(INSTANT),
});

const MAIL = v.strictObject({
  subject: v.string(),
  step: v.string(),
  message: v.string(),
  at: INSTANT,
  status: v.picklist(['done', 'uncertain']),
  messageId: v.nullable(v.string()),
  told: v.pipe(v.array(v.picklist(DELIVERY_EVENTS)), v.description('What the mail service said of it.')),
  language: v.pipe(v.nullable(v.string()), v.description('Null: it went before this was kept.')),
  words: v.pipe(
    v.nullable(
      v.strictObject({
        subject: v.string(),
        text: v.string(),
        html: v.string(),
        isAsSent: v.pipe(
          v.boolean(),
          v.description(
            'False: the templates or the sender have changed since, and these are the present words.',
          ),
        ),
        leftOut: v.pipe(
          v.array(v.picklist(['name', 'card', 'links'])),
          v.description('What stood in it and is not kept.'),
        ),
      }),
    ),
    v.description('Its words, made again of what is kept; null when they cannot be.'),
  ),
});

/** What comes next of an open case, by a dry run in which nobody pays. */
const NEXT = v.variant('kind', [
  v.strictObject({
    kind: v.literal('act'),
    at: INSTANT,
    step: v.string(),
    subject: v.string(),
    why: v.string(),
  }),
  v.strictObject({ kind: v.literal('close'), at: INSTANT, outcome: v.picklist(OUTCOMES), why: v.string() }),
  v.strictObject({ kind: v.literal('nothing'), why: v.string() }),
]);

const HELD = v.nullable(v.strictObject({ why: v.string(), until: v.nullable(INSTANT) }));

const JOURNAL = v.pipe(
  v.array(v.strictObject({ at: INSTANT, what: v.string(), why: v.string(), count: WHOLE })),
  v.description('The oldest line first.'),
);

/** Everything that is known of one case. */
export const CASE = v.strictObject({
  ...CASE_HEAD,
  version: v.pipe(WHOLE, v.description('Of the customer: for `ifVersion`.')),
  erasedAt: v.nullable(INSTANT),
  held: v.pipe(HELD, v.description('Why nothing of ours goes out now.')),
  setAside: v.pipe(
    v.nullable(v.strictObject({ at: INSTANT, why: v.string() })),
    v.description('Waits for a person.'),
  ),
  next: v.pipe(v.nullable(NEXT), v.description('What comes next; null for a closed case.')),
  nextLook: v.pipe(v.nullable(INSTANT), v.description('When the clock looks next.')),
  invoices: v.array(INVOICE),
  steps: v.pipe(v.array(STEP), v.description('Behind and to come, with the rule that decided each.')),
  mails: v.pipe(v.array(MAIL), v.description('The mails that went.')),
  adjustments: v.pipe(
    v.array(
      v.strictObject({
        id: v.string(),
        subject: v.string(),
        kind: v.picklist(ADJUSTMENT_KINDS),
        at: INSTANT,
        amount: MONEY,
      }),
    ),
    v.description('Money that moved after the case was closed.'),
  ),
  answers: v.array(
    v.strictObject({
      at: INSTANT,
      kind: v.picklist(ANSWER_KINDS),
      promisedDay: v.nullable(v.string()),
      held: v.boolean(),
      text: v.pipe(
        v.nullable(v.string()),
        v.description('Their own words: for who may act, and only while the case is open.'),
      ),
    }),
  ),
  journal: JOURNAL,
  olderJournalPages: v.pipe(
    WHOLE,
    v.description('Pages of 100 older lines: each is a request of its own, 1 = the lines just before these.'),
  ),
});

/** Older lines of a journal. */
export const JOURNAL_PAGE = v.strictObject({
  page: WHOLE,
  pages: v.pipe(WHOLE, v.description('How many there are; the last has the oldest lines.')),
  journal: JOURNAL,
});

/** Who is signed in, and what is looked at. */
export const ME = v.strictObject({
  who: v.pipe(v.string(), v.description('As it stands in the journal.')),
  role: v.picklist(['finance', 'operator']),
  connections: v.array(v.string()),
  where: v.pipe(v.string(), v.description('What is read, in words: `stage prod`, `the demonstration`.')),
  now: v.pipe(INSTANT, v.description('The clock of the server; that of the demonstration can be moved.')),
  version: v.pipe(v.string(), v.description('Of Recoup.')),
});

const USED = {
  limit: WHOLE,
  of: v.pipe(WHOLE, v.description('Of so many in the open cases that were looked into.')),
  usedUp: v.pipe(WHOLE, v.description('Have no try left.')),
  most: v.pipe(WHOLE, v.description('Tries of the one that was tried most.')),
};

/** How the system stands. */
export const HEALTH = v.strictObject({
  at: INSTANT,
  lagSeconds: v.pipe(
    v.number(),
    v.description('How long the most overdue of what is due has been waiting; 0 = nothing is.'),
  ),
  connections: v.array(
    v.strictObject({
      connection: v.string(),
      heard: v.strictObject({ at: v.nullable(INSTANT), why: v.string() }),
      log: v.pipe(
        v.strictObject({ undelivered: v.nullable(INSTANT), all: v.nullable(INSTANT) }),
        v.description(
          'Up to when the event log of the provider has been walked: for what was not delivered, for all; null = never.',
        ),
      ),
      lookAhead: v.pipe(
        v.strictObject({
          startedAt: v.nullable(INSTANT),
          doneAt: v.nullable(INSTANT),
          isUnderWay: v.boolean(),
        }),
        v.description('The walk through the account for what lies ahead; null = never.'),
      ),
    }),
  ),
  stuck: v.pipe(
    v.array(
      v.strictObject({
        kind: v.picklist(['customer', 'unrouted']),
        connection: v.nullable(v.string()),
        customer: v.nullable(v.string()),
        event: v.pipe(v.nullable(v.string()), v.description('Of what names no customer: its event.')),
        since: INSTANT,
        why: v.string(),
        tries: v.pipe(WHOLE, v.description('Visits that failed in a row.')),
      }),
    ),
    v.description('What was set aside for a person, the longest first, at most 100.'),
  ),
  isAllStuck: v.boolean(),
  looked: v.pipe(
    v.strictObject({ cases: WHOLE, open: WHOLE, since: v.nullable(INSTANT) }),
    v.description(
      'The newest cases, at most 50: `uncertain` and the tries used are of the open ones of them.',
    ),
  ),
  uncertain: v.pipe(
    v.array(
      v.strictObject({
        connection: v.string(),
        customer: v.string(),
        case: v.string(),
        subject: v.string(),
        step: v.string(),
        kind: STEP_KIND,
        status: v.picklist(['armed', 'uncertain']),
        at: INSTANT,
        why: v.string(),
      }),
    ),
    v.description('Asked for, and what became of it is not known (yet).'),
  ),
  budgets: v.strictObject({
    requestsPerSecond: v.pipe(
      v.nullable(v.number()),
      v.description('What the clock asks of the provider and the mail service; null = no bound is set.'),
    ),
    invoices: v.pipe(v.strictObject(USED), v.description('Tries of one invoice, the provider’s counted in.')),
    cards: v.pipe(
      v.strictObject({ ...USED, days: WHOLE }),
      v.description('Tries of one card within so many days, for any invoice.'),
    ),
    ofUnknownCode: v.pipe(WHOLE, v.description('Tries of an invoice after a code that nobody knows.')),
    ofBankDebit: v.pipe(WHOLE, v.description('Tries of an invoice by bank debit.')),
  }),
});

const WORDS = v.nullable(v.array(v.string()));
const BOUNDS = <S extends v.GenericSchema>(bound: S) => ({ min: v.nullable(bound), max: v.nullable(bound) });
const DAYS = v.pipe(v.number(), v.description('Days, in fractions too.'));

const CONDITIONS = v.pipe(
  v.strictObject({
    amount: v.nullable(v.strictObject({ currency: v.string(), ...BOUNDS(MONEY) })),
    plans: WORDS,
    products: WORDS,
    countries: WORDS,
    languages: WORDS,
    intervals: WORDS,
    collectionMethods: WORDS,
    metadata: v.array(v.strictObject({ key: v.string(), values: v.array(v.string()) })),
    tenureDays: v.nullable(v.strictObject(BOUNDS(WHOLE))),
  }),
  v.description(
    'What else has to be so, all of it; null and an empty list ask for nothing. Of a list one is enough.',
  ),
);

const TEXTS = v.pipe(
  v.array(v.strictObject({ message: v.string(), weight: v.number() })),
  v.description('The mail, if it is one; of several each case gets one, by weight.'),
);

const CAMPAIGN = v.strictObject({
  id: v.string(),
  kinds: v.pipe(v.array(v.picklist(FAILURE_KINDS)), v.description('Of failure that it is for.')),
  declines: v.pipe(
    v.nullable(v.array(v.picklist(DECLINE_CLASSES))),
    v.description('Classes of decline that it is for; null = any.'),
  ),
  serves: v.pipe(v.string(), v.description('The shortest billing interval that it is meant for.')),
  conditions: CONDITIONS,
  steps: v.array(
    v.strictObject({
      id: v.string(),
      kind: v.picklist(['email', 'retry', 'notify']),
      delayDays: v.pipe(
        v.number(),
        v.description('Days after the failure; of a sent invoice after its due date.'),
      ),
      texts: TEXTS,
      hoursBeforeTry: v.pipe(
        v.nullable(v.number()),
        v.description('Then not on that day itself, but so many hours before the next try that will come.'),
      ),
      to: v.nullable(v.picklist(['email', 'webhook'])),
      note: v.pipe(v.nullable(v.string()), v.description('What a colleague is to do.')),
    }),
  ),
  finalNotice: v.strictObject({
    id: v.string(),
    delayDays: DAYS,
    atLastAttempt: v.pipe(
      v.boolean(),
      v.description('Sent at once when the last try of the provider has failed.'),
    ),
  }),
  end: v.strictObject({
    action: v.picklist(['leave', 'cancel', 'cancel_at_period_end', 'pause', 'mark_uncollectible']),
    daysAfterNotice: DAYS,
    latestDay: DAYS,
  }),
});

/** The policy that is followed, every default filled in. */
export const POLICY = v.strictObject({
  timeZone: v.string(),
  language: v.pipe(v.string(), v.description('For customers in whose own language no mail is written.')),
  senders: v.pipe(
    v.strictObject({ debts: v.string(), notices: v.string(), win_back: v.string() }),
    v.description('The names that mails go under. Addresses are not told.'),
  ),
  hasWayBack: v.pipe(
    v.boolean(),
    v.description('Whether there is a page on which a lost plan is taken up again.'),
  ),
  hasOperator: v.pipe(v.boolean(), v.description('Whether an address of the business is told.')),
  digest: v.strictObject({ weekly: v.boolean(), monthly: v.boolean(), alerts: v.boolean() }),
  retries: v.pipe(
    v.strictObject({
      owner: v.picklist(['provider', 'recoup']),
      hour: WHOLE,
      paydays: v.boolean(),
      backupMethods: v.boolean(),
    }),
    v.description('Who tries again. All but `owner` is of tries of ours alone.'),
  ),
  sendWindow: v.pipe(
    v.nullable(
      v.strictObject({
        from: v.string(),
        to: v.string(),
        weekdays: v.pipe(v.array(WHOLE), v.description('1 = Monday.')),
        quietDates: v.array(v.string()),
      }),
    ),
    v.description('When mails may go, in the time of the customer; null = at any hour.'),
  ),
  mailsPerCase: v.pipe(WHOLE, v.description('Mails that ask for money in one case, at most.')),
  silentHours: v.pipe(
    v.number(),
    v.description('Hours of silence after a soft decline while a try is to come.'),
  ),
  holdout: v.pipe(
    v.strictObject({ experiment: v.string(), share: SHARE }),
    v.description('The share of customers who get no reminders; 0 = nobody.'),
  ),
  catchUp: v.strictObject({ oneMailAfterDays: DAYS, noMailAfterDays: DAYS }),
  firstPayments: v.picklist(['ignore', 'recover']),
  whenCustomerLeaves: v.picklist(['stop', 'keep_asking']),
  campaigns: v.pipe(v.array(CAMPAIGN), v.description('The first that takes a failure is followed.')),
  notices: v.pipe(
    v.array(
      v.strictObject({
        id: v.string(),
        kind: v.picklist(NOTICE_KINDS),
        conditions: CONDITIONS,
        steps: v.array(
          v.strictObject({
            id: v.string(),
            daysBefore: v.pipe(WHOLE, v.description('Days before it comes; below 0 after it came.')),
            texts: TEXTS,
          }),
        ),
      }),
    ),
    v.description('The first that takes what lies ahead is followed.'),
  ),
});

/** What an action did. */
export const DONE = v.strictObject({
  connection: v.string(),
  customer: v.string(),
  version: v.pipe(WHOLE, v.description('Of the customer now.')),
  told: v.pipe(v.array(v.string()), v.description('What is worth knowing of it.')),
});

/** What went wrong: RFC 9457. */
export const PROBLEM = v.strictObject({
  type: v.literal('about:blank'),
  title: v.string(),
  status: WHOLE,
  code: v.pipe(v.picklist(PROBLEM_CODES), v.description('Which problem it is: it stays the same.')),
  detail: v.pipe(v.string(), v.description('What happened and what to do, in English.')),
  fields: v.pipe(
    v.optional(
      v.array(
        v.strictObject({
          field: v.string(),
          code: v.pipe(v.picklist(RULE_CODES), v.description('The rule that it breaks.')),
          why: v.string(),
        }),
      ),
    ),
    v.description('Each field of the request that is not as it should be.'),
  ),
});

/** The shapes of answers by the name that the document gives them. */
export const COMPONENTS = {
  Me: ME,
  Health: HEALTH,
  Policy: POLICY,
  Invoices: INVOICES,
  Cohorts: COHORTS,
  Money: MONEY,
  Report: REPORT,
  CaseLine: CASE_LINE,
  Cases: CASES,
  Case: CASE,
  JournalPage: JOURNAL_PAGE,
  Done: DONE,
  Problem: PROBLEM,
} as const;
