// SES's events about a mail, in our own words.
import * as v from 'valibot';
import { isConnection, isProviderId, customerKey, type CustomerKey } from '../../core/ids.ts';
import type { DeliveryEvent, Fact } from '../../core/recovery/fact.ts';
import { instantFromMs, type Instant } from '../../core/time.ts';

/** What an event of the mail service comes to. */
export type DeliveryTold =
  | { readonly kind: 'facts'; readonly key: CustomerKey; readonly facts: readonly Fact[] }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** The tags that every mail carries, so that its events find their way back. Letters, digits, `_` and `-` only. */
export const TAGS = {
  customer: 'customer',
  case: 'case',
  subject: 'subject',
  step: 'step',
  message: 'message',
} as const;

/** The one tag of a mail to the business itself, which is no step of a customer. */
export const OPERATOR_TAG = { Name: 'audience', Value: 'operator' } as const;

const TAG_VALUE = /^[A-Za-z0-9_-]{1,256}$/;

/** Any text as a tag's value: kept as it is when it may stand there, else as base64url behind `b64_`. */
export const tagValue = (text: string): string =>
  TAG_VALUE.test(text) && !text.startsWith('b64_')
    ? text
    : `b64_${Buffer.from(text, 'utf8').toString('base64url')}`;

/** The text that {@link tagValue} made into a tag's value. */
export const textOfTag = (value: string): string =>
  value.startsWith('b64_') ? Buffer.from(value.slice(4), 'base64url').toString('utf8') : value;

const EVENT_OF: Readonly<Record<string, DeliveryEvent>> = {
  Send: 'sent',
  Delivery: 'delivered',
  DeliveryDelay: 'delayed',
  Open: 'opened',
  Click: 'clicked',
  Bounce: 'bounced',
  Complaint: 'complained',
  Reject: 'rejected',
};

const timed = v.optional(v.looseObject({ timestamp: v.optional(v.string()) }));

const shape = v.looseObject({
  eventType: v.string(),
  mail: v.looseObject({
    timestamp: v.string(),
    destination: v.optional(v.array(v.string())),
    tags: v.optional(v.record(v.string(), v.array(v.string()))),
  }),
  bounce: v.optional(
    v.looseObject({ timestamp: v.optional(v.string()), bounceType: v.optional(v.string()) }),
  ),
  complaint: timed,
  delivery: timed,
  deliveryDelay: timed,
  open: timed,
  click: timed,
});
type Detail = v.InferOutput<typeof shape>;

/** When it happened: the event's own time, else that of the mail. */
const timeOf = (detail: Detail): Instant | null => {
  const { bounce, complaint, delivery, deliveryDelay, open, click, mail } = detail;
  const own = [bounce, complaint, delivery, deliveryDelay, open, click].find(
    (part) => part?.timestamp,
  )?.timestamp;
  const ms = Date.parse(own ?? mail.timestamp);
  return Number.isFinite(ms) ? instantFromMs(ms) : null;
};

const keyOf = (tag: string): CustomerKey | null => {
  const [connection = '', ...rest] = textOfTag(tag).split('/');
  const customerId = rest.join('/');
  return isConnection(connection) && isProviderId(customerId) ? customerKey(connection, customerId) : null;
};

/** Only a bounce for good and a complaint say that an address is not to be written to again. */
const isUnreachable = (event: DeliveryEvent, detail: Detail): boolean =>
  event === 'complained' || (event === 'bounced' && detail.bounce?.bounceType === 'Permanent');

/**
 * An event's `detail` as EventBridge delivers it: the record that SNS would carry. Never throws.
 * Source: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export const translateDelivery = (detail: unknown): DeliveryTold => {
  const parsed = v.safeParse(shape, detail);
  if (!parsed.success) {
    const field = v.getDotPath(parsed.issues[0]) ?? 'detail';
    return { kind: 'refused', reason: `${field}: not what SES sends` };
  }
  const { eventType, mail } = parsed.output;
  const event = Object.hasOwn(EVENT_OF, eventType) ? EVENT_OF[eventType] : undefined;
  if (event === undefined) return { kind: 'ignored', reason: `${eventType} is not used` };
  const tag = (name: string): string | null => mail.tags?.[name]?.[0] ?? null;
  if (tag(OPERATOR_TAG.Name) === OPERATOR_TAG.Value) {
    return { kind: 'ignored', reason: 'a mail to the business itself' };
  }
  const [customer, caseId, subjectId, stepId] = [
    tag(TAGS.customer),
    tag(TAGS.case),
    tag(TAGS.subject),
    tag(TAGS.step),
  ];
  if (customer === null || caseId === null || subjectId === null || stepId === null) {
    return { kind: 'ignored', reason: 'not a mail of Recoup: it carries none of its tags' };
  }
  const key = keyOf(customer);
  const at = timeOf(parsed.output);
  if (key === null) return { kind: 'refused', reason: 'tag customer: not a key' };
  if (at === null) return { kind: 'refused', reason: 'mail.timestamp: not a time' };
  const delivery = {
    caseId: textOfTag(caseId),
    subjectId: textOfTag(subjectId),
    stepId: textOfTag(stepId),
    event,
    address: mail.destination?.[0] ?? null,
    unreachable: isUnreachable(event, parsed.output),
  };
  return { kind: 'facts', key, facts: [{ kind: 'delivery', at, source: 'event', delivery }] };
};
