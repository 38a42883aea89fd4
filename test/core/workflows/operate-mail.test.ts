// What an operator does about mail by hand: links that were passed on, and addresses that work again.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { addressOf, isUnreachable } from '../../../core/recovery/customer.ts';
import { expiryOf } from '../../../core/recovery/close.ts';
import { addDays, addMs } from '../../../core/time.ts';
import { revokeLinks, writeAgain, type OperateDeps } from '../../../core/workflows/operate.ts';
import { keyOf } from '../../support/customers.ts';
import { debtor, KEY, NOW, openPage } from '../../support/customer-page.ts';
import { customerFact, customerFrom, day, deliveryFact, failedFact, goneFact } from '../../support/facts.ts';
import { ANNA, operated, pass, policyOf } from '../../support/operating.ts';

const POLICY = policyOf();
const bounced = (address: string) =>
  deliveryFact('bounced', { stepId: 'first', address, unreachable: true }, { at: day(1.1) });

describe('links that are revoked', () => {
  test('lead nowhere, and those of the next mail work', async () => {
    const rig = await openPage();
    const deps: OperateDeps = { store: rig.store, backOff: async () => {} };
    const old = rig.token();
    expect(await revokeLinks(deps, KEY, ANNA, addMs(NOW, 1000))).toMatchObject({ kind: 'done' });
    expect((await rig.get(`/c/${old}`)).statusCode).toBe(404);
    expect((await rig.post(`/c/${old}/pay`, 'invoice=in_1')).statusCode).toBe(404);
    const unsubscribing = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    expect((await rig.post(`/u/${unsubscribing}`, 'List-Unsubscribe=One-Click')).statusCode).toBe(404);
    const fresh = rig.token({ issuedAt: addMs(NOW, 2000) });
    rig.pass(3000);
    expect((await rig.get(`/c/${fresh}`)).statusCode).toBe(200);
    expect((await rig.stored()).recovery.journal).toMatchObject([
      { what: 'links revoked by Anna', why: ANNA.note },
    ]);
  });

  test('stay so for as long as any of them could be good', async () => {
    const { customer } = await operated(debtor({ case: null }), POLICY, (deps) =>
      revokeLinks(deps, KEY, ANNA, NOW),
    );
    expect(expiryOf(customer, addDays(NOW, 3))).toBe(addDays(NOW, 400));
    const forgotten = { ...debtor({ case: null }), expiresAt: addDays(NOW, 1) };
    const marked = await operated(forgotten, POLICY, (deps) => revokeLinks(deps, KEY, ANNA, NOW));
    expect(marked.customer.expiresAt).toBe(addDays(NOW, 400));
  });

  test('of somebody of whom nothing is known are none', async () => {
    const deps: OperateDeps = { store: createMemoryStore(), backOff: async () => {} };
    expect(await revokeLinks(deps, keyOf('cus_9'), ANNA, NOW)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('nothing is known') as string,
    });
  });
});

describe('an address that works again', () => {
  const stopped = () =>
    customerFrom(
      customerFact({ email: 'ana@customer.example', metadata: { billing_email: 'bills@firm.example' } }),
      failedFact('in_1'),
      bounced('ANA@customer.example'),
    );

  test('is written to with the next mail, and the journal says who let it', async () => {
    const { customer: open } = pass(stopped(), POLICY, day(1.2), day(1.3));
    expect(addressOf(open.facts)).toBe('bills@firm.example');
    const { answer, customer } = await operated(open, POLICY, (deps) =>
      writeAgain(deps, KEY, ANNA, day(1.4)),
    );
    expect(answer).toMatchObject({ kind: 'done' });
    expect(addressOf(customer.facts)).toBe('ana@customer.example');
    expect(customer.recovery.journal.at(-1)).toMatchObject({ what: 'mail let through by Anna' });
  });

  test('is nothing to be said of one that was never stopped, or of somebody who is gone', async () => {
    const fine = customerFrom(customerFact(), failedFact('in_1'));
    const erased = customerFrom(failedFact('in_1'), goneFact('customer-erased', { at: day(1) }));
    for (const [customer, why] of [
      [fine, 'is not stopped'],
      [erased, 'was erased'],
    ] as const) {
      const { answer } = await operated(customer, POLICY, (deps) => writeAgain(deps, KEY, ANNA, day(2)));
      expect(answer).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) as string });
    }
    expect(isUnreachable(stopped().facts, 'ana@customer.example')).toBe(true);
  });
});
