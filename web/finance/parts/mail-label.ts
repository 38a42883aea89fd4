// A mail as people call it: its message in their language, and which of its texts.
import { mailIn, type MailName } from '../mail-name.ts';
import { useNames } from '../words.ts';

/** The name of a mail without its step. A message that has no name is called as the policy does. */
export const useMailLabel = (): ((mail: MailName) => string) => {
  const names = useNames();
  return ({ message, text }) => {
    const name = names('message', message);
    return text === null ? name : `${name} · ${text}`;
  };
};

/** A mail with its step, from its name in a report: `reminder-1 (reminder)`; what stands in brackets is none. */
export const useMailName = (): ((name: string) => string) => {
  const names = useNames();
  const label = useMailLabel();
  return (name) => {
    if (name.startsWith('(')) return names('other', name);
    const mail = mailIn(name);
    return `${label(mail)} (${mail.step})`;
  };
};
