// A notifier that keeps what it would have told the business: for a laptop, and for tests.
import type { Notifier, OperatorNotice } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';
import { operatorMail } from '../operator/mail.ts';
import { webhookBody } from '../operator/webhook.ts';

/** What the business was told, as it would have gone out. */
export type Told = Pick<OperatorNotice, 'key' | 'customerKey' | 'caseId' | 'stepId' | 'note'> & {
  readonly at: Instant;
  readonly to: OperatorNotice['to'];
  /** Whom a mail is to; null = the webhook. */
  readonly email: string | null;
  readonly subject: string;
  /** The mail's text, or the body that is posted. */
  readonly text: string;
};

/** What it needs. `kept` is what an earlier run told, oldest first; `keep` is told of each as it comes. */
export type ToldOptions = {
  readonly now: () => Instant;
  readonly kept?: readonly Told[];
  readonly keep?: (told: Told) => void;
};

const toldOf = (notice: OperatorNotice, at: Instant): Told => {
  const { key, customerKey, caseId, stepId, note, to, email } = notice;
  const mail = operatorMail(notice, email ?? '');
  const isMail = to === 'email';
  return {
    key,
    customerKey,
    caseId,
    stepId,
    note,
    at,
    to,
    email: isMail ? email : null,
    subject: isMail ? mail.subject : 'POST to the webhook',
    text: isMail ? mail.text : `${JSON.stringify(JSON.parse(webhookBody(notice, at)), null, 2)}\n`,
  };
};

/** Makes the notifier, and what it was told, oldest first. */
export const createToldList = ({
  now,
  kept = [],
  keep,
}: ToldOptions): { readonly notifier: Notifier; readonly told: readonly Told[] } => {
  const told = [...kept];
  return {
    told,
    notifier: {
      notify: async (notice) => {
        const one = toldOf(notice, now());
        keep?.(one);
        told.push(one);
        return { kind: 'done', why: 'kept in the outbox', facts: [] };
      },
    },
  };
};
