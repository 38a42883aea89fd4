// A mail as people call it: its message in their language, and which of its texts.
import type { MailName } from '../mail-name.ts';
import { useNames } from '../words.ts';

/** The name of a mail without its step. A message that has no name is called as the policy does. */
export const useMailLabel = (): ((mail: MailName) => string) => {
  const names = useNames();
  return ({ message, text }) => {
    const name = names('message', message);
    return text === null ? name : `${name} · ${text}`;
  };
};
