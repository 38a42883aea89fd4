// Telling the business for real: mail to the one allowed address, posts to a webhook that was given by name.
import { createOperatorNotifier, type SendOperatorMail } from '../../adapters/operator/notifier.ts';
import type { WebhookTarget } from '../../adapters/operator/webhook.ts';
import type { Notifier, OperatorNotice } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';

/** What is real; all else stays in the outbox. */
export type Telling = {
  /** The one address that mail is sent to, and how. */
  readonly mail: { readonly address: string; readonly send: SendOperatorMail } | null;
  readonly webhook: WebhookTarget | null;
  /** The machine's time: a signature by a clock that was moved would be refused. */
  readonly machineNow: () => Instant;
};

/** Puts real telling before the outbox. What is told is kept in the outbox as well. */
export const tellingFor =
  ({ mail, webhook, machineNow }: Telling) =>
  (outbox: Notifier): Notifier => {
    const real = createOperatorNotifier({
      sendMail: mail?.send ?? (async () => ({ kind: 'refused', why: 'local: no mail is sent' })),
      webhook: webhook && (async () => webhook),
      fetch,
      now: machineNow,
    });
    const isReal = ({ to, email }: OperatorNotice): boolean =>
      to === 'webhook' ? webhook !== null : email?.toLowerCase() === mail?.address.toLowerCase();
    return {
      notify: async (notice) => {
        if (!isReal(notice)) return outbox.notify(notice);
        const outcome = await real.notify(notice);
        if (outcome.kind === 'done' || outcome.kind === 'unknown') await outbox.notify(notice);
        return outcome;
      },
    };
  };
