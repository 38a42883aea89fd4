// Mails that answer each other: which ids are kept, and which are named in the next mail. And who each comes from.
import { describe, expect, test } from 'vitest';
import type { ActOutcome } from '../../../core/ports.ts';
import type { ArmedAction, StepRecord } from '../../../core/recovery/customer.ts';
import { definePolicy } from '../../../core/recovery/policy.ts';
import { senderFor, threadOf } from '../../../core/recovery/sender.ts';
import type { Instant } from '../../../core/time.ts';
import { day, failedFact, subscriptionFact, told } from '../../support/facts.ts';
import { failing, policyOf } from '../../support/operating.ts';
import { walk, type Walk } from '../../support/walk.ts';

const POLICY = policyOf(
  { operator: { email: 'ops@acme.example' } },
  {
    steps: [
      { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
      { id: 'call', kind: 'notify', to: 'email', delayDays: 2 },
      { id: 'second', kind: 'email', message: 'reminder', delayDays: 4 },
      { id: 'third', kind: 'email', message: 'reminder', delayDays: 8 },
    ],
  },
);

const idOf = ({ stepId }: Pick<ArmedAction, 'stepId'>): string => `<${stepId}@mail.example>`;
const taken = (action: ArmedAction): ActOutcome => ({
  kind: 'done',
  why: 'accepted',
  facts: [],
  messageId: idOf(action),
});
const go = (
  outcome: (action: ArmedAction, at: Instant) => ActOutcome = taken,
  start = failing('in_1'),
): Walk => walk(start, { policy: POLICY, from: day(0), until: day(60), outcome });
const threads = ({ done }: Walk) =>
  done.flatMap(({ mail }) =>
    mail ? [[mail.stepId, mail.thread?.map((id) => id.replace('@mail.example', ''))]] : [],
  );

describe('the mails of a case', () => {
  test('each names those before it, the oldest first; what the business was written is none of them', () => {
    const passed = go();
    expect(threads(passed)).toEqual([
      ['first', []],
      ['second', ['<first>']],
      ['third', ['<first>', '<second>']],
      ['final', ['<first>', '<second>', '<third>']],
    ]);
    const kept = passed.closed[0]?.steps.map(({ id, messageId }) => [id, messageId]);
    expect(kept).toEqual([
      ['first', '<first@mail.example>'],
      ['call', undefined],
      ['second', '<second@mail.example>'],
      ['third', '<third@mail.example>'],
      ['final', '<final@mail.example>'],
      ['end', undefined],
    ]);
  });

  test.each<readonly [string, ActOutcome]>([
    ['of which nobody knows whether it went', { kind: 'unknown', why: 'no answer' }],
    ['that was refused', { kind: 'refused', why: 'no' }],
    ['whose taker gave no id', { kind: 'done', why: 'accepted', facts: [] }],
  ])('one %s is answered by none', (_, outcome) => {
    const passed = go((action) => (action.stepId === 'second' ? outcome : taken(action)));
    expect(threads(passed).at(-1)).toEqual(['final', ['<first>', '<third>']]);
    expect(passed.closed[0]?.steps.find(({ id }) => id === 'second')).not.toHaveProperty('messageId');
  });

  test('of several failures are one thread', () => {
    const passed = go(taken, told(failing('in_1'), failedFact('in_2', { at: day(0.5) }), subscriptionFact()));
    const all = threads(passed);
    expect(all.map(([, thread]) => thread?.length)).toEqual(all.map((_, i) => Math.min(i, 6)));
  });

  test('of two cases are two threads', () => {
    const first = go();
    const again = told(first.customer, failedFact('in_9', { at: day(61) }));
    const second = walk(again, { policy: POLICY, from: day(61), until: day(70), outcome: taken });
    expect(threads(second)[0]?.[1] ?? []).toEqual([]);
  });
});

test('a thread is as long as mail programs need, and in the order of time whatever the order of the steps', () => {
  const steps = Array.from({ length: 20 }, (_, i): StepRecord => ({
    id: `s${i}`,
    kind: 'email',
    at: day((i * 7) % 20),
    status: 'done',
    why: '',
    message: 'reminder',
    messageId: `<${(i * 7) % 20}@mail.example>`,
  }));
  expect(threadOf(steps)).toEqual([14, 15, 16, 17, 18, 19].map((n) => `<${n}@mail.example>`));
});

describe('who a mail comes from', () => {
  const sender = {
    name: 'Acme',
    email: 'billing@acme.example',
    replyTo: 'help@acme.example',
    supportEmail: 'help@acme.example',
    bcc: 'copies@acme.example',
    postalAddress: '1 High Street',
  };
  const other = { name: 'Acme Friends', email: 'hello@news.acme.example' };
  const policy = definePolicy({ ...policyOf(), sender, senders: { win_back: other } });

  test.each([
    ['about a debt', null, sender],
    ['about what lies ahead, where none is named', 'notices', sender],
    ['that wins back, with all that is not named as in the sender', 'win_back', { ...sender, ...other }],
  ] as const)('%s', (_, stream, expected) => {
    expect(senderFor(policy, stream)).toEqual(expected);
  });

  test('a field that is there and undefined takes nothing away', () => {
    const odd = { ...policy, senders: { notices: { name: 'N', email: undefined } } };
    expect(senderFor(odd, 'notices')).toMatchObject({ name: 'N', email: 'billing@acme.example' });
  });

  test.each([
    ['an address for copies that is none', { sender: { ...sender, bcc: 'finance' } }, 'sender.bcc'],
    [
      'a postal address of two lines',
      { sender: { ...sender, postalAddress: 'a\nb' } },
      'sender.postalAddress',
    ],
    ['a stream that there is not', { senders: { debts: other } }, 'senders.debts'],
    [
      'a sender with a field that there is not',
      { senders: { notices: { phone: '1' } } },
      'senders.notices.phone',
    ],
  ])('%s is refused', (_, changes, field) => {
    expect(() => definePolicy({ ...policyOf(), sender, ...changes })).toThrow(field);
  });
});
