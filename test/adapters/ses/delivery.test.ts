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
    ['Complaint', { complaint: { timestamp: '2026-03-02T10:00:05.000Z' } }, 'complained', true],
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
