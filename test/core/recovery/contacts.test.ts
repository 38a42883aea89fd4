// Who is written to: the customer, then the billing contacts that were noted, and nobody at an address that failed.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressesOf, addressOf, isUnreachable, mailboxOf } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { FAILED_AT } from '../../support/customers.ts';
import {
  attemptFact,
  customerFact,
  customerFrom,
  day,
  deliveryFact,
  factsFrom,
  failedFact,
  goneFact,
} from '../../support/facts.ts';
import { policyOf } from '../../support/operating.ts';
import { walk } from '../../support/walk.ts';

const OWN = 'ana@customer.example';
const of = (metadata: Readonly<Record<string, string>>, email: string | null = OWN) =>
  factsFrom(customerFact({ email, metadata }));

const bounced = (address: string, stepId: string, on: number): Fact =>
  deliveryFact('bounced', { stepId, address, unreachable: true }, { at: day(on) });

describe('the addresses of a customer', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, string | null, readonly string[]]>([
    ['their own', {}, OWN, [OWN]],
    ['none', {}, null, []],
    [
      'their own first, then who is noted for bills',
      { billing_email: 'bills@firm.example' },
      OWN,
      [OWN, 'bills@firm.example'],
    ],
    [
      'several in one entry, each once, their own not again',
      { billing_contacts: `a@firm.example, ${OWN};b@firm.example a@firm.example` },
      OWN,
      [OWN, 'a@firm.example', 'b@firm.example'],
    ],
    ['only who is noted', { accounts_email: 'bills@firm.example' }, null, ['bills@firm.example']],
    [
      'not what is no address',
      { billing_email: 'call Bob', finance_email: 'x@y "<b@c.de>"', billing_contact: 'bob@localhost' },
      OWN,
      [OWN],
    ],
    [
      'each mailbox once, in the form that stands first',
      { billing_email: 'ANA@Customer.example Bills@firm.example', finance_email: 'bills@FIRM.example' },
      OWN,
      [OWN, 'Bills@firm.example'],
    ],
    ['not what other entries hold', { sales_email: 'sales@firm.example', __proto__: 'x' }, OWN, [OWN]],
  ])('%s', (_, metadata, email, expected) => {
    expect(addressesOf(of(metadata, email))).toEqual(expected);
  });

  test('of somebody who is gone there are none', () => {
    const facts = factsFrom(
      customerFact({ metadata: { billing_email: 'bills@firm.example' } }),
      goneFact('customer-erased', { at: day(1) }),
    );
    expect([addressesOf(facts), addressOf(facts)]).toEqual([[], null]);
  });
});

describe('an address that mail came back from', () => {
  const UNICODE = 'ana@b\u00FCro.example';

  test.each([
    [OWN, 'ANA@Customer.Example'],
    [OWN, `Ana <${OWN}>`],
    [OWN, `"Ana, of <accounts>" <${OWN}> `],
    ['Ana@Customer.example', OWN],
    // What was written to goes out with the domain in ASCII, and comes back so.
    [UNICODE, 'ana@xn--bro-hoa.example'],
    [UNICODE, 'Ana@B\u00DCRO.example'],
    ['ana@bu\u0308ro.example', UNICODE],
    [OWN, `${OWN}.`],
  ])('%s is known by %s', (ours, theirs) => {
    const facts = factsFrom(
      customerFact({ email: ours, metadata: { billing_email: 'bills@firm.example' } }),
      bounced(theirs, 'first', 1),
    );
    expect(isUnreachable(facts, ours)).toBe(true);
    expect(addressOf(facts)).toBe('bills@firm.example');
  });

  test.each([
    'ann@customer.example',
    'ana@mail.customer.example',
    'customer.example',
    'ana@xn--bro-hoa.example@customer.example.test',
    '__proto__',
    '',
  ])('is not stopped by what comes back from %j', (theirs) => {
    const facts = factsFrom(customerFact({ email: OWN }), bounced(theirs, 'first', 1));
    expect(addressOf(facts)).toBe(OWN);
  });

  test('is named alike whatever comes, and naming it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const mailbox = mailboxOf(text);
        expect(mailboxOf(mailbox)).toBe(mailbox);
      }),
    );
  });
});

describe('when mail comes back', () => {
  const known = (metadata: Readonly<Record<string, string>> = {}) =>
    customerFrom(
      customerFact({ email: OWN, name: 'Ana', country: null, metadata }, { at: day(-1) }),
      failedFact('in_1'),
      attemptFact('ch_1'),
    );
  const sent = (passed: ReturnType<typeof walk>) =>
    passed.done.flatMap(({ mail }) => (mail ? [`${mail.stepId} ${mail.to} ${mail.customerName}`] : []));
  const told = (passed: ReturnType<typeof walk>) =>
    passed.done.flatMap(({ notice, at }) => (notice ? [`${at} ${notice.stepId} ${notice.email}`] : []));
  const options = { from: FAILED_AT, until: day(60) };
  const OPERATOR = { operator: { email: 'ops@business.example' } };

  test('the next contact is written to, without the customer’s name', () => {
    const passed = walk(known({ billing_email: 'bills@firm.example' }), {
      ...options,
      policy: policyOf(OPERATOR),
      later: [bounced(OWN, 'first', 1.1)],
    });
    expect(sent(passed)).toEqual([
      `first ${OWN} Ana`,
      'second bills@firm.example null',
      'third bills@firm.example null',
      'final bills@firm.example null',
    ]);
    expect(told(passed)).toEqual([]);
  });

  test('from the last of them, the operator is told once, at the next look', () => {
    const passed = walk(known({ billing_email: 'bills@firm.example' }), {
      ...options,
      policy: policyOf(OPERATOR),
      later: [bounced(OWN, 'first', 1.1), bounced('bills@firm.example', 'second', 4.1)],
    });
    expect(sent(passed)).toEqual([`first ${OWN} Ana`, 'second bills@firm.example null']);
    // The second mail goes on day 4 and comes back a tenth of a day later.
    expect(told(passed)).toEqual([`${day(4.1)} unreachable ops@business.example`]);
    const skipped = passed.closed[0]?.steps.filter(({ status }) => status === 'skipped');
    expect(skipped?.map(({ id, why }) => [id, why])).toEqual([
      ['third', 'mail to every address came back, or its reader complained'],
      ['final', 'mail to every address came back, or its reader complained'],
    ]);
  });

  test.each([
    ['nobody is named to be told', {}, known(), [bounced(OWN, 'first', 1.1)]],
    [
      'there never was an address',
      OPERATOR,
      customerFrom(customerFact({ email: null, country: null }), failedFact('in_1'), attemptFact('ch_1')),
      [],
    ],
  ])('nobody is told when %s', (_, changes, customer, later) => {
    expect(told(walk(customer, { ...options, policy: policyOf(changes), later }))).toEqual([]);
  });
});
