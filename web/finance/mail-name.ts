// The names of a mail as reports tell them: `reminder-1 (reminder.short)` is a step, a message, and one of its texts. Pure.

/** A mail by its names. `text`: which of several texts of the message; null = its own. */
export type MailName = { readonly step: string; readonly message: string; readonly text: string | null };

/** A message as the policy names it: `reminder`, or another text of one, such as `reminder.short`. */
export const mailNamed = (step: string, said: string): MailName => {
  const dot = said.indexOf('.');
  return dot === -1
    ? { step, message: said, text: null }
    : { step, message: said.slice(0, dot), text: said.slice(dot + 1) };
};

/** A mail as a report names it: the step alone where its message is called the same. */
export const mailIn = (name: string): MailName => {
  const told = /^(.*) \(([^()]*)\)$/.exec(name);
  return told === null ? mailNamed(name, name) : mailNamed(told[1] ?? '', told[2] ?? '');
};
