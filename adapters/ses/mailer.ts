// Mail by Amazon SES: one recipient a call, never asked twice, tagged so that its events find their way back.
import { domainToASCII } from 'node:url';
import {
  SendEmailCommand,
  SESv2Client,
  type Attachment,
  type SESv2ClientConfig,
} from '@aws-sdk/client-sesv2';
import type { ActOutcome, Mail, MailRequest, Mailer } from '../../core/ports.ts';
import type { OperatorMail } from '../operator/mail.ts';
import type { SendOperatorMail } from '../operator/notifier.ts';
import { OPERATOR_TAG } from './delivery.ts';
import { outcomeOf } from './errors.ts';
import { tagsOf } from './mail-tags.ts';

/**
 * A client that sends once: SES has no idempotency, so a repetition by the SDK could mail twice. Without
 * `throwOnRequestTimeout` the SDK only warns of a request that takes too long.
 */
export const createSesClient = (config: SESv2ClientConfig = {}): SESv2Client =>
  new SESv2Client({
    requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...config,
    maxAttempts: 1,
  });

/** What the mailer needs. `compose` makes the mail of a request, as the renderer does. */
export type SesMailerOptions = {
  readonly client: SESv2Client;
  /** Through which its events come back; null = through none. */
  readonly configurationSet: string | null;
  /** The SES tenant in whose name is sent, so that its reputation stands alone; absent or null = in none's. */
  readonly tenant?: string | null;
  readonly compose: (request: MailRequest) => Mail;
};

/** The domain as DNS has it; the part before the `@` stays, for SES takes it in ASCII only. */
const wireAddress = (address: string): string => {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`;
};

/**
 * Bytes of text in one encoded word: 75 characters with `=?UTF-8?B?` and `?=` around the base64. RFC 2047, 2.
 */
const WORD_BYTES = 45;

/** Text in pieces of at most `max` bytes of UTF-8, never cut within a character. */
const pieces = (text: string, max: number): string[] => {
  const found = [''];
  for (const character of text) {
    const last = found.at(-1) ?? '';
    if (Buffer.byteLength(last + character) <= max) found[found.length - 1] = last + character;
    else found.push(character);
  }
  return found;
};

/**
 * A name as a header may hold it: quoted, or as encoded words when it is not plain ASCII. RFC 5322, RFC 2047.
 */
const headerText = (name: string): string => {
  const line = name
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  if (/^[ -~]*$/.test(line)) return `"${line.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  return pieces(line, WORD_BYTES)
    .map((piece) => `=?UTF-8?B?${Buffer.from(piece, 'utf8').toString('base64')}?=`)
    .join(' ');
};

/** A mail as SES takes it: to one person, with tags, and as text alone when it has no HTML. */
type Letter = Pick<Mail, 'to' | 'from' | 'replyTo' | 'subject' | 'text'> & {
  readonly html: string | null;
  readonly tags: { Name: string; Value: string }[];
  readonly bcc?: string;
  readonly files?: OperatorMail['files'];
  readonly unsubscribeUrl?: string | null;
  readonly thread?: readonly string[];
};

const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });

/** SES takes no longer value of a header. */
const MAX_HEADER = 995;

type Header = { readonly Name: string; readonly Value: string };

/**
 * What lets mail programs show a button of their own, in this order: RFC 8058 and RFC 2369. docs.aws.amazon.com/ses/latest/dg/header-fields.html
 */
const unsubscribeHeaders = ({ unsubscribeUrl }: Letter): Header[] =>
  typeof unsubscribeUrl === 'string' && unsubscribeUrl.length <= MAX_HEADER - 2
    ? [
        { Name: 'List-Unsubscribe', Value: `<${unsubscribeUrl}>` },
        { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
      ]
    : [];

const MESSAGE_ID = /^<[!-;=?-~]{1,200}@[A-Za-z0-9.-]{1,100}>$/;

/** What puts the mail with those before it: the last of them, and as many as fit. RFC 5322, 3.6.4 */
const threadHeaders = ({ thread = [] }: Letter): Header[] => {
  const known = thread.filter((id) => MESSAGE_ID.test(id));
  const last = known.at(-1);
  if (last === undefined) return [];
  let references = known.join(' ');
  while (references.length > MAX_HEADER) references = references.slice(references.indexOf(' ') + 1);
  return [
    { Name: 'In-Reply-To', Value: last },
    { Name: 'References', Value: references },
  ];
};

const headersOf = (letter: Letter): { Headers?: Header[] } => {
  const Headers = [...unsubscribeHeaders(letter), ...threadHeaders(letter)];
  return Headers.length === 0 ? {} : { Headers };
};

/** Files as SES takes them: it encodes them for the mail by itself. */
const filesOf = ({ files = [] }: Letter): { Attachments?: Attachment[] } =>
  files.length === 0
    ? {}
    : {
        Attachments: files.map(({ name, type, content }) => ({
          FileName: name,
          ContentType: `${type}; charset=UTF-8`,
          ContentDisposition: 'ATTACHMENT',
          ContentTransferEncoding: 'BASE64',
          RawContent: Buffer.from(content, 'utf8'),
        })),
      };

type Through = Pick<SesMailerOptions, 'client' | 'configurationSet' | 'tenant'>;

const commandOf = (letter: Letter, { configurationSet, tenant = null }: Through): SendEmailCommand =>
  new SendEmailCommand({
    FromEmailAddress: `${headerText(letter.from.name)} <${wireAddress(letter.from.email)}>`,
    Destination: {
      ToAddresses: [wireAddress(letter.to)],
      ...(letter.bcc !== undefined && { BccAddresses: [wireAddress(letter.bcc)] }),
    },
    ReplyToAddresses: [wireAddress(letter.replyTo)],
    ...(configurationSet !== null && { ConfigurationSetName: configurationSet }),
    ...(tenant !== null && { TenantName: tenant }),
    EmailTags: letter.tags,
    Content: {
      Simple: {
        Subject: utf8(letter.subject),
        Body: { ...(letter.html !== null && { Html: utf8(letter.html) }), Text: utf8(letter.text) },
        ...headersOf(letter),
        ...filesOf(letter),
      },
    },
  });

/**
 * The id that SES gives back, as it writes it into the header `Message-ID`: behind it stands the region, but in us-east-1.
 * Source: docs.aws.amazon.com/ses/latest/dg/header-fields.html
 */
const messageIdOf = (id: string | undefined, region: string): { messageId?: string } => {
  if (id === undefined) return {};
  const domain = region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`;
  return { messageId: `<${id}@${domain}>` };
};

const sendLetter = async (through: Through, letter: Letter): Promise<ActOutcome> => {
  const command = commandOf(letter, through);
  // Asked before it is sent: nothing may fail between a mail that went and its outcome.
  const region = await through.client.config.region();
  try {
    const { MessageId } = await through.client.send(command);
    return { kind: 'done', why: 'accepted by SES', facts: [], ...messageIdOf(MessageId, region) };
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome === null) throw error;
    return outcome;
  }
};

/**
 * Makes the mailer. `send` answers with what became of the mail: `done`, `throttled` (not sent, and not the
 * customer's fault: try again), `refused` (never, as it is) or `unknown` (may be on its way: not to be sent
 * again). Source: docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 */
export const createSesMailer = (options: SesMailerOptions): Mailer => ({
  compose: options.compose,
  send: (mail) => sendLetter(options, { ...mail, tags: tagsOf(mail) }),
});

/**
 * Makes what sends mail to the business itself: tagged so that its events are no news of a customer. Answers as
 * `send` of the mailer does, but for an address that a sandbox takes no mail for: that is `refused`, so that no
 * customer's case waits for it.
 */
export const createSesOperatorMailer =
  (options: Through): SendOperatorMail =>
  async (mail) => {
    const outcome = await sendLetter(options, {
      ...mail,
      html: mail.html ?? null,
      tags: [{ ...OPERATOR_TAG }],
    });
    const isRejected = outcome.kind === 'throttled' && outcome.why.endsWith('(MessageRejected)');
    return isRejected ? { ...outcome, kind: 'refused' } : outcome;
  };
