// What the commands about mails take: which message, in which language, and in which situation.
import { InvalidArgumentError, Option } from 'commander';
import { createComposer } from '../adapters/email/render.ts';
import { TemplateError, type Templates } from '../adapters/email/templates.ts';
import { LANGUAGES, MESSAGES, type Language, type Mail, type MailText } from '../core/ports.ts';
import type { Policy } from '../core/recovery/policy.ts';
import { senderFor } from '../core/recovery/sender.ts';
import { loadEmails } from '../local/emails.ts';
import { SCENARIO_NAMES, sampleRequest, streamOfSample, type Scenario } from '../local/mail-samples.ts';
import { UserError } from './user-error.ts';

/** Which mail: what {@link langOption} and {@link scenarioOption} bring. */
export type MailOptions = { readonly lang?: Language; readonly scenario: Scenario };

/** Makes something from the folder `emails/`. Throws a {@link UserError} for what does not fit there. */
export const orUserError = <T>(make: () => T): T => {
  try {
    return make();
  } catch (error) {
    throw error instanceof TemplateError ? new UserError(`emails/${error.message}`) : error;
  }
};

/** The folder `emails/` as it is. Throws a {@link UserError} that names the file and what to change. */
export const emailsHere = (): Templates => orUserError(() => loadEmails());

/** The message that is named, or the other text of one, as far as some emails have it. */
export const textNamed = (name: string, { outlines }: Pick<Templates, 'outlines'>): MailText => {
  const texts = Object.keys(outlines) as MailText[];
  const text = texts.find((one) => one === name);
  if (text !== undefined) return text;
  throw new InvalidArgumentError(`There is no such message. Use one of ${texts.join(', ')}.`);
};

/** The message of an argument, or another text of one that the folder `emails/` has. */
export const messageIn = (name: string): MailText =>
  MESSAGES.find((one) => one === name) ?? textNamed(name, emailsHere());

export const langOption = (): Option =>
  new Option('--lang <language>', 'the language; that of policy.ts unless given').choices(LANGUAGES);

export const scenarioOption = (): Option =>
  new Option('--scenario <name>', 'what is known and owed').choices(SCENARIO_NAMES).default('usual');

/** Composes an invented mail from the folder `emails/`. Throws a {@link UserError} for what does not fit there. */
export const sampleMail = (
  message: MailText,
  { lang, scenario }: MailOptions,
  policy: Policy,
  to?: string,
  templates: Templates = emailsHere(),
): Mail => {
  const sender = senderFor(policy, streamOfSample(message));
  const sample = { message, language: lang ?? policy.language, scenario, sender };
  const compose = orUserError(() => createComposer(templates));
  return compose(sampleRequest({ ...sample, ...(to !== undefined && { to }) }));
};
