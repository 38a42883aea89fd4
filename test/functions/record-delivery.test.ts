// The mail service's door: what comes back is recorded, and decides who is written to again.
import { describe, expect, test } from 'vitest';
import { tagValue } from '../../adapters/ses/delivery.ts';
import { customerKey } from '../../core/ids.ts';
import { erase } from '../../core/workflows/operate.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { isUnreachable } from '../../core/recovery/customer.ts';
import { withDeliveries } from '../../core/recovery/ladders.ts';
import { customerOf, factsOf } from '../support/customers.ts';
import { readCases } from '../../core/workflows/read-cases.ts';
import { addDays } from '../../core/time.ts';
import { makeRecordDelivery } from '../../functions/record-delivery.ts';
import { createRunner, START, type Runner } from '../support/runner.ts';
import { story } from '../support/story.ts';

const KEY = customerKey('stripe', 'cus_1');
const s = story();
const event = (eventType: string, stepId: string, parts: Record<string, unknown> = {}) => ({
  detail: {
    eventType,
    mail: {
      timestamp: START,
      destination: ['customer1@example.com'],
      tags: { customer: [tagValue('stripe/cus_1')], case: ['case_in_1'], subject: ['in_1'], step: [stepId] },
    },
    ...parts,
  },
});
const doorOf = (runner: Runner) => makeRecordDelivery({ ...runner.deps, now: runner.clock.now });
const stepsOf = async (runner: Runner) =>
  (await readCases(runner.store, START, addDays(START, 99)))[0]?.steps ?? [];

describe('what comes back of a mail', () => {
  test('a late Send event puts an uncertain step right', async () => {
    const runner = createRunner({ mailFault: () => ({ kind: 'unknown', why: 'timed out' }) });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    expect((await stepsOf(runner))[0]).toMatchObject({ id: 'update-card', status: 'uncertain' });
    expect(await doorOf(runner)(event('Send', 'update-card'))).toEqual({ outcome: 'recorded' });
    await runner.toDay(1.5);
    expect((await stepsOf(runner))[0]).toMatchObject({ id: 'update-card', status: 'done', at: START });
  });

  test.each([
    ['Bounce', { bounce: { bounceType: 'Permanent' } }],
    ['Complaint', { complaint: {} }],
  ])('after a %s for good nothing more is sent to that address', async (type, parts) => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    await doorOf(runner)(event(type, 'update-card', parts));
    await runner.toDay(12);
    expect(runner.mails.map(({ message }) => message)).toEqual(['update-card']);
    const steps = await stepsOf(runner);
    expect(steps.find(({ id }) => id === 'reminder-1')).toMatchObject({ status: 'skipped' });
    expect(steps.find(({ id }) => id === 'reminder-1')?.why).toMatch(/came back|complained/);
  });

  test('a new address of the customer is written to again', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    await doorOf(runner)(event('Bounce', 'update-card', { bounce: { bounceType: 'Permanent' } }));
    await runner.tell(...s.customer('updated', 1, { email: 'new@example.com' }));
    await runner.toDay(3.5);
    expect(runner.mails.map(({ to }) => to)).toEqual(['customer1@example.com', 'new@example.com']);
  });

  test('an uncertain step is put right by whatever shows that the mail was taken', async () => {
    const runner = createRunner({ mailFault: () => ({ kind: 'unknown', why: 'timed out' }) });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    const delivery = { timestamp: addDays(START, 0.1), recipients: ['customer1@example.com'] };
    await doorOf(runner)(event('Delivery', 'update-card', { delivery }));
    await runner.toDay(1.5);
    expect((await stepsOf(runner))[0]).toMatchObject({ id: 'update-card', status: 'done', at: START });
  });

  test('an uncertain step of a mail that was rejected stays uncertain', async () => {
    const runner = createRunner({ mailFault: () => ({ kind: 'unknown', why: 'timed out' }) });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    await doorOf(runner)(event('Reject', 'update-card'));
    await runner.toDay(1.5);
    expect((await stepsOf(runner))[0]).toMatchObject({ id: 'update-card', status: 'uncertain' });
  });

  test('the same events in any order and any number come to the same', async () => {
    const events = [
      event('Send', 'update-card'),
      event('Delivery', 'update-card', { delivery: { timestamp: addDays(START, 0.1) } }),
      event('Open', 'update-card', { open: { timestamp: addDays(START, 0.3) } }),
      event('Open', 'update-card', { open: { timestamp: addDays(START, 0.2) } }),
      event('Complaint', 'update-card', { complaint: { timestamp: addDays(START, 0.4) } }),
    ];
    const after = async (told: typeof events) => {
      const runner = createRunner();
      await runner.tell(...s.failed(0, { code: 'expired_card' }));
      await runner.toDay(0.5);
      const door = doorOf(runner);
      for (const one of told) await door(one);
      const { facts } = await runner.store.load(KEY, runner.clock.now());
      return { deliveries: facts.deliveries, unreachable: facts.unreachable };
    };
    const once = await after(events);
    expect(once.deliveries['in_1/update-card']).toEqual({
      sent: START,
      delivered: addDays(START, 0.1),
      opened: addDays(START, 0.2),
      complained: addDays(START, 0.4),
    });
    expect(await after([...events.toReversed(), ...events])).toEqual(once);
  });

  test('after a bounce of the business’s own copy the customer is written to as before', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    const bounce = { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'finance@acme.test' }] };
    const bounced = event('Bounce', 'update-card', { bounce });
    const { mail } = bounced.detail;
    const copied = {
      ...mail,
      destination: [...mail.destination, 'finance@acme.test'],
      commonHeaders: { to: mail.destination },
    };
    expect(await doorOf(runner)({ detail: { ...bounced.detail, mail: copied } })).toMatchObject({
      outcome: 'ignored',
    });
    await runner.toDay(3.5);
    expect(runner.mails.map(({ to }) => to)).toEqual(['customer1@example.com', 'customer1@example.com']);
  });

  describe('after the case was closed', () => {
    const closed = async () => {
      const runner = createRunner({ mailFault: () => ({ kind: 'unknown', why: 'timed out' }) });
      await runner.tell(...s.failed(0, { code: 'expired_card' }));
      await runner.toDay(0.5);
      await runner.tell(...s.paid(1));
      await runner.toDay(2);
      const load = () => runner.store.load(KEY, runner.clock.now());
      expect((await load()).recovery.case).toBeNull();
      return { runner, load };
    };

    test.each([
      ['Send', {}],
      ['Delivery', {}],
      ['Open', {}],
      ['Bounce', { bounce: { bounceType: 'Transient' } }],
    ])('a %s %j changes nothing', async (type, parts) => {
      const { runner, load } = await closed();
      const before = await load();
      expect(await doorOf(runner)(event(type, 'update-card', parts))).toEqual({
        outcome: 'ignored',
        reason: 'nothing of this customer is at risk',
      });
      expect(await load()).toEqual(before);
    });

    test.each([
      ['Complaint', {}],
      ['Bounce', { bounce: { bounceType: 'Permanent' } }],
    ])('a %s %j still stops mail to that address, and says nothing of the person', async (type, parts) => {
      const { runner, load } = await closed();
      const record = await runner.store.loadClosedCase(KEY, 'case_in_1');
      expect(await doorOf(runner)(event(type, 'update-card', parts))).toEqual({ outcome: 'recorded' });
      const { facts } = await load();
      expect(isUnreachable(facts, 'Customer1@example.com')).toBe(true);
      expect(JSON.stringify(facts)).not.toContain('@');
      expect(await runner.store.loadClosedCase(KEY, 'case_in_1')).toEqual(record);
    });

    test('a complaint about somebody of whom nothing is known is no news', async () => {
      const runner = createRunner();
      expect(await doorOf(runner)(event('Complaint', 'update-card'))).toMatchObject({ outcome: 'ignored' });
    });
  });

  test('a late Send event puts an uncertain step of a notice right', async () => {
    const store = createMemoryStore();
    const uncertain = {
      id: 'heads-up',
      kind: 'email',
      at: START,
      status: 'uncertain',
      why: 'timed out',
    } as const;
    const notice = {
      subjectId: 'card_expiry:pm_1:2026-03-31',
      kind: 'card_expiry',
      aboutId: 'pm_1',
      campaignId: 'card',
      date: addDays(START, 29),
      openedAt: START,
      steps: [{ ...uncertain, message: 'card-expiring' }],
      over: null,
    } as const;
    const known = customerOf(KEY, { facts: factsOf({}) });
    await store.save({ ...known, recovery: { ...known.recovery, notices: [notice] } });
    const { deps } = createRunner({ store });
    const sent = event('Send', 'heads-up');
    const tags = { ...sent.detail.mail.tags, subject: [tagValue(notice.subjectId)] };
    await makeRecordDelivery({ ...deps, now: () => START })({
      detail: { ...sent.detail, mail: { ...sent.detail.mail, tags } },
    });
    const { recovery } = withDeliveries(await store.load(KEY, START));
    expect(recovery.notices[0]?.steps).toMatchObject([{ id: 'heads-up', status: 'done', at: START }]);
  });

  test('of a customer who was erased no address is taken in', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    const by = { who: 'Ana', note: 'by letter', ifVersion: null };
    await erase({ store: runner.store, backOff: async () => {} }, KEY, by, runner.clock.now());
    await doorOf(runner)(event('Bounce', 'update-card', { bounce: { bounceType: 'Permanent' } }));
    const { facts } = await runner.store.load(KEY, runner.clock.now());
    expect(facts.unreachable).toEqual({});
    expect(JSON.stringify(facts)).not.toContain('customer1@example.com');
  });

  test('a delivery that was told before is not written again', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    const door = doorOf(runner);
    expect(await door(event('Delivery', 'update-card'))).toEqual({ outcome: 'recorded' });
    expect(await door(event('Delivery', 'update-card'))).toEqual({ outcome: 'unchanged' });
  });

  test('a mail of somebody else in the same account is acknowledged and left alone', async () => {
    const door = doorOf(createRunner());
    expect(await door({ detail: { eventType: 'Send', mail: { timestamp: START } } })).toMatchObject({
      outcome: 'ignored',
    });
  });
});
