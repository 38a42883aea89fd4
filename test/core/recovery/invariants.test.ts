// What cannot be in a customer who was read: each rule tells its breach, and real runs break none.
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import type { Store } from '../../../core/ports.ts';
import type {
  ArmedAction,
  Customer,
  Facts,
  InvoiceBook,
  RecoveryCase,
  StepRecord,
} from '../../../core/recovery/customer.ts';
import { brokenInvariants, INVARIANTS } from '../../../core/recovery/invariants.ts';
import { MAX_JOURNAL } from '../../../core/recovery/journal.ts';
import { definePolicy } from '../../../core/recovery/policy.ts';
import { recordFacts } from '../../../core/workflows/record-facts.ts';
import shipped from '../../support/plain-policy.ts';
import {
  at,
  bookOf,
  closedCaseOf,
  customerOf,
  FAILED_AT,
  factsOf,
  invoiceOf,
  keyOf,
  lineOf,
  openCaseOf,
} from '../../support/customers.ts';
import { aFact, reversalFact, tombstoneOf } from '../../support/facts.ts';
import { createRunner, POLICY, type Runner } from '../../support/runner.ts';
import { story, type StoryOptions } from '../../support/story.ts';

const KEY = keyOf('cus_1');
const NEXT_LOOK = at('2026-03-02T09:00Z');
const namesIn = (customer: Customer) => brokenInvariants(customer).map(({ what }) => what);

const step = (id: string, changes: Partial<StepRecord> = {}): StepRecord => ({
  id,
  kind: 'email',
  at: FAILED_AT,
  status: 'done',
  why: 'due',
  message: 'reminder',
  ...changes,
});

const arming = (changes: Partial<ArmedAction> = {}): ArmedAction => ({
  caseId: 'case_in_1',
  subjectId: 'in_1',
  stepId: 'retry-1',
  kind: 'retry',
  key: 'case_in_1:in_1:retry-1',
  why: 'due',
  message: null,
  endAction: null,
  methodId: null,
  carries: [],
  armedAt: FAILED_AT,
  ...changes,
});

type Shape = {
  readonly item?: Partial<Customer>;
  readonly facts?: Partial<Facts>;
  readonly open?: Partial<RecoveryCase> | null;
  readonly steps?: readonly StepRecord[];
  readonly endedAt?: typeof FAILED_AT;
  readonly journal?: number;
};

/** A customer whose one invoice failed, at rest between two visits, but for what is asked for. */
const resting = ({ item, facts, open, steps = [], endedAt, journal = 1 }: Shape = {}): Customer => {
  const sound = openCaseOf('case_in_1');
  const ladders = sound.ladders.map((ladder) => ({ ...ladder, steps, endedAt: endedAt ?? null }));
  const lines = Array.from({ length: journal }, (_, i) => lineOf(`line ${i}`));
  return customerOf(KEY, {
    dueAt: NEXT_LOOK,
    facts: factsOf(facts),
    recovery: {
      case: open === null ? null : { ...sound, ladders, ...open },
      notices: [],
      lastAskedAt: null,
      hold: null,
      retries: [],
      answers: [],
      unsubscribed: {},
      linksRevokedAt: null,
      exposure: {},
      journal: lines,
      journalPages: 0,
    },
    ...item,
  });
};

const armed = (changes: Partial<ArmedAction> = {}): Partial<Customer> => ({
  pending: { token: 1, leaseUntil: NEXT_LOOK, armed: arming(changes) },
});

const [LADDER] = openCaseOf('case_in_1').ladders as [RecoveryCase['ladders'][number]];
const PAID: Partial<InvoiceBook> = { outcome: 'recovered', recoveredMinor: 4900, openMinor: 0 };
const LOST: Partial<InvoiceBook> = { outcome: 'lost', lostMinor: 4900, openMinor: 0 };
const CARD = { fingerprint: 'f', brand: 'visa', last4: '4242', expMonth: 1, expYear: 2030 };
const NOBODY_KNOWN = { contact: null };
const settledAmounts = (source: 'event' | 'refresh') => ({
  amounts: { at: NEXT_LOOK, source, value: { due: 4900, paid: 4900, remaining: 0, credited: 0 } },
  status: 'paid' as const,
});
const told = (source: 'event' | 'refresh', facts: Partial<Facts> = {}): Partial<Facts> => ({
  invoices: { in_1: invoiceOf('in_1', settledAmounts(source)) },
  ...facts,
});
const REVERSAL = { in_1: invoiceOf('in_1', { failure: null, status: 'paid' }) };
const RETURNED = { ...LADDER, subjectId: 'in_1:re_1', reversalId: 're_1' };
const OF_RETURNED = { ladders: [RETURNED], books: [bookOf('in_1:re_1', { invoiceId: 'in_1' })] };
const { reversal } = reversalFact('re_1', { invoiceId: 'in_1' });

const returnedIn = (caseId: string) => ({ re_2: { caseId, at: FAILED_AT, owedMinor: 4900 } });

/** By name: what breaks the rule, and beside it what only looks like it. */
const CASES: Readonly<
  Record<string, { readonly broken: readonly Shape[]; readonly sound: readonly Shape[] }>
> = {
  never_due: {
    broken: [
      { item: { dueAt: null } },
      { open: null, item: { dueAt: null } },
      { open: null, facts: { invoices: {} }, item: { dueAt: null, pending: armed().pending ?? null } },
      {
        open: null,
        facts: { invoices: {} },
        item: { dueAt: null, outbox: { closed: closedCaseOf(KEY, 'x'), adjustments: [], journal: null } },
      },
    ],
    sound: [
      { item: { dueAt: null, setAsideAt: NEXT_LOOK } },
      { open: null, facts: { ...NOBODY_KNOWN, invoices: {} }, item: { dueAt: null } },
    ],
  },
  person_kept: {
    broken: [
      { facts: { deletedAt: FAILED_AT } },
      { facts: { erasedAt: FAILED_AT } },
      { facts: { ...NOBODY_KNOWN, erasedAt: FAILED_AT, unreachable: { 'ana@example.com': FAILED_AT } } },
      {
        facts: {
          ...NOBODY_KNOWN,
          erasedAt: FAILED_AT,
          defaultMethod: { at: FAILED_AT, source: 'event', value: 'pm_1' },
        },
      },
      {
        facts: {
          ...NOBODY_KNOWN,
          deletedAt: FAILED_AT,
          cards: { pm_1: { at: FAILED_AT, source: 'event', value: CARD } },
        },
      },
      {
        facts: {
          ...NOBODY_KNOWN,
          deletedAt: FAILED_AT,
          attempts: { ch_1: { id: 'ch_1', card: CARD } as unknown as Facts['attempts'][string] },
        },
      },
    ],
    sound: [{ facts: { ...NOBODY_KNOWN, deletedAt: FAILED_AT, erasedAt: FAILED_AT } }],
  },
  person_at_rest: {
    broken: [
      { open: null, facts: { invoices: {} } },
      {
        open: null,
        facts: {
          ...NOBODY_KNOWN,
          invoices: {},
          cards: { pm_1: { at: FAILED_AT, source: 'refresh', value: CARD } },
        },
      },
    ],
    sound: [
      // A failure, or money for a closed case, that no visit has seen yet.
      { open: null },
      { open: null, facts: { invoices: { in_1: invoiceOf('in_1', { failure: null }) } } },
      { open: null, facts: { invoices: {}, reversals: { re_1: reversal } } },
      // The tries of late count for the card.
      {
        open: null,
        facts: {
          ...NOBODY_KNOWN,
          invoices: {},
          attempts: { ch_1: { id: 'ch_1', card: CARD } as unknown as Facts['attempts'][string] },
        },
      },
    ],
  },
  journal_too_long: {
    broken: [{ journal: 2 * MAX_JOURNAL + 2 }],
    sound: [
      { journal: MAX_JOURNAL + 1 },
      {
        journal: 3 * MAX_JOURNAL,
        item: { outbox: { closed: null, adjustments: [], journal: { page: 0, entries: [] } } },
      },
    ],
  },
  armed_for_nothing: {
    broken: [
      { item: armed({ caseId: 'case_in_9' }) },
      { item: armed({ subjectId: 'in_9' }) },
      { open: null, item: armed() },
    ],
    sound: [{ item: armed() }],
  },
  armed_and_recorded: {
    broken: [{ item: armed(), steps: [step('retry-1', { kind: 'retry', status: 'skipped' })] }],
    sound: [{ item: armed(), steps: [step('reminder-1')] }],
  },
  case_without_ladder: { broken: [{ open: { ladders: [], books: [] } }], sound: [{}] },
  ladder_twice: {
    broken: [{ open: { ladders: [LADDER, LADDER] } }],
    sound: [
      {
        open: {
          ladders: [LADDER, { ...LADDER, subjectId: 'in_2', invoiceId: 'in_2' }],
          books: [bookOf('in_1'), bookOf('in_2')],
        },
        facts: { invoices: { in_1: invoiceOf('in_1'), in_2: invoiceOf('in_2') } },
      },
    ],
  },
  step_twice: {
    broken: [{ steps: [step('reminder-1'), step('other'), step('reminder-1', { status: 'skipped' })] }],
    sound: [{ steps: [step('reminder-1'), step('reminder-2')] }],
  },
  ladder_of_nothing: {
    broken: [
      { facts: { invoices: {} } },
      { facts: { invoices: { in_1: invoiceOf('in_1', { failure: null }) } } },
      { open: OF_RETURNED, facts: { invoices: REVERSAL } },
    ],
    sound: [{ open: OF_RETURNED, facts: { invoices: {}, reversals: { re_1: reversal } } }],
  },
  ladder_of_a_closed_invoice: {
    broken: [{ facts: { tombstones: { in_1: tombstoneOf({ caseId: 'case_x' }) } } }],
    sound: [
      { facts: { tombstones: { in_2: tombstoneOf({ caseId: 'case_x' }) } } },
      {
        open: OF_RETURNED,
        facts: { reversals: { re_1: reversal }, tombstones: { in_1: tombstoneOf({ caseId: 'case_x' }) } },
      },
    ],
  },
  closed_case_open: {
    broken: [
      { facts: { tombstones: { in_2: tombstoneOf({ caseId: 'case_in_1' }) } } },
      {
        facts: { tombstones: { in_2: tombstoneOf({ caseId: 'case_x', returned: returnedIn('case_in_1') }) } },
      },
      { item: { outbox: { closed: closedCaseOf(KEY, 'case_in_1'), adjustments: [], journal: null } } },
    ],
    sound: [
      { facts: { tombstones: { in_2: tombstoneOf({ caseId: 'case_x', returned: returnedIn('case_y') }) } } },
      {
        open: null,
        facts: { tombstones: { in_2: tombstoneOf({ caseId: 'case_in_1' }) } },
        item: { outbox: { closed: closedCaseOf(KEY, 'case_in_1'), adjustments: [], journal: null } },
      },
    ],
  },
  ended_without_step: {
    broken: [{ endedAt: FAILED_AT, steps: [step('reminder-1')] }],
    sound: [
      { endedAt: FAILED_AT, steps: [step('end', { kind: 'end' })] },
      { steps: [step('end', { kind: 'end', status: 'skipped' })] },
    ],
  },
  ladder_without_book: { broken: [{ open: { books: [] } }], sound: [{}] },
  book_without_ladder: {
    broken: [
      { open: { books: [bookOf('in_1'), bookOf('in_2')] } },
      { open: { books: [bookOf('in_1'), bookOf('in_1')] } },
    ],
    sound: [{}],
  },
  books_do_not_add_up: {
    broken: [
      { open: { books: [bookOf('in_1', { openMinor: 4899 })] } },
      { open: { books: [bookOf('in_1', { lostMinor: -100, openMinor: 5000 })] } },
      { open: { books: [bookOf('in_1', { ...PAID, outcome: 'open' })] } },
    ],
    sound: [
      { open: { books: [bookOf('in_1', { recoveredMinor: 900, withdrawnMinor: 1000, openMinor: 3000 })] } },
    ],
  },
  paid_and_open: {
    broken: [{ facts: told('refresh') }],
    sound: [
      // Told by a webhook: the books follow with the next visit.
      { facts: told('event') },
      // Nothing left when it was refreshed, and then something moved.
      {
        facts: told('refresh', {
          changes: { cn_1: { invoiceId: 'in_1', at: NEXT_LOOK, paidMinor: 0, creditedMinor: -100 } },
        }),
      },
      // What is open is the payment that came back, not the invoice.
      { open: OF_RETURNED, facts: told('refresh', { reversals: { re_1: reversal } }) },
      { open: { books: [bookOf('in_1', PAID)] }, steps: [step('reminder-1')], facts: told('refresh') },
    ],
  },
  settled_and_open: {
    broken: [
      { open: { books: [bookOf('in_1', PAID)] } },
      { open: { books: [bookOf('in_1', PAID)] }, steps: [step('reminder-1', { status: 'skipped' })] },
      { open: { books: [bookOf('in_1', LOST)] }, steps: [step('reminder-1')] },
    ],
    sound: [
      // Somebody is to be thanked, or just was.
      { open: { books: [bookOf('in_1', PAID)] }, steps: [step('reminder-1')] },
      { open: { books: [bookOf('in_1', PAID)] }, steps: [step('reminder-1'), step('recovered')] },
      // Whom to say it to was taken away since the last visit.
      { open: { books: [bookOf('in_1', PAID)] }, facts: { ...NOBODY_KNOWN, erasedAt: FAILED_AT } },
    ],
  },
  open_case_expires: {
    broken: [{ item: { expiresAt: at('2027-01-01T00:00Z') } }],
    sound: [{ open: null, item: { expiresAt: at('2027-01-01T00:00Z') } }],
  },
};

const rowsOf = (kind: 'broken' | 'sound') =>
  Object.entries(CASES).flatMap(([what, shapes]) => shapes[kind].map((shape, i) => ({ what, i, shape })));

describe('a rule', () => {
  test('of each name stands in this table', () => {
    expect(Object.keys(CASES).sort()).toEqual([...INVARIANTS].sort());
  });

  test('is not broken by a customer at rest between two visits', () => {
    expect(brokenInvariants(resting())).toEqual([]);
    expect(brokenInvariants(customerOf(KEY, { dueAt: NEXT_LOOK }))).toEqual([]);
  });

  test.each(rowsOf('broken'))('$what is told where it is broken ($i)', ({ what, shape }) => {
    expect(namesIn(resting(shape))).toContain(what);
  });

  test.each(rowsOf('sound'))('$what is not told where it only looks so ($i)', ({ shape }) => {
    expect(brokenInvariants(resting(shape))).toEqual([]);
  });

  test('says nothing of who the customer is', () => {
    const texts = rowsOf('broken').flatMap(({ shape }) =>
      brokenInvariants(resting(shape)).map(({ detail }) => detail),
    );
    expect(texts.filter((text) => /@|Ana|4242|pm_1/.test(text))).toEqual([]);
  });

  test('has its line in the runbook, and the runbook no other', () => {
    const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
    const [, entry = ''] = runbook.split(/^## Invariants broken$/m);
    const [own = ''] = entry.split(/^## /m);
    const lines = [...own.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1] ?? '');
    expect(lines.sort()).toEqual([...INVARIANTS].sort());
  });
});

describe('real runs', () => {
  const RECOUP = definePolicy({
    ...shipped,
    retries: { owner: 'recoup' },
    campaigns: shipped.campaigns.map((one) => ({
      ...one,
      steps:
        one.declines === 'any' ? [...one.steps, { id: 'retry-1', kind: 'retry', delayDays: 9 }] : one.steps,
      end: { ...one.end, action: 'cancel' },
    })),
  });

  const watched = (broken: string[]): Store => {
    const store = createMemoryStore();
    return {
      ...store,
      save: async (customer) => {
        await store.save(customer);
        broken.push(...namesIn(customer).map((what) => `${what} in version ${customer.version}`));
      },
    };
  };

  type Teller = ReturnType<typeof story>;
  const TELLINGS: readonly ((one: Teller, day: number) => ReturnType<Teller['failed']>)[] = [
    (one, day) => one.failed(day, { code: 'insufficient_funds', next: day + 3 }),
    (one, day) => one.failed(day, { code: 'expired_card', attempt: 2 }),
    (one, day) => one.failed(day, { code: 'stolen_card', attempt: 3, remaining: 1000 }),
    (one, day) => one.paid(day),
    (one, day) => one.paid(day, { amount_paid: 0, paid_out_of_band: true }),
    (one, day) => one.told('invoice.updated', day, { amount_paid: 1500, amount_remaining: 1000 }),
    (one, day) => one.told('invoice.voided', day, { status: 'void' }),
    (one, day) => one.told('invoice.marked_uncollectible', day, { status: 'uncollectible' }),
    (one, day) => one.subscription('deleted', day, { status: 'canceled' }),
    (one, day) => one.customer('updated', day),
    (one, day) => one.customer('deleted', day, { deleted: true }),
  ];

  const happening = fc.record({
    waitDays: fc.constantFrom(0, 0, 0.4, 1, 4, 12),
    invoice: fc.constantFrom<number>(1, 1, 2),
    telling: fc.constantFrom(0, ...TELLINGS.keys()),
    also: fc.option(aFact, { nil: null, freq: 2 }),
    erased: fc.integer({ min: 0, max: 15 }).map((chance) => chance === 0),
  });
  const life = fc.record({
    policy: fc.constantFrom(POLICY, RECOUP),
    happenings: fc.array(happening, { minLength: 1, maxLength: 7 }),
    killAt: fc.integer({ min: 1, max: 60 }),
    killWhen: fc.constantFrom<'before' | 'after'>('before', 'after'),
    answers: fc.array(fc.constantFrom('done', 'done', 'unknown', 'refused', 'throttled'), { maxLength: 12 }),
  });
  type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

  const begin = ({ policy, killAt, killWhen, answers }: Life, store: Store): Runner => {
    const left = [...answers];
    const answer = (): 'done' | 'unknown' | 'refused' | 'throttled' =>
      (left.shift() as 'done' | undefined) ?? 'done';
    const outcome = () => ({ kind: answer(), why: 'so it was answered', facts: [] });
    return createRunner({
      policy,
      store,
      killAt,
      killWhen,
      provider: (scripted) => ({
        ...scripted,
        retry: async () => outcome(),
        end: async () => outcome(),
        lookUp: async () => outcome(),
      }),
      mailFault: () => {
        const { kind, why } = outcome();
        return kind === 'done' ? null : { kind, why };
      },
    });
  };

  const play = async (one: Life, runner: Runner): Promise<void> => {
    const tellers = [1, 2].map((n) => story({ n, customerId: 'cus_1' } satisfies StoryOptions));
    let day = 0;
    for (const { waitDays, invoice, telling, also, erased } of one.happenings) {
      day += waitDays;
      await runner.toDay(day);
      const events = TELLINGS[telling]?.(tellers[invoice - 1] as Teller, day) ?? [];
      await runner.tell(...events);
      const now = runner.clock.now();
      const deps = { ...runner.deps, store: runner.store };
      // A door takes in events only: what a refresh says comes with the visit that asked for it.
      if (also) await recordFacts(deps, KEY, [{ ...also, source: 'event' }], now);
      if (erased) await recordFacts(deps, KEY, [{ kind: 'customer-erased', at: now, source: 'event' }], now);
    }
    await runner.toDay(day + 70);
  };

  test('break none of them at any write, whatever is told, answered or killed', async () => {
    let writes = 0;
    await fc.assert(
      fc.asyncProperty(life, async (one) => {
        const broken: string[] = [];
        const runner = begin(one, watched(broken));
        await play(one, runner);
        writes += (await runner.store.load(KEY, runner.clock.now())).version;
        expect(broken).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(writes).toBeGreaterThan(1000);
  });
});
