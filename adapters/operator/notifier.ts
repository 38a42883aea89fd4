// Tells the business itself what a `notify` step of its policy wants it to know: by mail, or by a signed webhook.
import { OutsideError, type ActOutcome, type Notifier, type OperatorNotice } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';
import { operatorMail, type OperatorMail } from './mail.ts';
import { postNotice, webhookBody, type PostOptions, type WebhookTarget } from './webhook.ts';

/** Sends one mail to the business. */
export type SendOperatorMail = (mail: OperatorMail) => Promise<ActOutcome>;

export type NotifierOptions = PostOptions & {
  readonly sendMail: SendOperatorMail;
  /** Reads where notices are posted; null = the policy posts none. May throw {@link OutsideError}. */
  readonly webhook: (() => Promise<WebhookTarget>) | null;
  /** The time that a notice is stamped and signed with. */
  readonly now: () => Instant;
};

/** Nothing has been told when its address cannot be read: asking later may help, or a person has to. */
const withoutTarget = (error: OutsideError): ActOutcome =>
  error.retry === 'later'
    ? { kind: 'throttled', why: error.message }
    : { kind: 'refused', why: `not told: ${error.message}` };

const post = async (options: NotifierOptions, notice: OperatorNotice): Promise<ActOutcome> => {
  const { webhook, now } = options;
  if (webhook === null) return { kind: 'refused', why: 'not told: no webhook is configured' };
  let target: WebhookTarget;
  try {
    target = await webhook();
  } catch (error) {
    if (error instanceof OutsideError) return withoutTarget(error);
    throw error;
  }
  const at = now();
  return postNotice(options, target, { key: notice.key, body: webhookBody(notice, at) }, at);
};

/**
 * Makes the notifier. `done`: the mail service or the webhook took it. `refused`: it was not told, and why.
 * `unknown`: it may have been told, and is not told again. `throttled`: AWS asks for patience, nothing was told.
 */
export const createOperatorNotifier = (options: NotifierOptions): Notifier => ({
  notify: async (notice) => {
    if (notice.to === 'webhook') return post(options, notice);
    if (notice.email === null) return { kind: 'refused', why: 'not told: policy.operator names no address' };
    return options.sendMail(operatorMail(notice, notice.email));
  },
});
