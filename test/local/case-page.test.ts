// The page of a case as the business reads it: what the customer told, in words that do nothing, and what became of mails.
import { afterEach, describe, expect, test } from 'vitest';
import { withAnswer, type Told } from '../../core/recovery/answers.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import type { Delivery } from '../../core/recovery/fact.ts';
import { mergeAll } from '../../core/recovery/merge.ts';
import { plan } from '../../core/recovery/plan.ts';
import { addMs, toMs } from '../../core/time.ts';
import { close } from '../../core/workflows/operate.ts';
import type { Source } from '../../local/server/system.ts';
import { story } from '../support/story.ts';
import { refund, stripeEvent } from '../support/stripe-events.ts';
import { MACHINE, startRig, tidyUp, type Rig } from './server-rig.ts';

afterEach(tidyUp);

const NO_EVENTS: Source = { kind: 'demo', seed: 1, subscriptions: 0 };
const s = story({ n: 1, start: toMs(MACHINE) / 1000 });
const HOSTILE = `<script>alert(1)</script> {{7*7}} "'><img src=x onerror=alert(2)>`;

/** One open case, and a way to change its customer behind the pages' back. */
const startCase = async () => {
  const rig = await startRig({ source: NO_EVENTS });
  for (const event of s.failed(0, { code: 'expired_card' })) await rig.deliver(event);
  await rig.system.tick();
  await rig.moveClock({ advance: '2d' });
  const store = await rig.system.useStore();
  const [booked] = rig.system.books.all();
  if (!booked) throw new Error('no case was opened');
  const { key, id } = booked.record;
  const path = `/cases/${key}/${id}`;
  return {
    rig,
    page: () => rig.get(path),
    changed: async (change: (customer: Customer) => Customer) => {
      const customer = await store.load(key, rig.system.now());
      await store.save({ ...change(customer), version: customer.version + 1 });
    },
    close: async () => {
      const by = { who: 'Anna', note: 'x', ifVersion: null };
      const deps = { store, backOff: async () => {} };
      expect(await close(deps, key, 'lost', null, by, rig.system.now())).toMatchObject({ kind: 'done' });
      const customer = await store.load(key, rig.system.now());
      const closed = plan(customer, rig.system.policy, rig.system.now()).customer;
      await store.save({ ...closed, version: customer.version + 1 });
    },
  };
};

const told = (changes: Partial<Told>): Told => ({ kind: 'other', promisedDay: null, text: null, ...changes });

const answered = (rig: Rig, ...answers: (readonly [Told, boolean])[]) => {
  const now = rig.system.now();
  return (customer: Customer): Customer =>
    answers.reduce((all, [answer, held]) => withAnswer(all, answer, held, now), customer);
};

describe('what the customer told', () => {
  test('stands on the page of the case, with what came of it and their own words as text', async () => {
    const { rig, page, changed } = await startCase();
    expect((await page()).text).not.toContain('Told by the customer');
    await changed(
      answered(
        rig,
        [told({ kind: 'promise', promisedDay: '2026-12-04' }), true],
        [told({ kind: 'promise', promisedDay: '2026-12-11', text: 'sorry, later' }), false],
        [told({ kind: 'too_expensive', text: HOSTILE }), false],
      ),
    );
    const { text } = await page();
    expect(text).toContain('>Told by the customer</h2>');
    expect(text).toMatch(
      /Will pay on <time>2026-12-04<\/time>[\s\S]*Became a hold until the end of that day/,
    );
    expect(text).toMatch(/Will pay on <time>2026-12-11<\/time>[\s\S]*sorry, later[\s\S]*Holds nothing back/);
    expect(text).toContain('Too expensive');
    expect(text).toContain('<bdi>&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} &quot;&#39;&gt;&lt;img');
    expect(text).not.toMatch(/<script|<img/);
  });

  test('stays in a closed case without their own words', async () => {
    const { rig, page, changed, close: closeIt } = await startCase();
    await changed(answered(rig, [told({ kind: 'not_using', text: 'my secret' }), false]));
    expect((await page()).text).toContain('my secret');
    await closeIt();
    const { text } = await page();
    expect(text).toContain('Does not use it');
    expect(text).toContain('not kept');
    expect(text).not.toContain('my secret');
  });
});

describe('what the mail service told', () => {
  test('stands with the step, with the mail, and with the address that no mail goes to any more', async () => {
    const { rig, page, changed } = await startCase();
    const [mail] = rig.system.mails;
    if (!mail) throw new Error('no mail was sent');
    expect((await rig.get('/outbox/1')).text).not.toContain('The mail service told');
    const now = rig.system.now();
    const delivery = (event: Delivery['event'], hours: number, unreachable = false) => ({
      kind: 'delivery' as const,
      at: addMs(now, hours * 3_600_000),
      source: 'event' as const,
      delivery: {
        caseId: mail.caseId,
        subjectId: mail.subjectId,
        stepId: mail.stepId,
        event,
        address: mail.to.toUpperCase(),
        unreachable,
      },
    });
    await changed((customer) => ({
      ...customer,
      facts: mergeAll(customer.facts, [delivery('bounced', -1, true), delivery('sent', -2)]),
    }));
    const words = /taken <time datetime="[^"]+">[^<]+<\/time> · came back <time/;
    const { text } = await page();
    expect(text).toMatch(words);
    expect(text).toContain(`<bdi>${mail.to}</bdi><small>No mail goes there`);
    expect((await rig.get('/outbox/1')).text).toMatch(words);
  });

  test('is nothing on the page of a mail whose case is over', async () => {
    const { rig, close: closeIt, page } = await startCase();
    await closeIt();
    expect((await rig.get('/outbox/1')).text).not.toContain('The mail service told');
    expect((await page()).status).toBe(200);
  });
});

describe('money that moved after the case was closed', () => {
  test('stands on its page with its time and its amount; the books stay as they were', async () => {
    const { rig, page } = await startCase();
    const payment = { charge: 'ch_paid', payment_intent: 'pi_1' };
    for (const event of s.paid(2, payment)) await rig.deliver(event);
    await rig.system.tick();
    await rig.moveClock({ advance: '1d' });
    const before = await page();
    expect(before.text).toContain('The case is closed');
    expect(before.text).not.toContain('Money since then');
    const created = Math.floor(toMs(rig.system.now()) / 1000);
    const object = refund({ ...payment, amount: 900, currency: 'usd', customer: s.customerId, created });
    await rig.deliver(stripeEvent('refund.created', object, { created }));
    await rig.system.tick();
    await rig.moveClock({ advance: '1h' });
    expect((await page()).text).toMatch(/Money since then[\s\S]*\$9\.00 of <bdi>in_1<\/bdi> refunded/);
    expect(rig.system.books.all()).toMatchObject([{ record: { invoices: [{ recoveredMinor: 2500 }] } }]);
  });
});
