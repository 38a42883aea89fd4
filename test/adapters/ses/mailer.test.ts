// What goes to SES for a mail, and what every answer of it means for the step that sent it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { textOfTag, translateDelivery } from '../../../adapters/ses/delivery.ts';
import { createSesClient, createSesMailer, createSesOperatorMailer } from '../../../adapters/ses/mailer.ts';
import type { ActOutcome, Mail } from '../../../core/ports.ts';
import { keyOf } from '../../support/customers.ts';

const MAIL: Mail = {
  to: 'ada@example.com',
  from: { name: 'Acme', email: 'billing@acme.example' },
  replyTo: 'help@acme.example',
  subject: 'Zahlung für März fehlgeschlagen',
  html: '<p>Guten Tag, Žofia – 12 €</p>',
  text: 'Guten Tag, Žofia – 12 €',
  message: 'reminder',
  language: 'de',
  customerKey: keyOf('cus_1'),
  caseId: 'case_in_1',
  subjectId: 'in_1:ch_1',
  stepId: 'reminder 1',
};

type Answer = { status: number; error?: string; text?: string } | 'silence' | 'hang up';
type Sent = {
  FromEmailAddress: string;
  ReplyToAddresses: string[];
  Destination: object;
  EmailTags: { Name: string; Value: string }[];
  Content: { Simple: { Body: object } };
};

const asked: { url: string | undefined; body: Sent }[] = [];
let answer: Answer = { status: 200 };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    asked.push({ url: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) as Sent });
    if (answer === 'silence') return;
    if (answer === 'hang up') {
      request.socket.destroy();
      return;
    }
    const headers = {
      'content-type': 'application/json',
      ...(answer.error && { 'x-amzn-errortype': answer.error }),
    };
    const body = answer.error ? { message: answer.text ?? 'about ada@example.com' } : { MessageId: 'm-1' };
    response.writeHead(answer.status, headers).end(JSON.stringify(body));
  });
});

const sesAt = (port: number) => ({
  client: createSesClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: { connectionTimeout: 1000, requestTimeout: 150, throwOnRequestTimeout: true },
  }),
  configurationSet: 'recoup-dev',
});
const mailerAt = (port: number) => createSesMailer({ ...sesAt(port), compose: () => MAIL });

const send = (changes: Partial<Mail> = {}): Promise<ActOutcome> =>
  mailerAt((server.address() as AddressInfo).port).send({ ...MAIL, ...changes });

const sent = async (changes: Partial<Mail> = {}): Promise<Sent> => {
  await send(changes);
  const [first] = asked;
  return first?.body ?? expect.unreachable('nothing was sent');
};

beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 200 };
});

describe('a mail that goes out', () => {
  test('that one can be taken off says so as RFC 8058 has it; every other one has no headers of its own', async () => {
    const unsubscribeUrl = 'https://pay.acme.test/u/token';
    expect((await sent({ unsubscribeUrl })).Content.Simple).toMatchObject({
      Headers: [
        { Name: 'List-Unsubscribe', Value: `<${unsubscribeUrl}>` },
        { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
      ],
    });
    asked.length = 0;
    expect((await sent({ unsubscribeUrl: null })).Content.Simple).not.toHaveProperty('Headers');
  });

  test('is one request to one recipient, as HTML and as text, in UTF-8', async () => {
    expect(await send()).toEqual({
      kind: 'done',
      why: 'accepted by SES',
      facts: [],
      messageId: '<m-1@eu-central-1.amazonses.com>',
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe('/v2/email/outbound-emails');
    expect(asked[0]?.body).toMatchObject({
      FromEmailAddress: '"Acme" <billing@acme.example>',
      Destination: { ToAddresses: ['ada@example.com'] },
      ReplyToAddresses: ['help@acme.example'],
      ConfigurationSetName: 'recoup-dev',
      Content: {
        Simple: {
          Subject: { Data: MAIL.subject, Charset: 'UTF-8' },
          Body: {
            Html: { Data: MAIL.html, Charset: 'UTF-8' },
            Text: { Data: MAIL.text, Charset: 'UTF-8' },
          },
        },
      },
    });
  });

  test('carries the tags by which its events find their way back', async () => {
    const { EmailTags } = await sent();
    for (const { Name, Value } of EmailTags) {
      expect(`${Name} ${Value}`).toMatch(/^[A-Za-z0-9_-]{1,256} [A-Za-z0-9_-]{1,256}$/);
    }
    expect(Object.fromEntries(EmailTags.map(({ Name, Value }) => [Name, textOfTag(Value)]))).toEqual({
      customer: 'stripe/cus_1',
      case: 'case_in_1',
      subject: 'in_1:ch_1',
      step: 'reminder 1',
      message: 'reminder',
    });
  });

  test('goes out without a tag that is too long', async () => {
    const { EmailTags } = await sent({ stepId: 'x'.repeat(300) });
    expect(EmailTags.map(({ Name }) => Name)).toEqual(['customer', 'case', 'subject', 'message']);
  });
});

describe('which mails it goes on from', () => {
  const HEADERS = (ids: readonly string[]) => [
    { Name: 'In-Reply-To', Value: ids.at(-1) },
    { Name: 'References', Value: ids.join(' ') },
  ];
  const headersOf = async (changes: Partial<Mail>) => {
    const simple = (await sent(changes)).Content.Simple as { Headers?: { Name: string; Value: string }[] };
    return simple.Headers;
  };

  test('is told by the last of them and by all of them, the oldest first', async () => {
    const thread = ['<m-1@eu-central-1.amazonses.com>', '<m-2@email.amazonses.com>'];
    expect(await headersOf({ thread })).toEqual(HEADERS(thread));
  });

  test('the first of a thread has no such headers', async () => {
    expect(await headersOf({ thread: [] })).toBeUndefined();
  });

  test('beside those by which one is taken off', async () => {
    const names = (
      await headersOf({ thread: ['<a@b.example>'], unsubscribeUrl: 'https://pay.acme.test/u' })
    )?.map(({ Name }) => Name);
    expect(names).toEqual(['List-Unsubscribe', 'List-Unsubscribe-Post', 'In-Reply-To', 'References']);
  });

  test.each([
    'm-1',
    '<m-1>',
    '<m 1@b.example>',
    '<m-1@b.example>\r\nBcc: <x@y.example>',
    '<m-1@b.example> <m-2@b.example>',
    '<<m-1@b.example>>',
    `<${'x'.repeat(300)}@b.example>`,
    '<ä@b.example>',
    '',
  ])('what is no id is left out: %j', async (id) => {
    expect(await headersOf({ thread: ['<a@b.example>', id] })).toEqual(HEADERS(['<a@b.example>']));
    asked.length = 0;
    expect(await headersOf({ thread: [id] })).toBeUndefined();
  });

  test('no header is longer than SES takes: of too many the newest are named', async () => {
    const thread = Array.from({ length: 9 }, (_, i) => `<${`${i}`.repeat(180)}@b.example>`);
    const headers = (await headersOf({ thread })) ?? [];
    expect(headers).toEqual([HEADERS(thread)[0], HEADERS(thread.slice(-5))[1]]);
    for (const { Value } of headers) expect(Value.length).toBeLessThanOrEqual(995);
  });

  test.each([
    ['eu-central-1', '<m-1@eu-central-1.amazonses.com>'],
    ['us-east-1', '<m-1@email.amazonses.com>'],
  ])('the id of a mail is that of its header: sent from %s it is %s', async (region, messageId) => {
    const { client } = sesAt((server.address() as AddressInfo).port);
    client.config.region = async () => region;
    const mailer = createSesMailer({ client, configurationSet: null, compose: () => MAIL });
    expect(await mailer.send(MAIL)).toMatchObject({ kind: 'done', messageId });
  });

  test('an answer without an id is a mail that went all the same', async () => {
    const client = createSesClient({ region: 'eu-central-1' });
    client.send = () => Promise.resolve({});
    const mailer = createSesMailer({ client, configurationSet: null, compose: () => MAIL });
    expect(await mailer.send(MAIL)).toEqual({ kind: 'done', why: 'accepted by SES', facts: [] });
  });

  test('another text of a message is told in a tag that SES takes and that reads as it is called', async () => {
    const { EmailTags } = await sent({ message: 'reminder.short' });
    const { Value = '' } = EmailTags.find(({ Name }) => Name === 'message') ?? {};
    expect(Value).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
    expect(textOfTag(Value)).toBe('reminder.short');
  });
});

describe('who gets it besides, and in whose name', () => {
  test('a copy goes to an address that the reader does not see', async () => {
    expect((await sent({ bcc: 'copies@bücher.example' })).Destination).toEqual({
      ToAddresses: ['ada@example.com'],
      BccAddresses: ['copies@xn--bcher-kva.example'],
    });
  });

  test.each([
    ['acme', { TenantName: 'acme' }],
    [null, {}],
    [undefined, {}],
  ])('a tenant of %j', async (tenant, expected) => {
    const mailer = createSesMailer({
      ...sesAt((server.address() as AddressInfo).port),
      ...(tenant !== undefined && { tenant }),
      compose: () => MAIL,
    });
    await mailer.send(MAIL);
    const { TenantName } = (asked[0]?.body ?? {}) as { TenantName?: string };
    expect(TenantName === undefined ? {} : { TenantName }).toEqual(expected);
  });
});

describe('who it comes from', () => {
  test.each([
    ['Acme, Inc.', '"Acme, Inc." <billing@acme.example>'],
    ['Acme "Pay" \\ Co', '"Acme \\"Pay\\" \\\\ Co" <billing@acme.example>'],
    ['Evil\r\nBcc: x@y.example', '"Evil Bcc: x@y.example" <billing@acme.example>'],
    ['Bäckerei', '=?UTF-8?B?QsOkY2tlcmVp?= <billing@acme.example>'],
  ])('%s', async (name, header) => {
    const { FromEmailAddress } = await sent({ from: { ...MAIL.from, name } });
    expect(FromEmailAddress).toBe(header);
  });

  test('a long name is cut into words that mail readers take, never within a character', async () => {
    const name = `AB${'😀'.repeat(20)}株式会社テスト請求書発行部門`;
    const { FromEmailAddress } = await sent({ from: { ...MAIL.from, name } });
    const words = FromEmailAddress.replace(' <billing@acme.example>', '').split(' ');
    expect(words.length).toBeGreaterThan(1);
    for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
    const read = words.map((word) => {
      const [, base64 = ''] = /^=\?UTF-8\?B\?(.+)\?=$/.exec(word) ?? [];
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
    });
    expect(read.join('')).toBe(name);
  });

  test('domains go as DNS has them', async () => {
    const body = await sent({
      to: 'ada@bücher.example',
      from: { name: 'Acme', email: 'pay@bücher.example' },
      replyTo: 'help@bücher.example',
    });
    expect(body.Destination).toEqual({ ToAddresses: ['ada@xn--bcher-kva.example'] });
    expect(body.FromEmailAddress).toBe('"Acme" <pay@xn--bcher-kva.example>');
    expect(body.ReplyToAddresses).toEqual(['help@xn--bcher-kva.example']);
  });
});

describe('a mail that does not', () => {
  test.each<[string, Answer, ActOutcome['kind'], string]>([
    ['too many requests', { status: 429, error: 'TooManyRequestsException' }, 'throttled', 'slow down'],
    ['throttling', { status: 400, error: 'ThrottlingException' }, 'throttled', 'slow down'],
    ['429 by any name', { status: 429, error: 'Whatever' }, 'throttled', 'slow down'],
    [
      'a limit of the account',
      { status: 400, error: 'LimitExceededException' },
      'throttled',
      'sending quota',
    ],
    ['sending paused', { status: 400, error: 'SendingPausedException' }, 'throttled', 'resume it'],
    ['suspended', { status: 400, error: 'AccountSuspendedException' }, 'throttled', 'suspended'],
    ['MAIL FROM', { status: 400, error: 'MailFromDomainNotVerifiedException' }, 'throttled', 'DNS'],
    ['no configuration set', { status: 404, error: 'NotFoundException' }, 'throttled', 'deploy the stack'],
    ['denied', { status: 403, error: 'AccessDeniedException' }, 'throttled', 'ses:SendEmail'],
    ['credentials', { status: 403, error: 'UnrecognizedClientException' }, 'throttled', 'credentials'],
    [
      'a sandbox',
      { status: 400, error: 'MessageRejected', text: 'Email address is not verified: ada@example.com' },
      'throttled',
      'sandbox',
    ],
    ['unavailable', { status: 503, error: 'ServiceUnavailable' }, 'throttled', 'not available'],
    ['rejected', { status: 400, error: 'MessageRejected' }, 'refused', 'rejected'],
    ['a bad request', { status: 400, error: 'BadRequestException' }, 'refused', 'an address or a header'],
    ['an unknown 4xx', { status: 418, error: 'Teapot' }, 'refused', 'Teapot'],
    ['500', { status: 500, error: 'InternalServiceErrorException' }, 'unknown', 'did not answer'],
    ['502', { status: 502, error: 'BadGateway' }, 'unknown', 'did not answer'],
    ['no answer in time', 'silence', 'unknown', 'did not answer'],
    ['a connection cut', 'hang up', 'unknown', 'ECONNRESET'],
  ])('%s', async (_, given, kind, words) => {
    answer = given;
    const outcome = await send();
    expect(outcome.kind).toBe(kind);
    expect(outcome.why).toContain(words);
    expect(outcome.why).not.toContain('ada@example.com');
    expect(asked).toHaveLength(1);
  });

  test('nobody listens: nothing was sent, so the step is given back', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => void closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => void closed.close(resolve));
    expect(await mailerAt(port).send(MAIL)).toMatchObject({
      kind: 'throttled',
      why: 'SES could not be reached (ECONNREFUSED)',
    });
  });

  test('a fault of ours is no outcome', async () => {
    const client = createSesClient({ region: 'eu-central-1' });
    client.send = () => Promise.reject(new TypeError('a fault'));
    const mailer = createSesMailer({ client, configurationSet: 'c', compose: () => MAIL });
    await expect(mailer.send(MAIL)).rejects.toThrow(TypeError);
  });
});

describe('a mail to the business itself', () => {
  const TO_US = {
    to: 'finance@bücher.example',
    from: { name: 'Acme, Inc.', email: 'billing@acme.example' },
    replyTo: 'help@acme.example',
    subject: 'Recoup: call-them',
    text: 'A case has come to a step.',
  };
  const tell = () => createSesOperatorMailer(sesAt((server.address() as AddressInfo).port))(TO_US);

  test('is plain text, and its events are taken for no news of a customer', async () => {
    expect(await tell()).toEqual({
      kind: 'done',
      why: 'accepted by SES',
      facts: [],
      messageId: '<m-1@eu-central-1.amazonses.com>',
    });
    const [{ body } = expect.unreachable('nothing was sent')] = asked;
    expect(body).toMatchObject({
      FromEmailAddress: '"Acme, Inc." <billing@acme.example>',
      Destination: { ToAddresses: ['finance@xn--bcher-kva.example'] },
      ReplyToAddresses: ['help@acme.example'],
      ConfigurationSetName: 'recoup-dev',
    });
    expect(body.Content.Simple.Body).toEqual({ Text: { Data: TO_US.text, Charset: 'UTF-8' } });
    const tags = Object.fromEntries(body.EmailTags.map(({ Name, Value }) => [Name, [Value]]));
    const event = { eventType: 'Bounce', bounce: { bounceType: 'Permanent' } };
    expect(
      translateDelivery({ ...event, mail: { timestamp: '2026-03-02T10:00:00.000Z', tags } }),
    ).toMatchObject({ kind: 'ignored' });
  });

  test('of figures has HTML and files, as SES takes them', async () => {
    const files = [{ name: 'recoup-2026-03.csv', type: 'text/csv', content: 'Žofia,12\r\n' }];
    const tellWithFiles = createSesOperatorMailer(sesAt((server.address() as AddressInfo).port));
    expect(await tellWithFiles({ ...TO_US, html: '<p>Žofia</p>', files })).toMatchObject({ kind: 'done' });
    const [{ body } = expect.unreachable('nothing was sent')] = asked;
    expect(body.Content.Simple).toMatchObject({
      Body: { Html: { Data: '<p>Žofia</p>', Charset: 'UTF-8' } },
      Attachments: [
        {
          FileName: 'recoup-2026-03.csv',
          ContentType: 'text/csv; charset=UTF-8',
          ContentDisposition: 'ATTACHMENT',
          RawContent: Buffer.from('Žofia,12\r\n').toString('base64'),
        },
      ],
    });
  });

  test.each<[string, Answer, ActOutcome['kind']]>([
    ['SES asks us to slow down', { status: 429, error: 'TooManyRequestsException' }, 'throttled'],
    ['a rejected mail', { status: 400, error: 'MessageRejected' }, 'refused'],
    [
      'a sandbox that does not know the address',
      { status: 400, error: 'MessageRejected', text: 'Email address is not verified: finance@acme.example' },
      'refused',
    ],
    ['no answer in time', 'silence', 'unknown'],
  ])('%s: no customer waits for an address of ours', async (_, given, kind) => {
    answer = given;
    const outcome = await tell();
    expect(outcome.kind).toBe(kind);
    expect(outcome.why).not.toContain('finance@');
    expect(asked).toHaveLength(1);
  });
});

test('the client never asks twice, whatever it is given, and gives up on a request that hangs', async () => {
  const client = createSesClient({ region: 'eu-central-1', maxAttempts: 5 });
  expect(await client.config.maxAttempts()).toBe(1);
  // The handler holds its settings from the start.
  const handler = client.config.requestHandler as unknown as { configProvider: Promise<object> };
  expect(await handler.configProvider).toMatchObject({ requestTimeout: 10_000, throwOnRequestTimeout: true });
});
