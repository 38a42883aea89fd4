// What the commands about mails take: which message, in which language, and in which situation.
import { InvalidArgumentError, Option } from 'commander';
import { createComposer } from '../adapters/email/render.ts';
import { TemplateError } from '../adapters/email/templates.ts';
import { LANGUAGES, MESSAGES, type Language, type Mail, type Message, type Sender } from '../core/ports.ts';
import { loadEmails } from '../local/emails.ts';
import { SCENARIO_NAMES, sampleRequest, type Scenario } from '../local/mail-samples.ts';
import { UserError } from './user-error.ts';

/** Which mail: what {@link langOption} and {@link scenarioOption} bring. */
export type MailOptions = { readonly lang?: Language; readonly scenario: Scenario };

/** The message of an argument. */
export const messageIn = (text: string): Message => {
  const message = MESSAGES.find((one) => one === text);
  if (message !== undefined) return message;
  throw new InvalidArgumentError(`There is no such message. Use one of ${MESSAGES.join(', ')}.`);
};

export const langOption = (): Option =>
  new Option('--lang <language>', 'the language; that of policy.ts unless given').choices(LANGUAGES);

export const scenarioOption = (): Option =>
  new Option('--scenario <name>', 'what is known and owed').choices(SCENARIO_NAMES).default('usual');

/** Composes an invented mail from the folder `emails/`. Throws a {@link UserError} for what does not fit there. */
export const sampleMail = (
  message: Message,
  { lang, scenario }: MailOptions,
  policy: { readonly sender: Sender; readonly language: Language },
  to?: string,
): Mail => {
  const sample = { message, language: lang ?? policy.language, scenario, sender: policy.sender };
  try {
    return createComposer(loadEmails())(sampleRequest({ ...sample, ...(to !== undefined && { to }) }));
  } catch (error) {
    throw error instanceof TemplateError ? new UserError(`emails/${error.message}`) : error;
  }
};
