// Names: keys that stay what they are, and cannot be made of what could not have come through the door.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError, invariant } from '../../core/assert.ts';
import { caseIdFor, customerKey, hash32, isConnection, isProviderId, splitKey } from '../../core/ids.ts';
import { anyCharacter } from '../support/characters.ts';

describe('a connection', () => {
  test.each(['stripe', 'stripe-eu', 's', 'stripe2', 'a'.repeat(32)])('“%s” may name one', (word) => {
    expect(isConnection(word)).toBe(true);
  });

  test.each(['', 'Stripe', '2stripe', '-eu', 'stripe/eu', 'stripe eu', 'strîpe', 'a'.repeat(33), 'stripe\n'])(
    '%j may not',
    (word) => {
      expect(isConnection(word)).toBe(false);
    },
  );
});

describe('a provider’s id', () => {
  test.each(['cus_123', 'in_1', '__proto__', 'a/b', '~', '!', 'x'.repeat(128)])('“%s” may be one', (text) => {
    expect(isProviderId(text)).toBe(true);
  });

  test.each(['', 'cus 1', 'cus\n1', 'kunde_é', 'x'.repeat(129), 'cus_1\n', '\u0000'])(
    '%j may not',
    (text) => {
      expect(isProviderId(text)).toBe(false);
    },
  );
});

describe('the key of a customer', () => {
  const connection = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
  const customerId = fc.stringMatching(/^[!-~]{1,128}$/);

  test('gives back the parts it was made of, slashes and all', () => {
    fc.assert(
      fc.property(connection, customerId, (name, id) => {
        expect(splitKey(customerKey(name, id))).toEqual({ connection: name, customerId: id });
      }),
      { numRuns: 500 },
    );
    expect(splitKey(customerKey('stripe', 'a/b/c'))).toEqual({ connection: 'stripe', customerId: 'a/b/c' });
  });

  test('two customers never share one', () => {
    fc.assert(
      fc.property(connection, customerId, connection, customerId, (name, id, otherName, otherId) => {
        const same = name === otherName && id === otherId;
        expect(customerKey(name, id) === customerKey(otherName, otherId)).toBe(same);
      }),
      { numRuns: 500 },
    );
  });

  test('is refused for parts that could not have come through the door', () => {
    expect(() => customerKey('Stripe', 'cus_1')).toThrow(InvariantError);
    expect(() => customerKey('stripe', '')).toThrow(InvariantError);
  });
});

describe('the id of a case', () => {
  test('is the same for the same opening', () => {
    expect(caseIdFor('in_1')).toBe('case_in_1');
    expect(caseIdFor('in_1')).toBe(caseIdFor('in_1'));
  });

  test('is safe in a table, a tag and a log, whatever the provider’s id holds', () => {
    expect(caseIdFor('in_1:ch_2')).toBe('case_in_1-ch_2');
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (subject) => {
        expect(caseIdFor(subject)).toMatch(/^case_[A-Za-z0-9_-]*$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the hash', () => {
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('of “%s” is FNV-1a’s, so that no customer moves to another shard', (text, hash) => {
    expect(hash32(text)).toBe(hash);
  });

  test('spreads customers over shards', () => {
    const shards = Array.from({ length: 8 }, () => 0);
    for (let i = 0; i < 8000; i += 1) {
      const shard = hash32(`stripe/cus_${i}`) % 8;
      shards[shard] = (shards[shard] ?? 0) + 1;
    }
    expect(Math.min(...shards)).toBeGreaterThan(800);
    expect(Math.max(...shards)).toBeLessThan(1200);
  });

  test('is a whole number of 32 bits', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const hash = hash32(text);
        expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what cannot happen', () => {
  test('throws with the reason, and lets pass what holds', () => {
    expect(() => invariant(false, 'two cases of one customer')).toThrow(
      expect.objectContaining({ name: 'InvariantError', message: 'two cases of one customer' }),
    );
    expect(() => invariant(1, 'fine')).not.toThrow();
  });
});
