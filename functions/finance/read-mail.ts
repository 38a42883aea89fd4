// The mails of a case as they were sent, made of what is kept and of the emails as they are now.
import { createComposer } from '../../adapters/email/render.ts';
import { wordsAgain } from '../../adapters/email/said.ts';
import type { Templates } from '../../adapters/email/templates.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { senderFor } from '../../core/recovery/sender.ts';
import type { ReadMail } from './answers.ts';

/** Makes a reader. The templates are loaded when the first mail is read: most requests are about figures. */
export const createReadMail = (templates: () => Templates, policy: Policy): ReadMail => {
  let compose: ReturnType<typeof createComposer> | null = null;
  const sender = senderFor(policy, null);
  return (said, message) => wordsAgain((compose ??= createComposer(templates())), said, message, sender);
};
