// SES's events about a mail, in our own words.
import * as v from 'valibot';
import { isConnection, isProviderId, customerKey, type CustomerKey } from '../../core/ids.ts';
import { mailboxOf } from '../../core/recovery/customer.ts';
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
  // It never left, as one that was rejected.
  'Rendering Failure': 'rejected',
};

const time = v.nullish(v.string());
const timed = v.nullish(v.looseObject({ timestamp: time }));
const readers = v.nullish(v.array(v.looseObject({ emailAddress: v.nullish(v.string()) })));
const word = v.nullish(v.string());

const shape = v.looseObject({
  eventType: v.string(),
  mail: v.looseObject({
    timestamp: v.string(),
    destination: v.nullish(v.array(v.string())),
    commonHeaders: v.nullish(v.looseObject({ to: v.nullish(v.array(v.string())) })),
    tags: v.nullish(v.record(v.string(), v.array(v.string()))),
  }),
  bounce: v.nullish(v.looseObject({ timestamp: time, bounceType: word, bouncedRecipients: readers })),
  complaint: v.nullish(
    v.looseObject({
      timestamp: time,
      complaintSubType: word,
      complaintFeedbackType: word,
      complainedRecipients: readers,
    }),
  ),
  delivery: v.nullish(v.looseObject({ timestamp: time, recipients: v.nullish(v.array(v.string())) })),
  deliveryDelay: v.nullish(v.looseObject({ timestamp: time, delayedRecipients: readers })),
  open: timed,
  click: timed,
});
type Detail = v.InferOutput<typeof shape>;

const instantIn = (text: string | null | undefined): Instant | null => {
  const ms = Date.parse(text ?? '');
  return Number.isFinite(ms) ? instantFromMs(ms) : null;
};

/** When it happened: the event's own time, else that of the mail. */
const timeOf = ({ bounce, complaint, delivery, deliveryDelay, open, click, mail }: Detail): Instant | null =>
  [bounce, complaint, delivery, deliveryDelay, open, click]
    .map((part) => instantIn(part?.timestamp))
    .find((at) => at !== null) ?? instantIn(mail.timestamp);

/** Of a mail to an address on its list of suppressed ones SES says so, by a bounce or as a complaint; it sent none. */
const isSuppressed = ({ complaint }: Detail): boolean =>
  /^On\w*SuppressionList$/.test(complaint?.complaintSubType ?? '');

/** What happened, in our own words; null = nothing that we use. */
const eventOf = (detail: Detail): DeliveryEvent | null => {
  const { eventType, complaint } = detail;
  const event = Object.hasOwn(EVENT_OF, eventType) ? (EVENT_OF[eventType] ?? null) : null;
  if (event !== 'complained') return event;
  // "Not spam" is a reader who takes the mail back out of the folder for spam.
  if (complaint?.complaintFeedbackType === 'not-spam') return null;
  return isSuppressed(detail) ? 'bounced' : event;
};

const addresses = (all: v.InferOutput<typeof readers>): string[] =>
  (all ?? []).flatMap(({ emailAddress }) => emailAddress ?? []);

/** Whom the event is about, as far as SES names somebody; null = all of whom the mail went to. */
const namedIn = ({ eventType, bounce, complaint, delivery, deliveryDelay }: Detail): string[] | null => {
  switch (eventType) {
    case 'Bounce':
      return addresses(bounce?.bouncedRecipients);
    case 'Complaint':
      return addresses(complaint?.complainedRecipients);
    case 'DeliveryDelay':
      return addresses(deliveryDelay?.delayedRecipients);
    case 'Delivery':
      return [...(delivery?.recipients ?? [])];
    default:
      return null;
  }
};

/**
 * The customer's address, when the event is about it. A mail to one address is about that one, whatever SES names: of a mail
 * that was forwarded it names where it went then. Of one with a copy to the business only what names the customer counts,
 * or a dead mailbox of the business would make all of its customers unreachable.
 */
const readerOf = (detail: Detail): { readonly address: string | null } | null => {
  const { destination, commonHeaders } = detail.mail;
  const [first, ...others] = destination ?? [];
  const named = namedIn(detail);
  if (others.length === 0) return { address: first ?? named?.[0] ?? null };
  // A blind copy stands among the destinations and in no header.
  const address = commonHeaders?.to?.[0] ?? first ?? null;
  if (named === null || address === null) return { address };
  return named.some((one) => mailboxOf(one) === mailboxOf(address)) ? { address } : null;
};

const keyOf = (tag: string): CustomerKey | null => {
  const [connection = '', ...rest] = textOfTag(tag).split('/');
  const customerId = rest.join('/');
  return isConnection(connection) && isProviderId(customerId) ? customerKey(connection, customerId) : null;
};

/** Only a bounce for good and a complaint say that an address is not to be written to again. */
const isUnreachable = ({ eventType, bounce }: Detail): boolean =>
  eventType === 'Complaint' || (eventType === 'Bounce' && bounce?.bounceType === 'Permanent');

type Told = Extract<Fact, { kind: 'delivery' }>;

/**
 * The facts of an event. Whatever is told of a mail but that it was rejected says as well that it was taken: SES delivers
 * events once at best, and one that tells of a sending may be the one that is lost.
 */
const factsOf = (at: Instant, sentAt: Instant | null, delivery: Told['delivery']): Told[] => {
  const told: Told = { kind: 'delivery', at, source: 'event', delivery };
  if (sentAt === null || delivery.event === 'sent' || delivery.event === 'rejected') return [told];
  return [told, { ...told, at: sentAt, delivery: { ...delivery, event: 'sent', unreachable: false } }];
};

const tagsIn = ({ tags }: Detail['mail']) => {
  const tag = (name: string) => tags?.[name]?.[0] ?? null;
  return {
    customer: tag(TAGS.customer),
    case: tag(TAGS.case),
    subject: tag(TAGS.subject),
    step: tag(TAGS.step),
  };
};

const ignored = (reason: string): DeliveryTold => ({ kind: 'ignored', reason });

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
  const event = eventOf(parsed.output);
  if (event === null) return ignored(`${eventType} is not used`);
  if (mail.tags?.[OPERATOR_TAG.Name]?.[0] === OPERATOR_TAG.Value) {
    return ignored('a mail to the business itself');
  }
  const { customer, case: caseId, subject: subjectId, step: stepId } = tagsIn(mail);
  if (customer === null || caseId === null || subjectId === null || stepId === null) {
    return ignored('not a mail of Recoup: it carries none of its tags');
  }
  const key = keyOf(customer);
  const at = timeOf(parsed.output);
  if (key === null) return { kind: 'refused', reason: 'tag customer: not a key' };
  if (at === null) return { kind: 'refused', reason: 'mail.timestamp: not a time' };
  const reader = readerOf(parsed.output);
  if (reader === null) return ignored('about a copy of the mail, which went to somebody else');
  const delivery = {
    caseId: textOfTag(caseId),
    subjectId: textOfTag(subjectId),
    stepId: textOfTag(stepId),
    event,
    address: reader.address,
    unreachable: isUnreachable(parsed.output),
  };
  return { kind: 'facts', key, facts: factsOf(at, instantIn(mail.timestamp), delivery) };
};
