// What SES tells of a mail comes back as facts about the customer it went to, and as nothing else.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPERATOR_TAG, tagValue, textOfTag, translateDelivery } from '../../../adapters/ses/delivery.ts';

const mail = {
  timestamp: '2026-03-02T10:00:00.000Z',
  messageId: '0100',
  destination: ['ada@example.com'],
  tags: {
    customer: [tagValue('stripe/cus_1')],
    case: ['case_in_1'],
    subject: ['in_1'],
    step: ['reminder-1'],
    'ses:configuration-set': ['recoup'],
  },
};
const deliveryOf = (detail: unknown) => {
  const told = translateDelivery(detail);
  const [fact] = told.kind === 'facts' ? told.facts : [];
  return { told, fact: fact?.kind === 'delivery' ? fact : null };
};

describe('an event of SES', () => {
  test.each([
    ['Send', {}, 'sent', false],
    ['Delivery', { delivery: { timestamp: '2026-03-02T10:00:05.000Z' } }, 'delivered', false],
    ['DeliveryDelay', { deliveryDelay: { timestamp: '2026-03-02T10:00:05.000Z' } }, 'delayed', false],
    ['Open', { open: { timestamp: '2026-03-02T10:00:05.000Z' } }, 'opened', false],
    ['Click', { click: { timestamp: '2026-03-02T10:00:05.000Z' } }, 'clicked', false],
    ['Reject', { reject: { reason: 'Bad content' } }, 'rejected', false],
    ['Rendering Failure', { failure: { errorMessage: 'no value' } }, 'rejected', false],
    [
      'Bounce',
      { bounce: { bounceType: 'Permanent', timestamp: '2026-03-02T10:00:05.000Z' } },
      'bounced',
      true,
    ],
    [
      'Bounce',
      { bounce: { bounceType: 'Transient', timestamp: '2026-03-02T10:00:05.000Z' } },
      'bounced',
      false,
    ],
    [
      'Bounce',
      {
        bounce: {
          bounceType: 'Permanent',
          bounceSubType: 'OnAccountSuppressionList',
          timestamp: '2026-03-02T10:00:05.000Z',
        },
      },
      'bounced',
      true,
    ],
    [
      'Bounce',
      { bounce: { bounceType: 'Undetermined', timestamp: '2026-03-02T10:00:05.000Z' } },
      'bounced',
      false,
    ],
    ['Complaint', { complaint: { timestamp: '2026-03-02T10:00:05.000Z' } }, 'complained', true],
    [
      'Complaint',
      {
        complaint: {
          timestamp: '2026-03-02T10:00:05.000Z',
          complaintSubType: null,
          complaintFeedbackType: 'abuse',
        },
      },
      'complained',
      true,
    ],
  ])('%s %j is %s, address unreachable: %s', (eventType, parts, event, unreachable) => {
    const { told, fact } = deliveryOf({ eventType, mail, ...parts });
    expect(told).toMatchObject({ kind: 'facts', key: 'stripe/cus_1' });
    const own = Object.values(parts).some((part) => 'timestamp' in part);
    expect(fact?.at).toBe(own ? '2026-03-02T10:00:05.000Z' : '2026-03-02T10:00:00.000Z');
    expect(fact?.delivery).toEqual({
      caseId: 'case_in_1',
      subjectId: 'in_1',
      stepId: 'reminder-1',
      event,
      address: 'ada@example.com',
      unreachable,
    });
  });

  test('a complaint of a mail that SES kept back is one that came back: nobody has read it', () => {
    const complaint = { complaintSubType: 'OnAccountSuppressionList', timestamp: '2026-03-02T10:00:05.000Z' };
    const { fact } = deliveryOf({ eventType: 'Complaint', mail, complaint });
    expect(fact?.delivery).toMatchObject({ event: 'bounced', unreachable: true });
  });

  test('a reader who says that it is no spam stops no mail', () => {
    const complaint = { complaintFeedbackType: 'not-spam', timestamp: '2026-03-02T10:00:05.000Z' };
    expect(translateDelivery({ eventType: 'Complaint', mail, complaint })).toMatchObject({ kind: 'ignored' });
  });

  test.each(['Delivery', 'DeliveryDelay', 'Open', 'Click', 'Bounce', 'Complaint'])(
    '%s says as well that the mail was taken, for the event of that may be lost',
    (eventType) => {
      const told = translateDelivery({ eventType, mail });
      expect(told.kind === 'facts' && told.facts).toMatchObject([
        { kind: 'delivery' },
        { at: mail.timestamp, delivery: { event: 'sent', unreachable: false } },
      ]);
    },
  );

  test.each(['Send', 'Reject', 'Rendering Failure'])('%s says nothing besides', (eventType) => {
    const told = translateDelivery({ eventType, mail });
    expect(told.kind === 'facts' && told.facts).toHaveLength(1);
  });

  test('a time that is none does not lose a bounce: the mail’s own counts', () => {
    const bounce = { bounceType: 'Permanent', timestamp: 'soon', bouncedRecipients: null };
    const { fact } = deliveryOf({ eventType: 'Bounce', mail, bounce });
    expect(fact).toMatchObject({ at: mail.timestamp, delivery: { unreachable: true } });
  });

  test('a mail that is not ours is left alone', () => {
    expect(translateDelivery({ eventType: 'Delivery', mail: { ...mail, tags: {} } })).toMatchObject({
      kind: 'ignored',
    });
    expect(translateDelivery({ eventType: 'Subscription', mail })).toMatchObject({ kind: 'ignored' });
    expect(translateDelivery({ eventType: 'constructor', mail })).toMatchObject({ kind: 'ignored' });
  });

  test.each(['Send', 'Delivery', 'Bounce', 'Complaint'])(
    '%s of a mail to the business itself is no news of a customer, even if it were tagged as one',
    (eventType) => {
      const audience = { [OPERATOR_TAG.Name]: [OPERATOR_TAG.Value] };
      for (const tags of [audience, { ...mail.tags, ...audience }]) {
        expect(translateDelivery({ eventType, mail: { ...mail, tags } })).toEqual({
          kind: 'ignored',
          reason: 'a mail to the business itself',
        });
      }
    },
  );

  test.each([
    null,
    7,
    [],
    {},
    { eventType: 'Send' },
    { eventType: 'Send', mail: { ...mail, timestamp: 'soon' } },
  ])('%j is refused with a reason, never a crash', (detail) => {
    const told = translateDelivery(detail);
    expect(told.kind).toBe('refused');
    expect(told.kind === 'refused' && told.reason).not.toBe('');
  });

  test('a forged customer tag is refused', () => {
    const forged = { ...mail.tags, customer: [tagValue('no key at all')] };
    expect(translateDelivery({ eventType: 'Send', mail: { ...mail, tags: forged } })).toMatchObject({
      kind: 'refused',
    });
  });

  test('never throws, whatever JSON comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(translateDelivery(value).kind).toBeTypeOf('string');
      }),
    );
  });
});

describe('whom an event is about', () => {
  const named = (address: string) => ({
    Bounce: { bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: address }] } },
    Complaint: { complaint: { complainedRecipients: [{ emailAddress: address }] } },
    DeliveryDelay: { deliveryDelay: { delayedRecipients: [{ emailAddress: address }] } },
    Delivery: { delivery: { recipients: [address] } },
  });
  const NAMING = ['Bounce', 'Complaint', 'DeliveryDelay', 'Delivery'] as const;
  const COPY = 'finance@business.example';
  const copied = (to: string, destination: readonly string[]) => ({
    ...mail,
    destination,
    commonHeaders: { from: ['billing@business.example'], to: [to] },
  });

  test.each(NAMING)(
    '%s of a mail to one address is about that one, wherever it was forwarded',
    (eventType) => {
      const { fact } = deliveryOf({ eventType, mail, ...named('ada@elsewhere.example')[eventType] });
      expect(fact?.delivery.address).toBe('ada@example.com');
    },
  );

  test.each(NAMING)('%s of the business’s own copy is nothing about the customer', (eventType) => {
    for (const destination of [
      ['ada@example.com', COPY],
      [COPY, 'ada@example.com'],
    ]) {
      const both = copied('ada@example.com', destination);
      for (const address of [COPY, COPY.toUpperCase(), 'member.of.a.list@business.example']) {
        expect(translateDelivery({ eventType, mail: both, ...named(address)[eventType] })).toMatchObject({
          kind: 'ignored',
          reason: expect.stringContaining('copy') as string,
        });
      }
      expect(translateDelivery({ eventType, mail: both }).kind).toBe('ignored');
    }
  });

  test.each(NAMING)('%s of the customer’s own of a mail with a copy is theirs', (eventType) => {
    const both = copied('ada@example.com', [COPY, 'ada@example.com']);
    for (const address of ['ada@example.com', 'ADA@Example.COM', 'Ada <ada@example.com>']) {
      const { fact } = deliveryOf({ eventType, mail: both, ...named(address)[eventType] });
      expect(fact?.delivery.address).toBe('ada@example.com');
    }
  });

  test.each(['Send', 'Open', 'Click', 'Reject'])(
    '%s names nobody and is about all of the mail',
    (eventType) => {
      const both = copied('Ada <ada@example.com>', [COPY, 'ada@example.com']);
      const { fact } = deliveryOf({ eventType, mail: both });
      expect(fact?.delivery).toMatchObject({ stepId: 'reminder-1', unreachable: false });
    },
  );

  test('without its headers the first destination of a mail is the customer’s', () => {
    const both = { ...mail, destination: ['ada@example.com', COPY] };
    expect(translateDelivery({ eventType: 'Bounce', mail: both, ...named(COPY).Bounce }).kind).toBe(
      'ignored',
    );
    const { fact } = deliveryOf({ eventType: 'Bounce', mail: both, ...named('ada@example.com').Bounce });
    expect(fact?.delivery).toMatchObject({ address: 'ada@example.com', unreachable: true });
  });
});

describe('tags', () => {
  test('any text survives as letters, digits, _ and -', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text) => {
        const value = tagValue(text);
        expect(value).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(textOfTag(value)).toBe(text);
      }),
    );
  });
});
