// The mail service's door: what comes back is recorded, and decides who is written to again.
import { describe, expect, test } from 'vitest';
import { tagValue } from '../../adapters/ses/delivery.ts';
import { readCases } from '../../core/workflows/read-cases.ts';
import { addDays } from '../../core/time.ts';
import { makeRecordDelivery } from '../../functions/record-delivery.ts';
import { createRunner, START, type Runner } from '../support/runner.ts';
import { story } from '../support/story.ts';

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
