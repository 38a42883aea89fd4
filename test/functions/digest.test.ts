// The daily door of the mails about the figures: what is due on which day, once each, and what failing does.
import { describe, expect, test } from 'vitest';
import type { OperatorMail } from '../../adapters/operator/mail.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { FIGURES, OutsideError, type ActOutcome, type Store } from '../../core/ports.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import type { DigestPolicy } from '../../core/recovery/policy-shape.ts';
import { addDays, type Instant } from '../../core/time.ts';
import { makeSendDigests } from '../../functions/digest.ts';
import shipped from '../../policy.ts';
import { at } from '../support/customers.ts';
import { caseOf } from '../support/reports.ts';

const MONDAY = at('2026-03-09T05:00Z');
const DONE: ActOutcome = { kind: 'done', why: 'accepted', facts: [] };

type Options = {
  readonly digest?: Partial<DigestPolicy>;
  readonly store?: Store;
  readonly answer?: () => ActOutcome;
};

const createDoor = ({
  digest = { weekly: true },
  store = createMemoryStore(),
  answer = () => DONE,
}: Options) => {
  const sent: OperatorMail[] = [];
  let now = MONDAY;
  const policy = definePolicy({ ...shipped, operator: { email: 'finance@example.com', digest } });
  const run = makeSendDigests({
    store,
    policy,
    send: async (mail) => {
      sent.push(mail);
      return answer();
    },
    now: () => now,
    where: 'a test',
  });
  return {
    sent,
    store,
    runAt: async (when: Instant) => {
      now = when;
      return run();
    },
    subjects: () => sent.map(({ subject }) => subject.replace(/^Recoup: |: none$/g, '')),
  };
};

describe('digests', () => {
  test('of the week go on Monday, those of the month on the 1st, each once', async () => {
    const door = createDoor({ digest: { weekly: true, monthly: true } });
    // From a Sunday on which neither is due any more.
    for (let day = 0; day < 35; day += 1) await door.runAt(addDays(at('2026-03-08T05:00Z'), day));
    expect(door.subjects()).toEqual([
      'Failed payments in 2026-W10',
      'Failed payments in 2026-W11',
      'Failed payments in 2026-W12',
      'Failed payments in 2026-W13',
      'Failed payments in 2026-03',
      'Failed payments in 2026-W14',
    ]);
  });

  test('say who they are from and to, and carry their files', async () => {
    const door = createDoor({});
    await door.store.closeCase(
      caseOf('a', [{ failedAt: at('2026-03-03T09:00Z'), outcome: 'lost', minor: 5000 }]).record,
    );
    expect(await door.runAt(MONDAY)).toEqual([{ task: 'weekly_digest', about: '2026-W10', sent: true }]);
    const [mail = expect.unreachable('one was sent')] = door.sent;
    expect(mail).toMatchObject({
      to: 'finance@example.com',
      from: { email: shipped.sender.email },
      replyTo: shipped.sender.replyTo,
    });
    expect(mail.html).toContain('€50.00');
    expect(mail.files?.map(({ name }) => name)).toEqual(['recoup-2026-W10.csv', 'recoup-2026-W10.html']);
  });

  test('that no run sent on Monday go on one of the next two days, and then no more', async () => {
    const door = createDoor({});
    await door.runAt(addDays(MONDAY, 2));
    expect(door.subjects()).toEqual(['Failed payments in 2026-W10']);
    const late = createDoor({});
    await late.runAt(addDays(MONDAY, 3));
    expect(late.sent).toEqual([]);
  });

  test('nothing that is off is sent', async () => {
    const door = createDoor({ digest: { alerts: true } });
    expect(await door.runAt(at('2026-06-01T05:00Z'))).toEqual([
      { task: 'alerts', about: '2026-05-31', sent: false },
    ]);
    expect(door.sent).toEqual([]);
  });
});

describe('at most once', () => {
  test('two runs at the same time send one mail', async () => {
    const door = createDoor({});
    await Promise.all([door.runAt(MONDAY), door.runAt(MONDAY)]);
    expect(door.sent).toHaveLength(1);
  });

  test('it is written down before it is sent', async () => {
    const store = createMemoryStore();
    const seen: (Instant | null)[] = [];
    const door = createDoor({ store, answer: () => expect.unreachable('the process died') });
    const load = async () => seen.push((await store.loadWalk(FIGURES, 'weekly_digest')).doneAt);
    await expect(door.runAt(MONDAY)).rejects.toThrow('the process died');
    await load();
    expect(seen).toEqual(['2026-03-09T00:00:00.000Z']);
    await createDoor({ store }).runAt(addDays(MONDAY, 1));
    expect(door.sent).toHaveLength(1);
  });

  test.each([
    ['throttled', 2, 'it is tried again'],
    ['refused', 2, 'it is tried again'],
    ['unknown', 1, 'it may have gone, and is not sent again'],
  ] as const)('a mail that SES answers with %s is tried %i times', async (kind, times, says) => {
    const door = createDoor({ answer: () => ({ kind, why: 'SES said so' }) });
    await expect(door.runAt(MONDAY)).rejects.toThrow(`weekly_digest 2026-W10: SES said so; ${says}`);
    await door.runAt(addDays(MONDAY, 1)).catch(() => {});
    expect(door.sent).toHaveLength(times);
  });

  test('one that fails holds up no other', async () => {
    const store = createMemoryStore();
    const door = createDoor({
      digest: { weekly: true, monthly: true },
      store: {
        ...store,
        loadWalk: async (connection, task) => {
          if (task === 'weekly_digest') throw new OutsideError('the table did not answer', 'later');
          return store.loadWalk(connection, task);
        },
      },
    });
    // The 1st of June 2026 is a Monday.
    await expect(door.runAt(at('2026-06-01T05:00Z'))).rejects.toThrow(
      'not told:\nweekly_digest 2026-W22: the table did not answer',
    );
    expect(door.subjects()).toEqual(['Failed payments in 2026-05']);
  });
});

describe('alerts', () => {
  const RUSH = '2026-03-31';
  const storeWithRush = async () => {
    const store = createMemoryStore();
    for (let day = 0; day < 130; day += 1)
      for (const name of ['a', 'b'])
        await store.closeCase(
          caseOf(`${name}${day}`, [
            { failedAt: addDays(at('2025-11-21T09:00Z'), day), outcome: 'recovered', after: 2 },
          ]).record,
        );
    for (let i = 0; i < 40; i += 1)
      await store.closeCase(
        caseOf(`rush${i}`, [{ failedAt: at(`${RUSH}T09:00Z`), outcome: 'recovered', after: 0.1 }]).record,
      );
    return store;
  };

  test('go on the day after they began, in plain text, and once', async () => {
    const door = createDoor({ digest: { alerts: true }, store: await storeWithRush() });
    for (const day of ['2026-03-31', '2026-04-01', '2026-04-01', '2026-04-02'])
      await door.runAt(at(`${day}T05:00Z`));
    expect(door.subjects()).toEqual([`to be looked at, ${RUSH}`]);
    expect(door.sent[0]).toMatchObject({ html: null, files: [] });
    expect(door.sent[0]?.text).toContain('40 on Tuesday, 2026-03-31');
  });
});
