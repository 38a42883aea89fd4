// A mailer that keeps what it is given: for a laptop, and for tests.
import type { ActOutcome, Mail, Mailer, MailRequest } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';

/** A mail as it went out. */
export type SentMail = Mail & { readonly at: Instant; readonly messageId: string };

/** What an outbox needs. `fault` may answer for the mail service: null means the mail is accepted. */
export type OutboxOptions = {
  readonly compose: (request: MailRequest) => Mail;
  readonly now: () => Instant;
  readonly fault?: (mail: Mail) => ActOutcome | null;
  /** What an earlier run sent, oldest first. */
  readonly kept?: readonly SentMail[];
  /** Told of each mail as it goes out, to keep it elsewhere too. */
  readonly keep?: (mail: SentMail) => void;
};

/** A mailer and what it has sent, oldest first. */
export type Outbox = {
  readonly mailer: Mailer;
  readonly mails: readonly SentMail[];
  clear(): void;
};

/** Told by the step, so that the same mail has the same id whatever else goes out. No such domain exists: RFC 2606. */
const messageIdOf = ({ caseId, subjectId, stepId }: Mail): string =>
  `<${[caseId, subjectId, stepId].map((part) => part.replaceAll(/[^\w-]/g, '_')).join('.')}@outbox.invalid>`;

/**
 * Makes an outbox. A mail whose outcome is `unknown` is kept as sent: the worst case, which a sender
 * that never writes twice has to reckon with. A refused or throttled one is not kept.
 */
export const createOutbox = ({ compose, now, fault, kept = [], keep }: OutboxOptions): Outbox => {
  const mails: SentMail[] = [...kept];

  const send = async (mail: Mail): Promise<ActOutcome> => {
    const messageId = messageIdOf(mail);
    const outcome = fault?.(mail) ?? { kind: 'done', why: 'accepted', facts: [], messageId };
    if (outcome.kind === 'done' || outcome.kind === 'unknown') {
      const sent = { ...mail, at: now(), messageId };
      keep?.(sent);
      mails.push(sent);
    }
    return outcome;
  };

  return {
    mailer: { compose, send },
    mails,
    clear: () => {
      mails.length = 0;
    },
  };
};
