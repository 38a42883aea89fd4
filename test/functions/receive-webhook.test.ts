// The webhook door: what it takes, what it refuses, and what each event costs.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { signPayload } from '../../adapters/stripe/signature.ts';
import { customerKey } from '../../core/ids.ts';
import { DamagedItemError, OutsideError, VersionConflictError } from '../../core/ports.ts';
import { isKnown } from '../../core/recovery/customer.ts';
import { addMs } from '../../core/time.ts';
import { createDoor, NOW, SECRET } from '../support/door.ts';
import { dispute, invoicePayment, stripeEvent } from '../support/stripe-events.ts';
import { story } from '../support/story.ts';

const KEY = customerKey('stripe', 'cus_1');
const failed = () => story().failed(0, { told: false, next: 3 })[0];

describe('what an event costs', () => {
  test('a first failure is one read and one write, and is due at once', async () => {
    const store = createMemoryStore();
    const door = createDoor({ store });
    expect(await door.post(failed())).toEqual({ status: 200, body: { outcome: 'recorded' } });
    expect(door.counted.counts).toEqual({ reads: 1, writes: 1 });
    expect((await store.load(KEY, NOW)).dueAt).toBe(NOW);
  });

  test('the same event again is one read and no write (A2, A21)', async () => {
    const door = createDoor();
    const event = failed();
    await door.post(event);
    door.counted.reset();
    expect(await door.post(event)).toEqual({ status: 200, body: { outcome: 'unchanged' } });
    expect(door.counted.counts).toEqual({ reads: 1, writes: 0 });
  });

  test('an event that is not used is neither a read nor a write, and says why', async () => {
    const door = createDoor();
    const answer = await door.post(stripeEvent('invoice.upcoming', { object: 'invoice', customer: 'cus_1' }));
    expect(answer).toEqual({
      status: 200,
      body: { outcome: 'ignored', reason: 'an invoice not made yet has no id' },
    });
    expect(door.counted.counts).toEqual({ reads: 0, writes: 0 });
  });

  const s = story();
  test.each([
    ['a paid invoice', s.paid(0)[0]],
    ['an ended subscription', s.subscription('deleted', 0, { status: 'canceled' })[0]],
    ['a deleted customer', s.customer('deleted', 0)[0]],
    ['a changed customer', s.customer('updated', 0)[0]],
    ['a voided invoice', s.told('invoice.voided', 0, { status: 'void' })[0]],
    ['a declined charge alone', s.failed(0)[0]],
    ['a $0 invoice paid at the start of a trial (C31)', s.paid(0, { amount_due: 0, amount_paid: 0 })[0]],
    ['a failure of nothing', s.told('invoice.payment_failed', 0, { amount_due: 0, amount_remaining: 0 })[0]],
  ])('%s of a customer nobody knows is one read and no write', async (_what, event) => {
    const store = createMemoryStore();
    const door = createDoor({ store });
    const answer = await door.post(event);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ outcome: 'ignored' });
    expect(door.counted.counts).toEqual({ reads: 1, writes: 0 });
    expect(isKnown(await store.load(KEY, NOW))).toBe(false);
  });

  test.each([
    ['a dispute', stripeEvent('charge.dispute.created', dispute())],
    ['a part-payment', stripeEvent('invoice_payment.paid', invoicePayment())],
  ])('%s names no customer: one write keeps it for the clock, once', async (_what, event) => {
    const door = createDoor();
    expect((await door.post(event)).body).toEqual({ outcome: 'kept' });
    expect(door.counted.counts).toEqual({ reads: 0, writes: 1 });
    expect((await door.post(event)).body).toEqual({ outcome: 'unchanged' });
  });
});

describe('order and repetition at the door', () => {
  test('two deliveries of one event at the same moment have one effect and both get 200 (A2)', async () => {
    const store = createMemoryStore();
    const door = createDoor({ store });
    const answers = await Promise.all([door.post(failed()), door.post(failed())]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await store.load(KEY, NOW)).version).toBe(1);
  });

  test('a failure that comes after the payment leaves it paid (A5)', async () => {
    const store = createMemoryStore();
    const door = createDoor({ store });
    const s = story();
    const [first, second] = [s.failed(0, { told: false })[0], s.failed(3, { told: false, attempt: 2 })[0]];
    for (const event of [first, s.paid(2)[0], second]) await door.post(event);
    expect((await store.load(KEY, NOW)).facts.invoices['in_1']?.status).toBe('paid');
  });

  test('a crash after the write is told as a failure, and the redelivery finds it recorded (A1)', async () => {
    const store = createMemoryStore();
    let crashes = 1;
    const door = createDoor({
      store: {
        ...store,
        save: async (customer) => {
          await store.save(customer);
          if (crashes-- > 0) throw new OutsideError('the answer was lost', 'later');
        },
      },
    });
    expect((await door.post(failed())).status).toBe(503);
    expect(await door.post(failed())).toEqual({ status: 200, body: { outcome: 'unchanged' } });
  });
});

describe('what is refused', () => {
  const header = (body: string, secret = SECRET, at = NOW) => ({
    headers: { 'stripe-signature': signPayload(Buffer.from(body), secret, at) },
  });
  const body = JSON.stringify(failed());

  test.each([
    ['a wrong secret', header(body, 'whsec_other')],
    ['a signature of 6 minutes ago (A16)', header(body, SECRET, addMs(NOW, -360_000))],
    ['a signature of 6 minutes ahead (A16)', header(body, SECRET, addMs(NOW, 360_000))],
    ['a body changed after signing', { ...header(body), body: body.replace('2500', '2501') }],
    ['no signature', { headers: {} }],
    ['a header of nonsense', { headers: { 'stripe-signature': 'v1=zz,t=,,' } }],
  ])('%s is a 400 that tells nothing, and writes nothing', async (_what, tweak) => {
    const door = createDoor();
    expect(await door.post(body, tweak)).toEqual({
      status: 400,
      body: { outcome: 'refused', reason: 'the signature does not fit' },
    });
    expect(door.counted.counts).toEqual({ reads: 0, writes: 0 });
  });

  const negative = story({ invoice: { amount_due: -5 } }).failed(0, { told: false })[0];
  const absurd = story({ invoice: { amount_due: 1e30 } }).failed(0, { told: false })[0];
  test.each([
    ['what is not JSON', '{"id":', /not JSON/],
    ['an empty body', '', /not JSON/],
    ['a list', '[]', /not an object/],
    ['null', 'null', /not an object/],
    ['a negative amount', JSON.stringify(negative), /amount_due/],
    ['an absurd amount', JSON.stringify(absurd), /amount_due/],
    [
      'an event without an object',
      JSON.stringify({ ...stripeEvent('invoice.paid', {}), data: null }),
      /data/,
    ],
  ])('%s is a 400 that names it, and writes nothing', async (_what, text, reason) => {
    const door = createDoor();
    const answer = await door.post(text);
    expect(answer.status).toBe(400);
    expect(answer.body['reason']).toMatch(reason);
    expect(door.counted.counts).toEqual({ reads: 0, writes: 0 });
  });

  test('a body over 1 MiB is refused before anything else is done with it', async () => {
    const answer = await createDoor().post(JSON.stringify({ filler: 'x'.repeat(1024 * 1024) }));
    expect(answer.status).toBe(413);
  });

  test('a connection nobody configured is a 404, also one named like a part of every object', async () => {
    for (const connection of ['other', 'constructor', '__proto__']) {
      const answer = await createDoor().post(body, { pathParameters: { connection } });
      expect(answer.status).toBe(404);
    }
  });

  test('a live event at a door for test events is acknowledged and left alone (A12)', async () => {
    const door = createDoor();
    const answer = await door.post(story({ livemode: true }).failed(0, { told: false })[0]);
    expect(answer.status).toBe(200);
    expect(answer.body['reason']).toMatch(/live/);
    expect(door.counted.counts).toEqual({ reads: 0, writes: 0 });
  });
});

describe('what is taken', () => {
  test('a body in base64 with letters of many bytes verifies to the byte (A15)', async () => {
    const event = story({ name: 'Žofia 山田 ☂' }).failed(0, { told: false })[0];
    const text = JSON.stringify(event);
    const door = createDoor();
    const answer = await door.post(text, {
      body: Buffer.from(text).toString('base64'),
      isBase64Encoded: true,
    });
    expect(answer).toEqual({ status: 200, body: { outcome: 'recorded' } });
  });

  test('either of two secrets, while one is rolled', async () => {
    const door = createDoor({ connection: { secrets: async () => ['whsec_new', SECRET] } });
    expect((await door.post(failed())).status).toBe(200);
  });

  test('a header in capitals', async () => {
    const text = JSON.stringify(failed());
    const headers = { 'Stripe-Signature': signPayload(Buffer.from(text), SECRET, NOW) };
    expect((await createDoor().post(text, { headers })).status).toBe(200);
  });
});

describe('when the store fails', () => {
  test.each([
    ['is down', new OutsideError('down', 'later'), 503],
    ['throttles', new OutsideError('slow down', 'later', true), 503],
    ['holds a damaged item', new DamagedItemError('body: not JSON'), 500],
    ['breaks in a way nobody foresaw', new TypeError('x is not a function'), 500],
  ])(
    'a store that %s makes the sender deliver again, and tells only the operator',
    async (_what, error, status) => {
      const told: unknown[] = [];
      const store = createMemoryStore({
        fault: () => {
          throw error;
        },
      });
      const answer = await createDoor({ store, onError: (one) => told.push(one) }).post(failed());
      expect(answer).toEqual({
        status,
        body: { outcome: 'failed', reason: 'not recorded; deliver it again' },
      });
      expect(told).toEqual([error]);
    },
  );

  test('eight lost races end in a 503, and not one more write is tried', async () => {
    const store = createMemoryStore({
      fault: (operation) => {
        if (operation === 'save') throw new VersionConflictError('another writer was first');
      },
    });
    const door = createDoor({ store });
    expect((await door.post(failed())).status).toBe(503);
    expect(door.counted.counts).toEqual({ reads: 8, writes: 8 });
  });
});
