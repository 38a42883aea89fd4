// A webhook is believed when Stripe signed exactly these bytes just now.
import * as fc from 'fast-check';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { signPayload, verifySignature } from '../../../adapters/stripe/signature.ts';
import { addMs, instantFromSeconds } from '../../../core/time.ts';
import { basilInvoice, CREATED, stripeEvent } from '../../support/stripe-events.ts';

const SECRET = 'whsec_current';
const OLD_SECRET = 'whsec_previous';
const now = instantFromSeconds(CREATED);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const rawBody = bytes(
  JSON.stringify(stripeEvent('invoice.paid', basilInvoice({ customer_name: 'Zoë 東京 🎈' }))),
);
const header = signPayload(rawBody, SECRET, now);
const signatureOf = (made: string): string => made.slice(made.indexOf('v1='));

const verify = (change: Partial<Parameters<typeof verifySignature>[0]> = {}) =>
  verifySignature({ rawBody, header, secrets: [SECRET], now, ...change });

/** Stripe's own SDK is the other side of the wire: it never runs here outside of tests. */
const stripe = new Stripe('sk_test_unused');

describe('what Stripe signed is accepted', () => {
  test('the header the SDK makes for the same bytes is ours', () => {
    const payload = Buffer.from(rawBody).toString('utf8');
    const theirs = stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp: CREATED });
    expect(header).toBe(theirs);
    expect(verify({ header: theirs })).toEqual({ ok: true });
  });

  test('the SDK accepts what we sign', () => {
    const at = Math.floor(Date.now() / 1000);
    const event = stripe.webhooks.constructEvent(
      Buffer.from(rawBody),
      signPayload(rawBody, SECRET, instantFromSeconds(at)),
      SECRET,
    );
    expect(event.type).toBe('invoice.paid');
  });

  test.each([
    [
      'A15: a body that came base64-encoded, decoded to bytes',
      Buffer.from(rawBody).toString('base64'),
      'base64',
    ],
    ['A15: a multi-byte body taken as latin1 and back', Buffer.from(rawBody).toString('latin1'), 'latin1'],
  ] as const)('%s', (_, carried, encoding) => {
    expect(verify({ rawBody: Buffer.from(carried, encoding) })).toEqual({ ok: true });
  });

  test.each([
    ['signed with the old one', signPayload(rawBody, OLD_SECRET, now)],
    ['signed with the new one', header],
    [
      'signed with both, the old one first',
      `${signPayload(rawBody, OLD_SECRET, now)},${signatureOf(header)}`,
    ],
    ['signed with an unknown one and ours', `t=${CREATED},v1=${'0'.repeat(64)},${signatureOf(header)}`],
    ['beside a signature of another scheme', `${header},v0=abc`],
    ['with white space after the comma', header.replace(',', ', ')],
  ])('while a secret is rolled: a body %s', (_, given) => {
    expect(verify({ header: given, secrets: [SECRET, OLD_SECRET] })).toEqual({ ok: true });
  });

  test('A16: 300 seconds either way are allowed', () => {
    expect(verify({ now: addMs(now, 300_999) })).toEqual({ ok: true });
    expect(verify({ now: addMs(now, -300_000) })).toEqual({ ok: true });
  });
});

describe('anything else is refused with a reason', () => {
  test.each([
    ['no header', undefined, 'there is no Stripe-Signature header'],
    ['a blank header', '  ', 'there is no Stripe-Signature header'],
    ['words', 'hello', 'no single time'],
    ['no time', signatureOf(header), 'no single time'],
    ['two times', `t=1,${header}`, 'no single time'],
    ['a time that is no number', header.replace(/t=\d+/, 't=soon'), 'no single time'],
    ['a time in another notation', header.replace(/t=\d+/, 't=1.76e9'), 'no single time'],
    ['a negative time', header.replace('t=', 't=-'), 'no single time'],
    ['no signature', `t=${CREATED}`, 'no signature'],
    ['a signature of another scheme only', header.replace('v1', 'v0'), 'no signature'],
    ['an empty signature', `t=${CREATED},v1=`, 'no signature'],
    ['a short signature', header.slice(0, -2), 'no signature'],
    ['a signature that is not hex', `t=${CREATED},v1=${'z'.repeat(64)}`, 'no signature'],
    ['a header without end', `${header},${'v1=0,'.repeat(2000)}`, 'longer than 4096'],
    ['a time changed after signing', header.replace(/t=\d+/, `t=${CREATED + 1}`), 'no signature matches'],
  ])('%s', (_, given, reason) => {
    expect(verify({ header: given })).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  test.each([
    ['A16: an hour old', 3_600_000, 'signed 3600 s ago, more than the 300 s allowed'],
    ['A16: one second too old', 301_000, 'signed 301 s ago, more than the 300 s allowed'],
    ['A16: from a clock ahead of ours', -301_000, 'signed 301 s in the future, more than the 300 s allowed'],
  ])('%s', (_, ms, reason) => {
    expect(verify({ now: addMs(now, ms) })).toEqual({ ok: false, reason });
  });

  test('a tolerance of our own is kept', () => {
    expect(verify({ now: addMs(now, 61_000), toleranceSeconds: 60 }).ok).toBe(false);
    expect(verify({ now: addMs(now, 60_000), toleranceSeconds: 60 }).ok).toBe(true);
  });

  test('A15: a body that was parsed and written again', () => {
    const rewritten = bytes(JSON.stringify(JSON.parse(Buffer.from(rawBody).toString()), null, 1));
    expect(verify({ rawBody: rewritten }).ok).toBe(false);
  });

  test('another endpoint’s secret', () => {
    expect(verify({ secrets: [OLD_SECRET] })).toEqual({
      ok: false,
      reason: expect.stringContaining('another endpoint’s secret'),
    });
  });
});

describe('a secret that is none never matches', () => {
  test.each([
    ['none', [], 'no webhook signing secret'],
    ['an empty one', [''], 'is blank'],
    ['a blank one', [' \n'], 'is blank'],
    ['a blank one beside a good one', [SECRET, ''], 'is blank'],
    ['one with a line break', [`${SECRET}\n`], 'white space around it'],
  ])('%s is a fault of ours', (_, secrets, message) => {
    expect(() => verify({ secrets })).toThrow(message);
  });

  test('nor does it sign', () => {
    expect(() => signPayload(rawBody, ' ', now)).toThrow('is blank');
  });
});

describe('laws', () => {
  const body = fc.uint8Array({ minLength: 1, maxLength: 300 });
  const secret = fc.stringMatching(/^whsec_[A-Za-z0-9]{1,40}$/);

  test('exactly what was signed is accepted', () => {
    fc.assert(
      fc.property(body, secret, (signed, key) => {
        const made = signPayload(signed, key, now);
        expect(verifySignature({ rawBody: signed, header: made, secrets: [key], now })).toEqual({ ok: true });
      }),
    );
  });

  test('a body with any one byte changed is refused', () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (signed, at, by) => {
        const changed = Uint8Array.from(signed);
        const index = at % signed.length;
        changed[index] = (changed[index] ?? 0) ^ by;
        const made = signPayload(signed, SECRET, now);
        expect(verifySignature({ rawBody: changed, header: made, secrets: [SECRET], now }).ok).toBe(false);
      }),
    );
  });

  test('no header but the one signed is accepted, and none throws', () => {
    const broken = fc
      .tuple(fc.nat(header.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, text]) => header.slice(0, at) + text + header.slice(at + 1))
      .filter((given) => !given.toLowerCase().startsWith(header));
    fc.assert(
      fc.property(fc.oneof(fc.string(), broken), (given) => {
        const result = verify({ header: given });
        expect(!result.ok && result.reason !== '').toBe(true);
      }),
    );
  });
});
