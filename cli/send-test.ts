// `recoup send-test`: sends one invented mail to one address by SES, to see it in a real mailbox.
import { Argument, Command } from 'commander';
import { createSesClient, createSesMailer } from '../adapters/ses/mailer.ts';
import type { ActOutcome, Mail, MailText } from '../core/ports.ts';
import { loadPolicy } from './load-policy.ts';
import { langOption, messageIn, sampleMail, scenarioOption, type MailOptions } from './mail-options.ts';
import { UserError } from './user-error.ts';

type Options = MailOptions & {
  readonly to: string;
  readonly policy?: string;
  readonly configurationSet?: string;
};

/** Sends one mail, once. */
export type SendOne = (mail: Mail) => Promise<ActOutcome>;

const sendBySes =
  (configurationSet: string | undefined): SendOne =>
  async (mail) => {
    const client = createSesClient();
    try {
      const options = { client, configurationSet: configurationSet ?? null };
      const mailer = createSesMailer({ ...options, compose: () => mail });
      return await mailer.send(mail);
    } finally {
      client.destroy();
    }
  };

/** What is to be done about a mail that did not go. */
const HOW =
  'It is sent with the AWS credentials and region of this shell (AWS_PROFILE, AWS_REGION), and from sender.email of the ' +
  'policy, whose domain must be a verified identity of SES there.';

const isAddress = (text: string): boolean => /^[^\s<>,;"\\@]+@[^\s<>,;"\\@]+\.[^\s<>,;"\\@]+$/.test(text);

/** Composes one mail and gives it to `send` once. Answers with what to print. Throws a {@link UserError}. */
export const sendTest = async (
  message: MailText,
  { policy: file, ...options }: Omit<Options, 'configurationSet'>,
  send: SendOne,
): Promise<string> => {
  const { to } = options;
  if (!isAddress(to)) throw new UserError(`--to "${to}": write one plain e-mail address`);
  const mail = sampleMail(message, options, await loadPolicy(file), to);
  const outcome = await send(mail).catch((error: unknown): ActOutcome => {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', why };
  });
  if (outcome.kind === 'done') return `sent to ${to}, from ${mail.from.email}: ${mail.subject}`;
  const told = outcome.kind === 'unknown' ? 'it may or may not have been sent' : 'it was not sent';
  throw new UserError(`${told}: ${outcome.why}\n${HOW}`);
};

const run = async (message: MailText, options: Options): Promise<void> => {
  console.log(await sendTest(message, options, sendBySes(options.configurationSet)));
};

/** The command, ready to be added to the program. */
export const sendTestCommand = (): Command =>
  new Command('send-test')
    .description('Sends one mail with invented data to one address by Amazon SES, and no other.')
    .addArgument(new Argument('<message>', 'which message, such as payment-failed').argParser(messageIn))
    .requiredOption('--to <address>', 'the one address that it is sent to')
    .addOption(langOption())
    .addOption(scenarioOption())
    .option('--configuration-set <name>', 'the configuration set of SES to send through; none unless given')
    .option('--policy <file>', 'whose sender it is from; policy.ts unless given')
    .action(run);
