// How the business is told by a `notify` step, and what every answer means for the case.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OperatorMail } from '../../../adapters/operator/mail.ts';
import { createOperatorNotifier, type NotifierOptions } from '../../../adapters/operator/notifier.ts';
import { TARGET_SECRET, TIMEOUT_MS } from '../../../adapters/operator/webhook.ts';
import { verifySignature } from '../../../adapters/stripe/signature.ts';
import { OutsideError, type ActOutcome, type OperatorNotice } from '../../../core/ports.ts';
import { anInvoice, at } from '../../support/mails.ts';
import { anOperatorNotice } from '../../support/notices.ts';

const NOW = at('2026-03-14T09:00:00.500Z');
const SECRET = 'a-signing-secret-of-24-chars';

type Answer = { status: number; headers?: Record<string, string> } | 'silence' | 'hang up';
const asked: {
  url: string | undefined;
  method: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}[] = [];
let answer: Answer = { status: 200 };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { url, method, headers } = request;
    asked.push({ url, method, headers, body: Buffer.concat(chunks).toString() });
    if (answer === 'silence') return;
    if (answer === 'hang up') request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end('a long story about https://hooks.example');
  });
});
const urlOf = (path = '/hook?token=very-secret') =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 200 };
});

const noMail = async (): Promise<ActOutcome> => expect.unreachable('a mail was sent');

const notify = (
  notice: Partial<OperatorNotice>,
  options: Partial<NotifierOptions> = {},
): Promise<ActOutcome> =>
  createOperatorNotifier({
    sendMail: noMail,
    webhook: async () => ({ url: urlOf(), signingSecret: SECRET }),
    fetch,
    now: () => NOW,
    ...options,
  }).notify(anOperatorNotice(notice));

const post = (options: Partial<NotifierOptions> = {}) => notify({ to: 'webhook', email: null }, options);

describe('a notice by mail', () => {
  test('goes to the address of the policy, and the answer of the mail service is the outcome', async () => {
    const sent: OperatorMail[] = [];
    const outcome: ActOutcome = { kind: 'unknown', why: 'as told' };
    const sendMail = async (mail: OperatorMail) => {
      sent.push(mail);
      return outcome;
    };
    expect(await notify({}, { sendMail, webhook: () => expect.unreachable('the secret was read') })).toBe(
      outcome,
    );
    expect(sent.map(({ to }) => to)).toEqual(['finance@acme.example']);
    expect(asked).toEqual([]);
  });

  test('without an address nobody is told, and the reason says so', async () => {
    expect(await notify({ email: null })).toEqual({
      kind: 'refused',
      why: 'not told: policy.operator names no address',
    });
  });
});

describe('a notice by webhook', () => {
  test('is one POST of the documented shape', async () => {
    const invoices = [anInvoice(4900, 'EUR'), anInvoice(5000, 'JPY', { number: null })];
    expect(await notify({ to: 'webhook', email: null, invoices })).toEqual({
      kind: 'done',
      why: 'accepted by the webhook (200)',
      facts: [],
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/hook?token=very-secret' });
    expect(asked[0]?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'idempotency-key': 'case_in_1:in_1:call-them',
    });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      version: 1,
      key: 'case_in_1:in_1:call-them',
      at: NOW,
      customer: 'stripe/cus_1',
      case: 'case_in_1',
      subject: 'in_1',
      campaign: 'companies',
      step: 'call-them',
      note: 'Call them, and ask for another way to pay.',
      failingSince: '2026-03-02T10:00:00.000Z',
      fails: { class: 'soft_funds', because: 'insufficient_funds' },
      invoices: [
        { number: 'R-1001', minor: 4900, currency: 'EUR' },
        { number: null, minor: 5000, currency: 'JPY' },
      ],
      totals: [
        { minor: 4900, currency: 'EUR' },
        { minor: 5000, currency: 'JPY' },
      ],
    });
  });

  test('is what the guide shows', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/policy.md'), 'utf8');
    const shown: unknown = JSON.parse(/```json\n(\{\n {2}"version": 1,.*?)```/s.exec(guide)?.[1] ?? '');
    await post();
    const posted = { ...(JSON.parse(asked[0]?.body ?? '') as object), at: '2026-03-16T08:00:00.000Z' };
    expect(posted).toEqual(shown);
  });

  test('is signed over its time and its exact bytes', async () => {
    await post();
    const [{ headers, body } = expect.unreachable('nothing was posted')] = asked;
    const seconds = Math.floor(Date.parse(NOW) / 1000);
    const digest = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex');
    expect(headers['recoup-signature']).toBe(`t=${seconds},v1=${digest}`);
    const request = { rawBody: Buffer.from(body), header: String(headers['recoup-signature']), now: NOW };
    expect(verifySignature({ ...request, secrets: [SECRET] })).toEqual({ ok: true });
    expect(verifySignature({ ...request, secrets: ['another'] })).toMatchObject({ ok: false });
  });

  test.each<[string, Answer, ActOutcome['kind'], RegExp]>([
    ['200', { status: 200 }, 'done', /accepted by the webhook \(200\)/],
    ['204', { status: 204 }, 'done', /\(204\)/],
    [
      '302',
      { status: 302, headers: { location: '/elsewhere' } },
      'refused',
      /answered 302: store the address/,
    ],
    ['400', { status: 400 }, 'refused', /refused \(400\)/],
    ['404', { status: 404 }, 'refused', /refused \(404\)/],
    ['429', { status: 429 }, 'refused', /takes no more just now \(429\)/],
    ['500', { status: 500 }, 'unknown', /failed \(500\): it may have been told, and is not told again/],
    ['503', { status: 503 }, 'unknown', /failed \(503\)/],
    ['no answer in time', 'silence', 'unknown', /did not answer in time \(TimeoutError\)/],
    ['a connection cut', 'hang up', 'unknown', /broke off \(\w+\): it may have been told/],
  ])('%s: asked once, told apart, and never held against the tick', async (_, given, kind, words) => {
    answer = given;
    const outcome = await post({ timeoutMs: given === 'silence' ? 50 : TIMEOUT_MS });
    expect(outcome.kind).toBe(kind);
    expect(outcome.why).toMatch(words);
    expect(outcome.why).not.toMatch(/127\.0\.0\.1|secret|hook\?|https?:/);
    expect(asked).toHaveLength(1);
  });

  test('nobody listens: nothing was told', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => void closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => void closed.close(resolve));
    const webhook = async () => ({ url: `http://127.0.0.1:${port}/hook`, signingSecret: SECRET });
    expect(await post({ webhook })).toEqual({
      kind: 'refused',
      why: 'the webhook could not be reached (ECONNREFUSED)',
    });
  });

  test('a certificate that is not trusted: nothing was told', async () => {
    const cause = Object.assign(new Error('for hooks.example'), { code: 'CERT_HAS_EXPIRED' });
    const outcome = await post({ fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) });
    expect(outcome).toEqual({ kind: 'refused', why: 'the webhook is not to be trusted (CERT_HAS_EXPIRED)' });
  });

  test('gives up after five seconds unless told otherwise', () => expect(TIMEOUT_MS).toBe(5000));

  test.each<[OutsideError | null, ActOutcome]>([
    [null, { kind: 'refused', why: 'not told: no webhook is configured' }],
    [new OutsideError('secret "a": gone', 'never'), { kind: 'refused', why: 'not told: secret "a": gone' }],
    [new OutsideError('secret "a": busy', 'later'), { kind: 'throttled', why: 'secret "a": busy' }],
  ])('without its address nothing is posted: %s', async (thrown, outcome) => {
    const failing = async () => {
      throw thrown;
    };
    expect(await post({ webhook: thrown && failing })).toEqual(outcome);
    expect(asked).toEqual([]);
  });

  test('a fault of ours is no outcome', async () => {
    const webhook = () => Promise.reject(new RangeError('a fault'));
    await expect(post({ webhook })).rejects.toThrow(RangeError);
  });
});

describe('the secret of the webhook', () => {
  const stored = (value: unknown) =>
    TARGET_SECRET.parse(typeof value === 'string' ? value : JSON.stringify(value));

  test.each([
    'https://hooks.example/a?token=b',
    'http://127.0.0.1:4242/',
    'http://[::1]:1/',
    'http://localhost/',
  ])('%s is taken', (url) => {
    const value = { url, signingSecret: SECRET };
    expect(stored(value)).toEqual({ value });
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', 'https://hooks.example/very-secret', /^it holds no JSON object$/],
    ['a list', ['https://hooks.example/very-secret'], /has to hold "url" and/],
    ['a number for an address', { url: 7, signingSecret: SECRET }, /^"url" is no text$/],
    ['no address', { signingSecret: SECRET }, /has to hold "url" and/],
    ['http', { url: 'http://hooks.example/very-secret', signingSecret: SECRET }, /begin with https/],
    [
      'a machine that only sounds near',
      { url: 'http://localhost.evil.example', signingSecret: SECRET },
      /https/,
    ],
    [
      'a password',
      { url: 'https://a:very-secret@hooks.example', signingSecret: SECRET },
      /no user or password/,
    ],
    ['no address at all', { url: 'hooks.example/very-secret', signingSecret: SECRET }, /begin with https/],
    ['no signing secret', { url: 'https://hooks.example' }, /has to hold "url" and/],
    ['a short one', { url: 'https://hooks.example', signingSecret: 'very-secret' }, /shorter than 16/],
    ['one with a line break', { url: 'https://hooks.example', signingSecret: `${SECRET}\n` }, /white space/],
    [
      'other fields',
      { url: 'https://hooks.example', signingSecret: SECRET, key: 'very-secret' },
      /and nothing else$/,
    ],
  ])('%s is refused in words that never quote it', (_, value, words) => {
    const parsed = stored(value);
    const wrong = 'wrong' in parsed ? parsed.wrong : '';
    expect(wrong).toMatch(words);
    expect(wrong).not.toMatch(/very-secret|hooks\.example|a-signing/);
  });
});
