// The mail that tells of the end of a plan: to whom it goes, when, what it says, and who is spared it.
import { describe, expect, test } from 'vitest';
import { createComposer } from '../../../adapters/email/render.ts';
import type { MailRequest } from '../../../core/ports.ts';
import type { ArmedAction, Customer } from '../../../core/recovery/customer.ts';
import { explain } from '../../../core/recovery/explain.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { brokenInvariants } from '../../../core/recovery/invariants.ts';
import { plan } from '../../../core/recovery/plan.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { armOf } from '../../../core/recovery/restraint.ts';
import { addDays, type Instant } from '../../../core/time.ts';
import { close } from '../../../core/workflows/operate.ts';
import { readCases } from '../../../core/workflows/read-cases.ts';
import { keyOf } from '../../support/customers.ts';
import {
  changeFact,
  customerFact,
  customerFrom,
  day,
  deliveryFact,
  disputeFact,
  failedFact,
  goneFact,
  inFlightFact,
  invoiceFact,
  reversalFact,
  subscriptionFact,
  told,
} from '../../support/facts.ts';
import { shippedTemplates } from '../../support/mails.ts';
import { ANNA, failing, operated, policyOf } from '../../support/operating.ts';
import { createRunner, START, type RunnerOptions } from '../../support/runner.ts';
import { story } from '../../support/story.ts';
import { linesOf, walk, type Walk, type WalkOptions } from '../../support/walk.ts';

const WAY_BACK = 'https://acme.example/plans';
const endOf = (action: string) => ({ end: { action, daysAfterNotice: 14, latestDay: 45 } });
const policyWith = (changes: object = {}, action = 'cancel'): Policy =>
  policyOf({ wayBackUrl: WAY_BACK, ...changes }, endOf(action));
const POLICY = policyWith();
/** Mails by day only: what ends at night is told in the morning, at 08:00 in Vienna. */
const BY_DAY = policyWith({ sendWindow: { from: '08:00', to: '20:00' } });

const canceled = (cancellationReason: string | null, on: number, id = 'sub_1'): Fact =>
  subscriptionFact({ id, status: 'canceled', cancellationReason }, { at: day(on) });
/** The provider gives up after the first two mails. */
const GIVES_UP = canceled('payment_failed', 6);
/** As Stripe tells of what was ended through its API. */
const endTold = (action: ArmedAction, at: Instant) => ({
  kind: 'done' as const,
  why: '',
  facts:
    action.kind === 'end'
      ? [subscriptionFact({ status: 'canceled', cancellationReason: 'cancellation_requested' }, { at })]
      : [],
});

const start = (): Customer => told(failing('in_1'), subscriptionFact());
const go = (options: Partial<WalkOptions> = {}, customer = start()): Walk =>
  walk(customer, { policy: POLICY, from: day(0), until: day(100), outcome: endTold, ...options });
const said = ({ done }: Walk): readonly string[] => done.flatMap(({ mail }) => (mail ? [mail.message] : []));
const lastMail = ({ done }: Walk): MailRequest => done.findLast(({ mail }) => mail)?.mail as MailRequest;

describe('somebody who was written to hears that the plan has ended, and of the way back', () => {
  test('after our own end, at once, as the last mail of the case', () => {
    const ended = go();
    // The final notice on the 13th is the last mail before; 14 days later the plan is cancelled.
    expect(linesOf(ended).slice(-3)).toEqual([
      '2026-03-13 09:00 final',
      '2026-03-27 09:00 end',
      '2026-03-27 09:00 cancelled',
    ]);
    expect(lastMail(ended)).toMatchObject({
      message: 'cancelled',
      payUrl: WAY_BACK,
      invoices: [{ number: 'R-in_1', amount: { minor: 4900, currency: 'EUR' } }],
      totals: [{ minor: 4900, currency: 'EUR' }],
      endsAt: null,
      nextAttemptAt: null,
    });
    expect(ended.closed).toHaveLength(1);
    expect(ended.closed[0]?.steps.at(-1)).toMatchObject({ id: 'cancelled', status: 'done' });
    expect(ended.customer.facts.contact).toBeNull();
  });

  test.each<readonly [string, Fact]>([
    ['for a failed payment', GIVES_UP],
    ['without a reason, as older versions tell it, when no try was planned any more', canceled(null, 6)],
  ])('when the provider cancels %s', (_, fact) => {
    const ended = go({ later: [fact] });
    expect(linesOf(ended).at(-1)).toBe('2026-03-07 09:00 cancelled');
    expect(ended.closed[0]?.invoices[0]).toMatchObject({ outcome: 'lost', lostMinor: 4900 });
  });

  test('of a payment that came back as well, with what came back of it', () => {
    const paid = [
      customerFact(),
      subscriptionFact({ status: 'active' }),
      invoiceFact('in_1', { status: 'paid', at: day(-9) }),
      reversalFact('py_1', { amountMinor: 3000 }),
    ];
    const ended = go({ later: [GIVES_UP] }, customerFrom(...paid));
    expect(lastMail(ended)).toMatchObject({
      message: 'cancelled',
      totals: [{ minor: 3000, currency: 'EUR' }],
    });
  });

  test('with what is still missing where a part was paid', () => {
    const ended = go({ later: [changeFact('part_1', { paidMinor: 1900 }, { at: day(5) }), GIVES_UP] });
    expect(lastMail(ended)).toMatchObject({
      message: 'cancelled',
      totals: [{ minor: 3000, currency: 'EUR' }],
    });
  });

  test('in words that say why, how much and how to come back, and that ask for no payment', () => {
    const mail = createComposer(shippedTemplates())(lastMail(go()));
    expect(mail.subject).toBe('Your plan with Example Company has ended');
    expect(mail.text).toContain('because the payment below did not reach us');
    expect(mail.text).toContain('€49.00');
    expect(mail.text).toContain(WAY_BACK);
    expect(mail.text).not.toContain('https://pay.example');
    expect(mail.unsubscribeUrl).toBeUndefined();
  });

  test('and without a way back in the policy is told to write', () => {
    const mail = lastMail(go({ policy: policyOf({}, endOf('cancel')) }));
    expect(mail.payUrl).toBeNull();
    expect(createComposer(shippedTemplates())(mail).text).toContain('reply to this email');
  });
});

describe('nobody is told that a plan has ended', () => {
  const unsent = (change: object): Customer => {
    const customer = start();
    return { ...customer, recovery: { ...customer.recovery, ...change } };
  };
  const excluded = { by: 'Anna', note: '', at: day(0), kind: 'excluded', until: null, past: [] };
  const SPARED: readonly (readonly [what: string, Partial<WalkOptions>, Customer?])[] = [
    ['who never got a mail of the case', { later: [canceled('payment_failed', 0.5)] }],
    ['who cancelled on their own', { later: [canceled('cancellation_requested', 6)] }],
    [
      'who cancelled on their own and is asked on until the campaign ends',
      {
        policy: policyWith({ whenCustomerLeaves: 'keep_asking' }, 'leave'),
        later: [canceled('cancellation_requested', 6)],
      },
    ],
    ['whose plan runs on after the end of the campaign', { policy: policyWith({}, 'leave') }],
    [
      'whose plan ends only with its period',
      {
        policy: policyWith({}, 'cancel_at_period_end'),
        outcome: (action, at) => ({
          kind: 'done',
          why: '',
          facts:
            action.kind === 'end'
              ? [subscriptionFact({ status: 'active', cancelAtPeriodEnd: true }, { at })]
              : [],
        }),
      },
    ],
    [
      'whose plan is paused',
      {
        policy: policyWith({}, 'pause'),
        outcome: (action, at) => ({
          kind: 'done',
          why: '',
          facts: action.kind === 'end' ? [subscriptionFact({ status: 'paused' }, { at })] : [],
        }),
      },
    ],
    [
      'whose invoice is marked uncollectible',
      {
        policy: policyWith({}, 'mark_uncollectible'),
        outcome: (action, at) => ({
          kind: 'done',
          why: '',
          facts: action.kind === 'end' ? [invoiceFact('in_1', { status: 'uncollectible', at })] : [],
        }),
      },
    ],
    ['whose plan is unpaid and stands', { later: [subscriptionFact({ status: 'unpaid' }, { at: day(6) })] }],
    ['who disputes the charge', { later: [disputeFact('dp_1', {}, { at: day(5) }), GIVES_UP] }],
    ['whose payment is on its way', { later: [inFlightFact('pi_9', true, { at: day(5) }), GIVES_UP] }],
    ['who was deleted', { later: [goneFact('customer-deleted', { at: day(5) }), GIVES_UP] }],
    ['who was erased', { later: [goneFact('customer-erased', { at: day(5) }), GIVES_UP] }],
    ['whom an operator excluded', { later: [GIVES_UP] }, unsent({ hold: excluded })],
    [
      'whose failure was there before Recoup',
      { later: [GIVES_UP] },
      customerFrom(
        { kind: 'imported', at: day(0), source: 'refresh' },
        customerFact(),
        subscriptionFact(),
        failedFact('in_1'),
      ),
    ],
    [
      'whom no mail reaches',
      {
        later: [
          deliveryFact('bounced', { stepId: 'first', unreachable: true }, { at: day(2) }),
          canceled('payment_failed', 3),
        ],
      },
    ],
  ];
  test.each(SPARED.map(([what, options, customer]) => ({ what, options, customer })))(
    '$what',
    ({ options, customer }) => {
      const ended = go(options, customer);
      expect(said(ended)).not.toContain('cancelled');
      expect(ended.closed).toHaveLength(1);
    },
  );

  test('whom nothing reaches has it written down with the reason', () => {
    const bounced = deliveryFact('bounced', { stepId: 'first', unreachable: true }, { at: day(2) });
    const ended = go({ later: [bounced, canceled('payment_failed', 3)] });
    expect(ended.closed[0]?.steps.at(-1)).toMatchObject({ id: 'cancelled', status: 'skipped' });
  });

  test('whose case an operator closed as lost, although the plan is cancelled in the same night', async () => {
    const mailed = go({ until: day(5) }).customer;
    const { customer } = await operated(mailed, POLICY, (deps) =>
      close(deps, mailed.key, 'lost', null, ANNA, day(5)),
    );
    const ended = go({ from: day(5) }, told(customer, canceled('payment_failed', 5)));
    expect(said(ended)).toEqual([]);
    expect(ended.closed[0]?.invoices[0]).toMatchObject({ outcome: 'lost' });
  });

  test('who is held out of the mails and has got none', () => {
    const experiment = { experiment: 'mails', share: 0.5 };
    const key = Array.from({ length: 40 }, (_, i) => keyOf(`cus_${i}`)).find(
      (one) => armOf(one, experiment) === 'held_out',
    );
    const customer = { ...start(), key: key as Customer['key'] };
    expect(said(go({ policy: policyWith({ holdout: experiment }), later: [GIVES_UP] }, customer))).toEqual(
      [],
    );
  });
});

describe('when', () => {
  test('it waits for the hours in which mails may go, and the case stays open for it', () => {
    const atNight = canceled('payment_failed', 6.5);
    const { decision } = go({ policy: BY_DAY, later: [atNight], until: day(6.5) }).looks.at(-1) ?? {};
    expect(decision?.next).toEqual({
      kind: 'wait',
      until: '2026-03-08T07:00:00.000Z',
      why: 'the hours in which mails may go',
    });
    expect(decision?.customer.recovery.case?.books[0]?.outcome).toBe('lost');
    expect(decision && brokenInvariants({ ...decision.customer, dueAt: day(7) })).toEqual([]);
    const ended = go({ policy: BY_DAY, later: [atNight] });
    expect(linesOf(ended).at(-1)).toBe('2026-03-08 07:00 cancelled');
  });

  test('what is paid while it waits is thanked for instead, and is recovered', () => {
    const paid = invoiceFact('in_1', { status: 'paid', at: day(6.8) });
    const ended = go({ policy: BY_DAY, later: [canceled('payment_failed', 6.5), paid] });
    expect(said(ended).slice(-1)).toEqual(['recovered']);
    expect(said(ended)).not.toContain('cancelled');
    expect(ended.closed[0]?.invoices[0]).toMatchObject({ outcome: 'recovered', recoveredMinor: 4900 });
  });

  test('on a day with another mail it goes the next day', () => {
    // The second mail went on day 4 at 09:00.
    const ended = go({ later: [canceled('payment_failed', 4.25)] });
    expect(linesOf(ended).slice(-2)).toEqual(['2026-03-05 09:00 second', '2026-03-06 15:00 cancelled']);
  });

  test.each(['unknown', 'refused'] as const)(
    'it is asked for once: an answer that is %s closes the case',
    (kind) => {
      const ended = go({
        later: [GIVES_UP],
        outcome: (action, at) =>
          action.message === 'cancelled' ? { kind, why: 'no answer' } : endTold(action, at),
      });
      expect(said(ended).filter((message) => message === 'cancelled')).toHaveLength(1);
      expect(ended.closed[0]?.steps.at(-1)).toMatchObject({
        id: 'cancelled',
        status: kind === 'unknown' ? 'uncertain' : 'skipped',
      });
    },
  );

  test('a process that dies at any request sends it once at most, and the case closes', async () => {
    const gaveUp = { cancellation_details: { comment: null, feedback: null, reason: 'payment_failed' } };
    const live = async (options: RunnerOptions = {}) => {
      const runner = createRunner({ policy: POLICY, ...options });
      const one = story();
      await runner.tell(...one.failed(0));
      await runner.toDay(5);
      await runner.tell(...one.subscription('deleted', 5, { status: 'canceled', ...gaveUp }));
      await runner.toDay(40);
      const [record] = await readCases(runner.store, START, addDays(START, 120));
      return { runner, record, sent: runner.mails.filter(({ message }) => message === 'cancelled').length };
    };
    const { runner, sent } = await live();
    expect(sent).toBe(1);
    for (const killWhen of ['before', 'after'] as const) {
      for (let killAt = 1; killAt <= runner.killer.requests; killAt += 1) {
        const died = await live({ killAt, killWhen });
        expect(died.sent, `${killWhen} ${killAt}`).toBeLessThanOrEqual(1);
        expect(died.record?.steps.at(-1), `${killWhen} ${killAt}`).toMatchObject({ id: 'cancelled' });
        expect(died.record?.closedAt).not.toBeNull();
      }
    }
  });
});

describe('of several failures', () => {
  const second = (id: string) => failedFact(id, { details: { subscriptionId: 'sub_2' }, at: day(0) });
  const both = (): Customer =>
    told(failing('in_1'), subscriptionFact(), second('in_2'), subscriptionFact({ id: 'sub_2' }));

  test('it is about the one whose plan was lost, with its amount alone', () => {
    const paid = invoiceFact('in_2', { status: 'paid', at: day(5), details: { subscriptionId: 'sub_2' } });
    const ended = go({ later: [paid, GIVES_UP] }, both());
    expect(lastMail(ended)).toMatchObject({
      message: 'cancelled',
      subjectId: 'in_1',
      totals: [{ minor: 4900, currency: 'EUR' }],
    });
    expect(lastMail(ended).invoices).toHaveLength(1);
  });

  test('what was lost while its plan runs on is not in it', () => {
    const given = invoiceFact('in_2', {
      status: 'uncollectible',
      at: day(5),
      details: { subscriptionId: 'sub_2' },
    });
    const ended = go({ later: [given, GIVES_UP] }, both());
    expect(lastMail(ended).invoices.map(({ number }) => number)).toEqual(['R-in_1']);
  });

  test('one that only the mails about another one told of counts as told', () => {
    // The mails of in_1 carried those of in_2, which is lost; in_1 is paid.
    const paid = invoiceFact('in_1', { status: 'paid', at: day(5) });
    const ended = go({ later: [paid, canceled('payment_failed', 6, 'sub_2')] }, both());
    expect(lastMail(ended)).toMatchObject({ message: 'cancelled', subjectId: 'in_2' });
  });

  test('while another is still open it waits for the case to be over, and then goes once', () => {
    const ended = go({ later: [GIVES_UP, canceled('payment_failed', 9, 'sub_2')] }, both());
    expect(linesOf(ended).filter((line) => line.includes('cancelled'))).toEqual([
      '2026-03-10 09:00 cancelled',
    ]);
    expect(lastMail(ended).totals).toEqual([{ minor: 9800, currency: 'EUR' }]);
  });
});

describe('what an operator is told', () => {
  test('before the end that it will come, and under which rule', () => {
    const before = go({ until: day(20) }).customer;
    const { invoices } = explain(before, POLICY, day(20));
    expect(invoices[0]?.steps.slice(-2)).toMatchObject([
      { id: 'end', status: 'waiting', at: '2026-03-27T09:00:00.000Z' },
      { id: 'cancelled', status: 'waiting', at: '2026-03-27T09:00:00.000Z' },
    ]);
  });

  test('while it waits when it goes', () => {
    const waiting = go({
      policy: BY_DAY,
      later: [canceled('payment_failed', 6.5)],
      until: day(6.5),
    }).customer;
    const { invoices, next } = explain(waiting, BY_DAY, day(6.6));
    expect(next).toMatchObject({ kind: 'act', step: 'cancelled', at: '2026-03-08T07:00:00.000Z' });
    expect(invoices[0]?.steps.find(({ id }) => id === 'cancelled')).toMatchObject({
      status: 'waiting',
      at: '2026-03-08T07:00:00.000Z',
    });
  });

  test('of an end that leaves the plan alone no such mail is foretold', () => {
    const policy = policyWith({}, 'leave');
    const { invoices } = explain(go({ policy, until: day(20) }).customer, policy, day(20));
    expect(invoices[0]?.steps.map(({ id }) => id)).not.toContain('cancelled');
  });

  test('a decision about a settled case is the same when it is made again', () => {
    const settled = told(go({ until: day(5) }).customer, canceled('payment_failed', 5.5));
    expect(plan(settled, POLICY, day(6))).toEqual(plan(settled, POLICY, day(6)));
  });
});
