// The networks' limits on retries, at their very edges.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../core/recovery/customer.ts';
import { classifyDecline, UNKNOWN_DECLINE } from '../../../core/recovery/decline.ts';
import type { DeclineReading } from '../../../core/recovery/decline.ts';
import type { Attempt, CardDetails } from '../../../core/recovery/fact.ts';
import {
  CARD_WINDOW_MS,
  MAX_ATTEMPTS_PER_CARD,
  MAX_ATTEMPTS_PER_INVOICE,
  mayRetry,
} from '../../../core/recovery/network-rules.ts';
import { addMs, DAY_MS, HOUR_MS } from '../../../core/time.ts';
import { attemptFact, CARD, day, declineOf, factArbitraries, factsFrom } from '../../support/facts.ts';

const SOFT = classifyDecline(declineOf('insufficient_funds'), 'visa');
const TECHNICAL = classifyDecline(declineOf('processing_error'), 'visa');
const NOW = day(40);

const card = (fingerprint: string | null): CardDetails => ({ ...CARD, fingerprint });

/** Attempts at so many days before now, numbered from the first. */
const tries = (count: number, changes: (i: number) => Partial<Attempt>): Facts =>
  factsFrom(
    ...Array.from({ length: count }, (_, i) =>
      attemptFact(`ch_${i}`, { at: addMs(NOW, -(count - i) * DAY_MS), ...changes(i) }),
    ),
  );

const ask = (facts: Facts, reading: DeclineReading = SOFT, counted = 0, now = NOW) =>
  mayRetry(facts, 'in_1', reading, counted, now);

test('the limits are those of the rules: 8 an invoice, 15 a card in 30 days', () => {
  expect(MAX_ATTEMPTS_PER_INVOICE).toBe(8);
  expect(MAX_ATTEMPTS_PER_CARD).toBe(15);
  expect(CARD_WINDOW_MS).toBe(30 * DAY_MS);
});

describe('tries of one invoice', () => {
  test.each([
    [1, 7],
    [6, 2],
    [7, 1],
  ])('C13: after %i tries there are %i left', (count, left) => {
    expect(ask(tries(count, () => ({})))).toEqual({ allowed: true, left });
  });

  test.each([8, 9])('C13: after %i tries there is none, whatever the wait', (count) => {
    const verdict = ask(tries(count, () => ({})));
    expect(verdict).toEqual({
      allowed: false,
      why: `${count} of 8 tries of this invoice used`,
      notBefore: null,
    });
  });

  test('of a code that nobody knows there are two retries, and no more', () => {
    const unknown = classifyDecline({ ...declineOf('a_new_code'), code: 'another_new_one' }, 'visa');
    expect(
      ask(
        tries(2, () => ({})),
        unknown,
      ),
    ).toEqual({ allowed: true, left: 1 });
    expect(
      ask(
        tries(3, () => ({})),
        unknown,
      ),
    ).toMatchObject({
      allowed: false,
      why: '3 of 3 tries of this invoice used',
      notBefore: null,
    });
  });

  test('the provider’s own count is believed when it is the higher one', () => {
    expect(
      ask(
        tries(2, () => ({})),
        SOFT,
        7,
      ),
    ).toEqual({ allowed: true, left: 1 });
    expect(
      ask(
        tries(2, () => ({})),
        SOFT,
        8,
      ),
    ).toMatchObject({ allowed: false, notBefore: null });
    expect(
      ask(
        tries(7, () => ({})),
        SOFT,
        1,
      ),
    ).toEqual({ allowed: true, left: 1 });
  });

  test('a first try of which nothing is known may run', () => {
    expect(ask(factsFrom())).toEqual({ allowed: true, left: 8 });
  });

  test('tries of other invoices do not count towards this one', () => {
    expect(ask(tries(8, () => ({ invoiceId: 'in_2' })))).toEqual({ allowed: true, left: 8 });
  });

  test('a try that never reached the network does not count; one of which that is unknown does', () => {
    expect(ask(tries(8, (i) => ({ sentToNetwork: i > 0 })))).toEqual({ allowed: true, left: 1 });
    expect(ask(tries(8, () => ({ sentToNetwork: null })))).toMatchObject({ allowed: false });
  });

  test('a try that succeeded was a try as well', () => {
    expect(ask(tries(8, (i) => ({ result: i === 0 ? 'succeeded' : 'declined' })))).toMatchObject({
      allowed: false,
    });
  });
});

/** One try of this invoice; the rest of others. */
const spread = (count: number, changes: (i: number) => Partial<Attempt> = () => ({})) =>
  tries(count, (i) => ({ invoiceId: i === count - 1 ? 'in_1' : `in_${i + 2}`, ...changes(i) }));

describe('tries of one card in 30 days', () => {
  test('C11: the 15th may still run, the 16th may not', () => {
    expect(ask(spread(14))).toEqual({ allowed: true, left: 7 });
    expect(ask(spread(15))).toMatchObject({
      allowed: false,
      why: '15 of 15 tries of this card in 30 days used',
    });
  });

  test('it may be tried again when the first of the last 15 is 30 days old', () => {
    const verdict = ask(spread(17));
    expect(verdict).toMatchObject({ allowed: false, notBefore: addMs(NOW, (30 - 15) * DAY_MS) });
    const later = addMs(NOW, (30 - 15) * DAY_MS);
    expect(ask(spread(17), SOFT, 0, addMs(later, -1))).toMatchObject({ allowed: false, notBefore: later });
    expect(ask(spread(17), SOFT, 0, later)).toMatchObject({ allowed: true });
  });

  test('a try leaves the window when it is 30 days old to the millisecond', () => {
    const at = addMs(NOW, -30 * DAY_MS);
    const inside = spread(15, (i) => (i === 0 ? { at: addMs(at, 1) } : {}));
    expect(ask(inside)).toMatchObject({ allowed: false, notBefore: addMs(NOW, 1) });
    expect(ask(spread(15, (i) => (i === 0 ? { at } : {})))).toMatchObject({ allowed: true });
  });

  test('C15: a new card starts with a clean count', () => {
    const facts = spread(15, (i) => ({ card: card(i === 14 ? 'card_new' : 'card_old') }));
    expect(ask(facts)).toMatchObject({ allowed: true });
  });

  test('a try of an unknown card counts against every card', () => {
    expect(ask(spread(15, (i) => ({ card: i === 14 ? CARD : null })))).toMatchObject({ allowed: false });
    expect(ask(spread(15, (i) => ({ card: i === 14 ? CARD : card(null) })))).toMatchObject({
      allowed: false,
    });
  });

  test('when this invoice’s card is unknown, every card’s tries count', () => {
    expect(ask(spread(15, (i) => ({ card: i === 14 ? null : CARD })))).toMatchObject({ allowed: false });
  });

  test('of two tries in one second the same one is the last, in whatever order they were told', () => {
    const busy = Array.from({ length: 14 }, (_, i) =>
      attemptFact(`ch_${i}`, { at: day(20), invoiceId: `in_${i + 2}`, card: card('card_busy') }),
    );
    const [one, other] = [
      attemptFact('ch_x', { at: day(30), card: card('card_busy') }),
      attemptFact('ch_y', { at: day(30), card: card('card_free') }),
    ];
    expect(ask(factsFrom(...busy, one, other))).toMatchObject({ allowed: true });
    expect(ask(factsFrom(...busy, other, one))).toMatchObject({ allowed: true });
  });

  test('tries that never reached the network leave the card free', () => {
    expect(ask(spread(20, (i) => ({ sentToNetwork: i === 19 })))).toMatchObject({ allowed: true });
  });
});

describe('the time between two tries', () => {
  const last = addMs(NOW, -DAY_MS);
  const one = factsFrom(attemptFact('ch_1', { at: last }));

  test('24 hours after a soft decline, to the millisecond', () => {
    expect(ask(one, SOFT, 0, addMs(NOW, -1))).toEqual({
      allowed: false,
      why: 'too soon after the last try',
      notBefore: NOW,
    });
    expect(ask(one)).toMatchObject({ allowed: true });
  });

  test('one hour after a technical one', () => {
    expect(ask(one, TECHNICAL, 0, addMs(last, HOUR_MS - 1))).toMatchObject({
      notBefore: addMs(last, HOUR_MS),
    });
    expect(ask(one, TECHNICAL, 0, addMs(last, HOUR_MS))).toMatchObject({ allowed: true });
  });

  test.each([
    ['24', 1],
    ['26', 48],
    ['30', 240],
  ])('the network’s own wait goes first: merchant advice %s means %i hours', (networkAdviceCode, hours) => {
    const reading = classifyDecline(declineOf('insufficient_funds', { networkAdviceCode }), 'mastercard');
    const free = addMs(last, hours * HOUR_MS);
    expect(ask(one, reading, 0, addMs(free, -1))).toMatchObject({ allowed: false, notBefore: free });
    expect(ask(one, reading, 0, free)).toMatchObject({ allowed: true });
  });

  test('the last try that reached the network is the one that counts', () => {
    const blocked = factsFrom(
      attemptFact('ch_1', { at: last }),
      attemptFact('ch_2', { at: addMs(NOW, -HOUR_MS), sentToNetwork: false }),
    );
    expect(ask(blocked)).toMatchObject({ allowed: true });
  });
});

describe('what no wait can heal', () => {
  test.each(['lost_card', 'restricted_card', 'expired_card', 'incorrect_cvc', 'authentication_required'])(
    'C28: %s is never tried again without the customer',
    (code) => {
      const reading = classifyDecline(declineOf(code), 'visa');
      const why = `${code}: not again without the customer`;
      expect(ask(factsFrom(), reading)).toEqual({ allowed: false, why, notBefore: null });
    },
  );

  test.each(['03', '21', '40', '41', '42', '43'])('C11: none is left after merchant advice %s', (mac) => {
    const reading = classifyDecline(declineOf('do_not_honor', { networkAdviceCode: mac }), 'mastercard');
    expect(ask(factsFrom(), reading)).toMatchObject({ allowed: false, notBefore: null });
  });

  test('a decline that is not known may be tried after days', () => {
    expect(
      ask(
        tries(1, () => ({})),
        UNKNOWN_DECLINE,
      ),
    ).toMatchObject({ allowed: true });
  });
});

describe('laws', () => {
  const someFacts = fc
    .array(factArbitraries.attempt, { maxLength: 30 })
    .map((all) => all.map((fact, i) => ({ ...fact, attempt: { ...fact.attempt, id: `ch_${i}` } })));
  const SAME = fc.constantFrom(SOFT, TECHNICAL, UNKNOWN_DECLINE);
  const now = fc.constantFrom(day(0), day(1), day(4), NOW);

  test('the answer depends on the attempts, not on the order in which they were told', () => {
    fc.assert(
      fc.property(someFacts, SAME, now, (told, reading, at) => {
        const backwards = mayRetry(factsFrom(...told.toReversed()), 'a', reading, 0, at);
        expect(backwards).toEqual(mayRetry(factsFrom(...told), 'a', reading, 0, at));
      }),
      { numRuns: 1000 },
    );
  });

  test('one more attempt never allows what was forbidden', () => {
    fc.assert(
      fc.property(someFacts, SAME, now, (told, reading, at) => {
        const known = told.map((fact) => ({
          ...fact,
          attempt: { ...fact.attempt, invoiceId: 'a', card: CARD },
        }));
        const before = mayRetry(factsFrom(...known.slice(1)), 'a', reading, 0, at);
        const after = mayRetry(factsFrom(...known), 'a', reading, 0, at);
        expect(after.allowed && !before.allowed).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('asked again at the time it named, a retry is not put off to that same time', () => {
    fc.assert(
      fc.property(someFacts, SAME, now, (told, reading, at) => {
        const facts = factsFrom(...told);
        const verdict = mayRetry(facts, 'a', reading, 0, at);
        if (verdict.allowed || verdict.notBefore === null) return;
        expect(verdict.notBefore > at).toBe(true);
        const again = mayRetry(facts, 'a', reading, 0, verdict.notBefore);
        expect(again.allowed || again.notBefore === null || again.notBefore > verdict.notBefore).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
