// The DynamoDB store on an embedded engine: the contract, and what is DynamoDB's own.
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { BatchGetItemCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { adjustmentItem } from '../../../adapters/dynamodb/items.ts';
import { createRequests, placeOf } from '../../../adapters/dynamodb/requests.ts';
import { SHARDS, shardOf } from '../../../adapters/dynamodb/table-shape.ts';
import { DamagedItemError, OutsideError } from '../../../core/ports.ts';
import type { KeptCase, Store } from '../../../core/ports.ts';
import { newCustomer } from '../../../core/recovery/customer.ts';
import type { Customer } from '../../../core/recovery/customer.ts';
import { merge } from '../../../core/recovery/merge.ts';
import { addMs, toMs } from '../../../core/time.ts';
import type { Instant } from '../../../core/time.ts';
import {
  FAILED_AT,
  adjustmentOf,
  at,
  bookOf,
  closedCaseOf,
  customerOf,
  factsOf,
  keyOf,
  lineOf,
  openCaseOf,
  unroutedOf,
} from '../../support/customers.ts';
import { ANA, customerFact, factsFrom, failedFact, subscriptionFact } from '../../support/facts.ts';
import { errorOf, storeContract } from './contract.ts';
import { useDynamo } from './dynamo-table.ts';

const NOW = at('2026-03-02T12:00Z');
const KEY = keyOf('cus_1');

const { client, openTable, onRequest, countRequests } = useDynamo();

storeContract('dynamodb', async ({ pageSize } = {}) => {
  const { store, raw } = await openTable(NOW);
  if (pageSize !== undefined) {
    onRequest((input) => {
      if (!('KeyConditionExpression' in input)) return;
      input.Limit = Math.min(Number(input.Limit ?? pageSize), pageSize);
    });
  }
  const damage = (key: string): Promise<void> =>
    raw.set(`CUSTOMER#${key}`, 'CUSTOMER', 'body', { S: '{"v":1,"facts":' });
  return { store, damage };
});

describe('requests', () => {
  test.each<[string, number, (store: Store) => Promise<unknown>]>([
    ['a load', 1, (store) => store.load(KEY, NOW)],
    ['a first save', 1, (store) => store.save(customerOf(KEY))],
    ['a later save that loses', 1, (store) => errorOf(store.save(customerOf(KEY, { version: 2 })))],
    ['setting aside', 1, (store) => store.setAside(KEY, 'why', NOW)],
    ['a look at a shard', 1, (store) => store.due(0, NOW, 25)],
    ['a look at what is set aside, when nothing is', 1, (store) => store.listStuck(25)],
    ['closing a case', 1, (store) => store.closeCase(closedCaseOf(KEY, 'case_in_1'))],
    [
      'an adjustment, and that its case is amended',
      2,
      (store) => store.putAdjustment(adjustmentOf(KEY, 'ch_1')),
    ],
    [
      'reading a hundred cases of fifty customers',
      2,
      async (store) => {
        const keys = Array.from({ length: 50 }, (_, i) => keyOf(`cus_${i}`));
        return store.loadCases(
          keys.flatMap((key) => ['case_a', 'case_b'].map((id) => ({ key, id }))),
          NOW,
        );
      },
    ],
    ['a page of the journal', 1, (store) => store.putJournalPage(KEY, 0, [])],
    ['the newest cases of a month', SHARDS, (store) => store.newestCases('2026-03', 5)],
    ['reading a page of the journal', 1, (store) => store.loadJournalPage(KEY, 0, NOW)],
    ['the closed cases of a customer', 1, (store) => store.listClosedCases(KEY)],
    ['the cases of a month', SHARDS, (store) => store.listCases('2026-03')],
    ['reading a walk', 1, (store) => store.loadWalk('stripe', 'backfill')],
    ['reading a cursor', 1, (store) => store.loadCursor('stripe')],
    ['saving an unrouted fact', 1, (store) => store.saveUnrouted(unroutedOf('evt_1'))],
  ])('%s makes %i', async (_, expected, work) => {
    const { store } = await openTable(NOW);
    expect(await countRequests(() => work(store))).toBe(expected);
  });

  test('a save that changes a stored customer is one conditional write', async () => {
    const { store } = await openTable(NOW);
    await store.save(customerOf(KEY));
    expect(await countRequests(() => store.save(customerOf(KEY, { version: 2 })))).toBe(1);
  });

  test('a full page of what is due asks for no other', async () => {
    const { store } = await openTable(NOW);
    for (let i = 0; i < 60; i += 1) await store.save(customerOf(keyOf(`cus_${i}`), { dueAt: FAILED_AT }));
    expect(await countRequests(() => store.due(shardOf(KEY), NOW, 2))).toBe(1);
  });

  test('a customer is read consistently', async () => {
    const { store } = await openTable(NOW);
    const inputs: Record<string, unknown>[] = [];
    onRequest((input) => inputs.push({ ...input }));
    await store.load(KEY, NOW);
    await store.loadUnrouted('evt_1');
    await store.loadClosedCase(KEY, 'case_in_1');
    expect(inputs.map((input) => input.ConsistentRead)).toStrictEqual([true, true, true]);
  });
});

describe('many cases at once', () => {
  const refs = Array.from({ length: 5 }, (_, i) => ({ key: keyOf(`cus_${i}`), id: 'case_in_1' }));

  test('are asked for adjustments only where there are any, and where nobody knows', async () => {
    const { store, raw } = await openTable(NOW);
    for (const { key, id } of refs) await store.closeCase(closedCaseOf(key, id));
    const late = adjustmentOf(keyOf('cus_3'), 'ch_1');
    await store.putAdjustment(late);
    // An item of before it was written down.
    const of = ['CUSTOMER#stripe/cus_4', 'CASE#case_in_1'] as const;
    const { amended, ...before } = await raw.get(...of);
    expect(amended).toEqual({ BOOL: false });
    await raw.put(before);
    const early = adjustmentOf(keyOf('cus_4'), 'ch_2');
    await raw.put(adjustmentItem(early));
    let loaded: KeptCase[] = [];
    // One for all of them, and one for each of the two.
    expect(await countRequests(async () => (loaded = await store.loadCases(refs, NOW)))).toBe(3);
    expect(loaded.map((one) => one.kind === 'closed' && one.adjustments)).toStrictEqual([
      [],
      [],
      [],
      [late],
      [early],
    ]);
  });

  test('are asked for again when an answer left some out, and given up when it never has them', async () => {
    const left: number[] = [];
    const waits: number[] = [];
    const answering = (most: number) => {
      const send = async ({ input }: { input: BatchGetItemCommandInput }) => {
        const keys = input.RequestItems?.['t']?.Keys ?? [];
        left.push(keys.length);
        const rest = keys.slice(most);
        return {
          Responses: { t: keys.slice(0, most) },
          ...(rest.length > 0 && { UnprocessedKeys: { t: { Keys: rest } } }),
        };
      };
      return createRequests(
        { send } as unknown as DynamoDBClient,
        't',
        async (tries) => void waits.push(tries),
      );
    };
    const places = refs.map(({ key }) => ({ pk: key, sk: 'x' }));
    const found = await answering(2).getMany('loading', [...places, ...places]);
    expect([...found.keys()]).toEqual(places.map(placeOf));
    expect(left).toEqual([5, 3, 1]);
    expect(waits).toEqual([1, 2]);
    const never = await errorOf(answering(0).getMany('loading', places));
    expect(never).toMatchObject({ name: 'OutsideError', retry: 'later', throttled: true });
  });
});

describe('an item', () => {
  test('stands where the table shape says, with its indexes, its version and its TTL', async () => {
    const { store, raw } = await openTable(NOW);
    const expiresAt = at('2026-06-01T00:00:00.001Z');
    const recovery = { ...newCustomer(KEY).recovery, case: openCaseOf('case_in_1') };
    await store.save(customerOf(KEY, { dueAt: NOW, expiresAt, recovery }));
    const { body, writeId, ...rest } = await raw.get('CUSTOMER#stripe/cus_1', 'CUSTOMER');
    expect(rest).toStrictEqual({
      pk: { S: 'CUSTOMER#stripe/cus_1' },
      sk: { S: 'CUSTOMER' },
      version: { N: '1' },
      dueShard: { S: `due#${shardOf(KEY)}` },
      dueAt: { S: NOW },
      caseShard: { S: `2026-03#${shardOf('case_in_1')}` },
      caseSort: { S: `${FAILED_AT}#case_in_1` },
      summary: { S: expect.stringContaining('"failed":4900') },
      expiresAt: { N: String(Math.floor(toMs(expiresAt) / 1000) + 1) },
    });
    expect(JSON.parse(body?.S ?? '')).toMatchObject({ v: 1, version: 1, key: KEY });
    expect(writeId?.S).toHaveLength(36);
  });

  test('carries no attribute of an index in which it does not stand', async () => {
    const { store, raw } = await openTable(NOW);
    await store.save(customerOf(KEY));
    await store.saveUnrouted(unroutedOf('evt_1', { dueAt: null }));
    const attributes = ['body', 'pk', 'sk', 'version', 'writeId'];
    expect(Object.keys(await raw.get(`CUSTOMER#${KEY}`, 'CUSTOMER')).toSorted()).toStrictEqual(attributes);
    expect(Object.keys(await raw.get('UNROUTED#evt_1', 'UNROUTED')).toSorted()).toStrictEqual(attributes);
  });

  test('of a closed case, an adjustment or a journal page is in the customer’s partition', async () => {
    const { store, raw } = await openTable(NOW);
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    await store.putJournalPage(KEY, 7, [lineOf('first')]);
    await store.putJournalPage(KEY, 7, [lineOf('second')]);
    const pk = `CUSTOMER#${KEY}`;
    expect(await raw.get(pk, 'CASE#case_in_1')).toMatchObject({ caseSort: { S: `${FAILED_AT}#case_in_1` } });
    expect(await raw.get(pk, 'ADJUSTMENT#case_in_1#ch_1')).toHaveProperty('body');
    const { body } = await raw.get(pk, `JOURNAL#00000007#${FAILED_AT}`);
    expect(JSON.parse(body?.S ?? '')).toStrictEqual({ v: 1, key: KEY, page: 7, entries: [lineOf('first')] });
  });

  test('that is a page of a journal from before pages were told apart is read, and the next of its number beside it', async () => {
    const { store, raw } = await openTable(NOW);
    const body = JSON.stringify({ v: 1, key: KEY, page: 0, entries: [lineOf('before')] });
    await raw.put({ pk: { S: `CUSTOMER#${KEY}` }, sk: { S: 'JOURNAL#00000000' }, body: { S: body } });
    expect(await store.loadJournalPage(KEY, 0, FAILED_AT)).toStrictEqual([lineOf('before')]);
    await store.putJournalPage(KEY, 0, [{ ...lineOf('back again'), at: NOW }]);
    expect(await store.loadJournalPage(KEY, 0, NOW)).toMatchObject([{ what: 'back again' }]);
    expect(await store.loadJournalPage(KEY, 0, addMs(NOW, -1))).toStrictEqual([lineOf('before')]);
  });

  test('that was set aside keeps its body as it was, and says when and why', async () => {
    const { store, raw } = await openTable(NOW);
    await store.save(customerOf(KEY, { dueAt: NOW }));
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: 'half a bo' });
    await store.setAside(KEY, 'x'.repeat(9000), NOW);
    const item = await raw.get(`CUSTOMER#${KEY}`, 'CUSTOMER');
    expect(item.body).toStrictEqual({ S: 'half a bo' });
    expect(item.setAside).toStrictEqual({ M: { at: { S: NOW }, why: { S: 'x'.repeat(500) } } });
    expect(item).toMatchObject({ dueShard: { S: 'stuck' }, dueAt: { S: NOW } });
  });

  test('that was set aside stands in the partition of what waits for a person, without a TTL', async () => {
    const { store, raw } = await openTable(NOW);
    await store.save(customerOf(KEY, { dueAt: FAILED_AT, setAsideAt: NOW, expiresAt: NOW }));
    await store.saveUnrouted(unroutedOf('evt_1', { setAsideAt: NOW, setAsideWhy: 'unknown charge' }));
    await store.save(customerOf(keyOf('cus_2'), { expiresAt: NOW }));
    await store.setAside(keyOf('cus_2'), 'why', NOW);
    const placed = { dueShard: { S: 'stuck' }, dueAt: { S: NOW } };
    for (const [pk, sk] of [
      [`CUSTOMER#${KEY}`, 'CUSTOMER'],
      [`CUSTOMER#${keyOf('cus_2')}`, 'CUSTOMER'],
      ['UNROUTED#evt_1', 'UNROUTED'],
    ] as const) {
      const item = await raw.get(pk, sk);
      expect(item).toMatchObject(placed);
      expect(item).not.toHaveProperty('expiresAt');
    }
  });

  test('that was set aside as damaged and then put right still waits for a person', async () => {
    const { store, raw } = await openTable(NOW);
    const customer = customerOf(KEY, { dueAt: NOW });
    await store.save(customer);
    const { body } = await raw.get(`CUSTOMER#${KEY}`, 'CUSTOMER');
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: 'half a bo' });
    await store.setAside(KEY, 'cannot be read', NOW);
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: body?.S ?? '' });
    expect(await store.load(KEY, NOW)).toStrictEqual({ ...customer, setAsideAt: NOW });
    expect(await store.listStuck(10)).toMatchObject([{ key: KEY, why: 'cannot be read' }]);
  });

  test('that was set aside and damaged since is listed with what is wrong, and hides no other', async () => {
    const { store, raw } = await openTable(NOW);
    await store.save(customerOf(KEY, { setAsideAt: FAILED_AT }));
    await store.saveUnrouted(unroutedOf('evt_1', { setAsideAt: FAILED_AT, setAsideWhy: 'why' }));
    await store.save(customerOf(keyOf('cus_2'), { setAsideAt: NOW }));
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: '{"v":1}' });
    await raw.set('UNROUTED#evt_1', 'UNROUTED', 'body', { S: '{"v":1}' });
    const listed = await store.listStuck(10);
    expect(listed).toHaveLength(3);
    expect(listed).toContainEqual({
      kind: 'customer',
      key: KEY,
      setAsideAt: FAILED_AT,
      why: 'customer stripe/cus_1 cannot be read: its field "key" is missing or not what it should be',
      tries: 0,
    });
    expect(listed).toContainEqual({
      kind: 'unrouted',
      id: 'evt_1',
      setAsideAt: FAILED_AT,
      why: 'unrouted fact evt_1 cannot be read: its field "id" is missing or not what it should be',
      tries: 0,
      reference: null,
    });
  });

  test('that was written before facts had a time of being set aside is read all the same', async () => {
    const { store, raw } = await openTable(NOW);
    await store.saveUnrouted(unroutedOf('evt_1'));
    const { setAsideAt: _, ...older } = unroutedOf('evt_1');
    await raw.set('UNROUTED#evt_1', 'UNROUTED', 'body', { S: JSON.stringify({ v: 1, ...older }) });
    expect(await store.loadUnrouted('evt_1')).toStrictEqual(unroutedOf('evt_1'));
  });

  test('written before facts had plans, metadata and the like is read with these unknown', async () => {
    const { store, raw } = await openTable(NOW);
    const told = factsFrom(failedFact('__proto__', { contact: ANA }), customerFact(), subscriptionFact());
    const stored = customerOf(KEY, { facts: told });
    const lacking = { customerSince: 0, timeZone: 0, metadata: 0, planIds: 0, productIds: 0, interval: 0 };
    const more = { startedAt: 0, currentPeriodEnd: 0, trialEndsAt: 0 };
    const old = JSON.stringify({ v: 1, ...stored }, (field, value: unknown) =>
      Object.hasOwn({ ...lacking, ...more }, field) ? undefined : value,
    );
    await store.save(stored);
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: old });
    const { facts } = await store.load(KEY, NOW);
    expect(facts).toStrictEqual(told);
    for (const fact of [failedFact('__proto__', { contact: ANA }), customerFact(), subscriptionFact()]) {
      expect(merge(facts, fact)).toBe(facts);
    }
  });

  test('and the closed case, written before requests were counted, are read with these not counted', async () => {
    const { store, raw } = await openTable(NOW);
    const [customer, record] = [customerOf(KEY), closedCaseOf(KEY, 'case_in_1')];
    const older = (body: object) => ({
      S: JSON.stringify({ v: 1, ...body }, (field, value: unknown) =>
        field === 'requests' ? undefined : value,
      ),
    });
    await store.save(customer);
    await store.closeCase(record);
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', older(customer));
    await raw.set(`CUSTOMER#${KEY}`, 'CASE#case_in_1', 'body', older(record));
    expect(await store.load(KEY, NOW)).toStrictEqual({ ...customer, requests: null });
    expect(await store.loadClosedCase(KEY, 'case_in_1')).toStrictEqual({ ...record, requests: null });
  });

  test('whose newer facts are known comes back as it was', async () => {
    const { store } = await openTable(NOW);
    const metadata = Object.fromEntries([['__proto__', 'gold']]);
    const facts = factsFrom(
      customerFact({ timeZone: 'Asia/Tokyo', metadata }, { since: FAILED_AT }),
      subscriptionFact({ planIds: ['price_1'], interval: { unit: 'month', count: 3 }, amountMinor: 5 }),
      failedFact('in_1', { details: { planIds: ['price_1'], productIds: ['prod_1'] } }),
    );
    await store.save(customerOf(KEY, { facts }));
    expect((await store.load(KEY, NOW)).facts).toStrictEqual(facts);
  });

  test('of a kind this version does not know holds up no shard', async () => {
    const { store, raw } = await openTable(NOW);
    const shard = shardOf(KEY);
    for (const n of [1, 2, 3]) {
      const due = { dueShard: { S: `due#${shard}` }, dueAt: { S: FAILED_AT } };
      await raw.put({ pk: { S: `LETTER#${n}` }, sk: { S: 'LETTER' }, ...due });
    }
    await store.save(customerOf(KEY, { dueAt: NOW }));
    expect(await store.due(shard, NOW, 1)).toStrictEqual([{ kind: 'customer', key: KEY, dueAt: NOW }]);
  });

  test('with an index key that AWS refuses never leaves for the table', async () => {
    const { store } = await openTable(NOW);
    const requests: unknown[] = [];
    onRequest((input) => requests.push(input));
    for (const wrong of ['', '2026-03-01', '2026-03-01T09:00:00Z', 'null'] as unknown as Instant[]) {
      await expect(store.save(customerOf(KEY, { dueAt: wrong }))).rejects.toThrow('is not an instant');
      await expect(store.saveUnrouted(unroutedOf('evt_1', { dueAt: wrong }))).rejects.toThrow(
        'is not an instant',
      );
      const opened = closedCaseOf(KEY, 'case_in_1', { openedAt: wrong });
      await expect(store.closeCase(opened)).rejects.toThrow('is not an instant');
    }
    expect(requests).toStrictEqual([]);
  });

  test.each([
    ['no id', '', 'lacks an id'],
    ['half a surrogate pair, which would fall together with another', 'evt_\uD83D', 'not well-formed'],
    ['more than DynamoDB takes', '€'.repeat(1000), 'too long'],
  ])('with %s is refused', async (_, id, why) => {
    const { store } = await openTable(NOW);
    await expect(store.saveUnrouted(unroutedOf(id))).rejects.toThrow(why);
    await expect(store.putAdjustment(adjustmentOf(KEY, id))).rejects.toThrow(why);
    await expect(store.closeCase(closedCaseOf(KEY, id))).rejects.toThrow(why);
  });

  test('of which the TTL is over is absent, removed or not', async () => {
    const { store, raw } = await openTable(NOW);
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_2'));
    const expire = (sk: string, ms: number): Promise<void> =>
      raw.set(`CUSTOMER#${KEY}`, sk, 'expiresAt', { N: String((toMs(NOW) + ms) / 1000) });
    await expire('CASE#case_in_1', 1000);
    expect(await store.loadClosedCase(KEY, 'case_in_1')).not.toBeNull();
    await expire('CASE#case_in_1', 0);
    await expire('ADJUSTMENT#case_in_1#ch_1', -1000);
    expect(await store.loadClosedCase(KEY, 'case_in_1')).toBeNull();
    expect(await store.listAdjustments(KEY)).toStrictEqual([adjustmentOf(KEY, 'ch_2')]);
  });
});

describe('an item that is not what it should be', () => {
  type Body = Record<string, unknown> & { facts: Record<string, unknown>; recovery: Record<string, unknown> };

  test.each<[string, (body: Body) => unknown]>([
    ['body', () => null],
    ['v', (body) => ({ ...body, v: undefined })],
    ['v', () => 'a text'],
    ['key', (body) => ({ ...body, key: 'stripe/cus_2' })],
    ['version', (body) => ({ ...body, version: '1' })],
    ['version', (body) => ({ ...body, version: 2 })],
    ['dueAt', (body) => ({ ...body, dueAt: '2026-03-01' })],
    ['expiresAt', (body) => ({ ...body, expiresAt: undefined })],
    ['pending.leaseUntil', (body) => ({ ...body, pending: { token: 1, armed: null } })],
    ['outbox.closed', (body) => ({ ...body, outbox: [] })],
    ['facts', (body) => ({ ...body, facts: null })],
    ['facts.contact', (body) => ({ ...body, facts: { ...body.facts, contact: 'ana@example.com' } })],
    ['facts.invoices', (body) => ({ ...body, facts: { ...body.facts, invoices: [] } })],
    ['facts.invoices', (body) => ({ ...body, facts: { ...body.facts, invoices: { in_1: { id: 'in_1' } } } })],
    ['facts.attempts', (body) => ({ ...body, facts: { ...body.facts, attempts: { ch_1: null } } })],
    ['facts.mandates', (body) => ({ ...body, facts: { ...body.facts, mandates: { pm_1: 'active' } } })],
    ['facts.tombstones', (body) => ({ ...body, facts: { ...body.facts, tombstones: undefined } })],
    ['recovery', (body) => ({ ...body, recovery: undefined })],
    ['recovery.journal', (body) => ({ ...body, recovery: { ...body.recovery, journal: 'ana@example.com' } })],
    ['recovery.case.books', (body) => ({ ...body, recovery: withBook(body, { openMinor: 0.5 }) })],
    ['recovery.case.books', (body) => ({ ...body, recovery: withBook(body, { currency: null }) })],
    ['recovery.case.ladders', (body) => ({ ...body, recovery: withLadder(body, { steps: null }) })],
  ])('names itself and its field "%s", never what stands in it (%#)', async (field, change) => {
    const { store, raw } = await openTable(NOW);
    const recovery = { ...newCustomer(KEY).recovery, case: openCaseOf('case_in_1') };
    const stored = customerOf(KEY, { recovery });
    await store.save(stored);
    const changed = change({ v: 1, ...stored });
    const text = changed === null ? '{"contact":"ana@example.com",' : JSON.stringify(changed);
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: text });
    const error = await errorOf(store.load(KEY, NOW));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(error.message).toContain(`customer stripe/cus_1 cannot be read: its field "${field}"`);
    expect(error.message).not.toContain('ana@example');
    expect(error.cause).toBeUndefined();
  });

  const withCase = (body: Body, change: (found: Record<string, unknown[]>) => object): object => ({
    ...body.recovery,
    case: change(body.recovery.case as Record<string, unknown[]>),
  });
  const withBook = (body: Body, change: object): object =>
    withCase(body, (found) => ({ ...found, books: [{ ...bookOf('in_1'), ...change }] }));
  const withLadder = (body: Body, change: object): object =>
    withCase(body, (found) => ({ ...found, ladders: [{ ...(found.ladders?.[0] as object), ...change }] }));

  test('of a newer format is no damage: it is to be tried again, and says what to do', async () => {
    const { store, raw } = await openTable(NOW);
    await store.save(customerOf(KEY));
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: '{"v":2}' });
    const error = await errorOf(store.load(KEY, NOW));
    expect(error).toBeInstanceOf(OutsideError);
    expect(error).toMatchObject({
      retry: 'later',
      message: expect.stringContaining('newer version of Recoup'),
    });
  });

  test.each<[string, string, string, (store: Store) => Promise<unknown>]>([
    ['a version', 'CUSTOMER', 'version', (store) => store.load(KEY, NOW)],
    ['a closed case', 'CASE#case_in_1', 'body', (store) => store.loadClosedCase(KEY, 'case_in_1')],
    ['a summary', 'CASE#case_in_1', 'summary', (store) => store.listCases('2026-03')],
    ['an adjustment', 'ADJUSTMENT#case_in_1#ch_1', 'body', (store) => store.listAdjustments(KEY)],
  ])('is found out in %s too', async (_, sk, attribute, read) => {
    const { store, raw } = await openTable(NOW);
    await store.save(customerOf(KEY));
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    await raw.set(`CUSTOMER#${KEY}`, sk, attribute, { S: '{"v":1}' });
    const error = await errorOf(read(store));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(String(error)).toContain('stripe/cus_1');
  });

  test.each([
    '{"v":1,"connection":"stripe","version":1,"undelivered":"2026-03-02","all":null}',
    '{"v":1,"connection":"stripe","version":2,"undelivered":null,"all":null}',
    '{"v":1,"connection":"stripe-eu","version":1,"undelivered":null,"all":null}',
  ])('of a cursor names its connection: %s', async (body) => {
    const { store, raw } = await openTable(NOW);
    await store.saveCursor({ connection: 'stripe', version: 1, undelivered: NOW, all: NOW });
    await raw.set('CURSOR#stripe', 'CURSOR', 'body', { S: body });
    const error = await errorOf(store.loadCursor('stripe'));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(String(error)).toContain('the cursor of connection stripe cannot be read');
  });

  const walk = {
    connection: 'stripe',
    task: 'backfill',
    version: 1,
    at: null,
    startedAt: NOW,
    doneAt: NOW,
    seen: 1,
  } as const;

  test.each([
    { seen: undefined },
    { version: 2 },
    { connection: 'stripe-eu' },
    { task: 'look_ahead' },
    { at: { list: 'customers', after: null } },
    { startedAt: '2026-03-02' },
  ])('of a walk names its task and connection: %j', async (damage) => {
    const { store, raw } = await openTable(NOW);
    await store.saveWalk(walk);
    const body = JSON.stringify({ v: 1, ...walk, ...damage });
    await raw.set('WALK#stripe#backfill', 'WALK', 'body', { S: body });
    const error = await errorOf(store.loadWalk('stripe', 'backfill'));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(String(error)).toContain('the walk backfill of connection stripe cannot be read');
  });

  test('of an unrouted fact names it', async () => {
    const { store, raw } = await openTable(NOW);
    await store.saveUnrouted(unroutedOf('evt_1'));
    await raw.set('UNROUTED#evt_1', 'UNROUTED', 'body', { S: '{"v":1,"id":"evt_1"}' });
    await expect(store.loadUnrouted('evt_1')).rejects.toThrow('unrouted fact evt_1 cannot be read');
  });
});

const long = (kb: number): string => 'x'.repeat(kb * 1024);

const named = (name: string): Partial<Customer> => {
  const { contact } = factsOf();
  return { facts: factsOf({ contact: contact && { ...contact, value: { ...contact.value, name } } }) };
};

describe('an item over 380 KB', () => {
  test('is refused for good before it is sent, by name', async () => {
    const { store } = await openTable(NOW);
    const requests: unknown[] = [];
    onRequest((input) => requests.push(input));
    const error = await errorOf(store.save(customerOf(KEY, named(long(380)))));
    expect(error).toBeInstanceOf(OutsideError);
    expect(error).toMatchObject({ retry: 'never', throttled: false });
    expect(String(error)).toContain('customer stripe/cus_1 is too large to store');
    expect(requests).toStrictEqual([]);
  });

  test('is measured in bytes, not letters', async () => {
    const { store } = await openTable(NOW);
    await expect(store.save(customerOf(KEY, named('€'.repeat(130 * 1024))))).rejects.toThrow('too large');
  });

  test('is the first that is: one just below is taken whole', async () => {
    const { store } = await openTable(NOW);
    const customer = customerOf(KEY, named(long(377)));
    await store.save(customer);
    expect(await store.load(KEY, NOW)).toStrictEqual(customer);
  });

  test('of any other kind is refused too', async () => {
    const { store } = await openTable(NOW);
    const journal = [lineOf(long(400))];
    await expect(store.closeCase(closedCaseOf(KEY, 'case_in_1', { journal }))).rejects.toThrow(
      'case case_in_1',
    );
    await expect(store.putJournalPage(KEY, 3, journal)).rejects.toThrow(
      'journal page 3 of customer stripe/cus_1',
    );
    const unrouted = unroutedOf('evt_1', { setAsideWhy: long(400) });
    await expect(store.saveUnrouted(unrouted)).rejects.toThrow('unrouted fact evt_1');
  });
});

test('the index of what is due carries keys only, and the index of cases the summary', async () => {
  const { store, tableName } = await openTable(NOW);
  const recovery = { ...newCustomer(KEY).recovery, case: openCaseOf('case_in_1') };
  await store.save(customerOf(KEY, { dueAt: NOW, recovery }));
  const query = async (IndexName: string, name: string, value: string): Promise<string[]> => {
    const { Items } = await client().send(
      new QueryCommand({
        TableName: tableName,
        IndexName,
        KeyConditionExpression: `${name} = :value`,
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );
    return Object.keys(Items?.[0] ?? {}).toSorted();
  };
  expect(await query('due', 'dueShard', `due#${shardOf(KEY)}`)).toStrictEqual([
    'dueAt',
    'dueShard',
    'pk',
    'sk',
  ]);
  expect(await query('cases', 'caseShard', `2026-03#${shardOf('case_in_1')}`)).toStrictEqual([
    'caseShard',
    'caseSort',
    'pk',
    'sk',
    'summary',
  ]);
});
