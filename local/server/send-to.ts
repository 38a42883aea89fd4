// Mail for one allowed address: it is really sent; what is for anybody else stays in the outbox.
import type { SendOperatorMail } from '../../adapters/operator/notifier.ts';
import type { Mailer } from '../../core/ports.ts';

/** The one address, and how mail is sent. `mailer` is given the outbox for its composing. */
export type SendTo = {
  readonly address: string;
  readonly mailer: (outbox: Mailer) => Mailer;
  /** Mail to the business itself, when the address is its own. */
  readonly operatorMail: SendOperatorMail;
};

/** Puts a real mailer before the outbox, for one address only. What is sent is kept in the outbox as well. */
export const sendingTo =
  ({ address, mailer }: Pick<SendTo, 'address' | 'mailer'>) =>
  (outbox: Mailer): Mailer => {
    const real = mailer(outbox);
    return {
      compose: (request) => outbox.compose(request),
      send: async (mail) => {
        if (mail.to.toLowerCase() !== address.toLowerCase()) return outbox.send(mail);
        const outcome = await real.send(mail);
        if (outcome.kind === 'done' || outcome.kind === 'unknown') await outbox.send(mail);
        return outcome;
      },
    };
  };
