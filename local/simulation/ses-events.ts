// The events of a mail as Amazon SES publishes them: the `detail` of an EventBridge event, with the tags of the mailer.
// Source: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
import { tagsOf } from '../../adapters/ses/mail-tags.ts';
import type { Mail } from '../../core/ports.ts';
import { instantFromSeconds } from '../../core/time.ts';
import type { Json } from '../demo/objects.ts';

/** What SES tells of a mail, by the names of its event types. */
export type SesEventType =
  | 'Send'
  | 'Delivery'
  | 'DeliveryDelay'
  | 'Open'
  | 'Click'
  | 'Bounce'
  | 'Complaint'
  | 'Reject';

/** Why a mail came back, or how a reader complained. */
export type SesWhy =
  | { readonly type: 'Permanent' | 'Transient'; readonly subType: string }
  | { readonly type: 'abuse'; readonly subType: null }
  | null;

type Part = (to: string, timestamp: string, why: SesWhy) => Json;

const MAIL_SERVER = 'mx.example.com';

/** What each type of event says besides the mail. */
const PARTS: Readonly<Record<SesEventType, Part>> = {
  Send: () => ({ send: {} }),
  Delivery: (to, timestamp) => ({
    delivery: {
      timestamp,
      processingTimeMillis: 642,
      recipients: [to],
      smtpResponse: '250 2.6.0 Message received',
      reportingMTA: MAIL_SERVER,
    },
  }),
  DeliveryDelay: (to, timestamp) => ({
    deliveryDelay: {
      timestamp,
      delayType: 'MailboxFull',
      expirationTime: timestamp,
      delayedRecipients: [{ emailAddress: to, status: '4.2.2', diagnosticCode: 'smtp; 452 over quota' }],
    },
  }),
  Open: (_, timestamp) => ({
    open: { timestamp, ipAddress: '192.0.2.1', userAgent: 'Mozilla/5.0' },
  }),
  Click: (_, timestamp) => ({
    click: { timestamp, ipAddress: '192.0.2.1', userAgent: 'Mozilla/5.0', link: 'https://', linkTags: null },
  }),
  Bounce: (to, timestamp, why) => ({
    bounce: {
      timestamp,
      bounceType: why?.type ?? 'Undetermined',
      bounceSubType: why?.subType ?? 'Undetermined',
      bouncedRecipients: [{ emailAddress: to, action: 'failed', status: '5.1.1' }],
      feedbackId: '0100017',
      reportingMTA: MAIL_SERVER,
    },
  }),
  Complaint: (to, timestamp, why) => ({
    complaint: {
      timestamp,
      complainedRecipients: [{ emailAddress: to }],
      complaintSubType: why?.subType ?? null,
      complaintFeedbackType: 'abuse',
      feedbackId: '0100018',
    },
  }),
  Reject: () => ({ reject: { reason: 'Bad content' } }),
};

/** The detail of one event. `leftSecond`: when the mail left; `second`: when this happened. */
export const sesDetail = (
  mail: Mail,
  eventType: SesEventType,
  { leftSecond, second, why }: { readonly leftSecond: number; readonly second: number; readonly why: SesWhy },
): Json => {
  const { to, from } = mail;
  const tags = tagsOf(mail).map(({ Name, Value }) => [Name, [Value]]);
  return {
    eventType,
    mail: {
      timestamp: instantFromSeconds(leftSecond),
      source: from.email,
      sendingAccountId: '123456789012',
      messageId: `${mail.caseId} ${mail.subjectId} ${mail.stepId}`,
      destination: [to],
      headersTruncated: false,
      headers: [],
      commonHeaders: { from: [from.email], to: [to], subject: mail.subject },
      tags: { 'ses:configuration-set': ['recoup'], ...(Object.fromEntries(tags) as Json) },
    },
    ...PARTS[eventType](to, instantFromSeconds(second), why),
  };
};
