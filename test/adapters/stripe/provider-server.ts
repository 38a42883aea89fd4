// A server on this machine that answers like Stripe, for the real SDK to talk to; it keeps what it was asked.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createStripeAccount } from '../../../adapters/stripe/account.ts';
import { createStripeEventLog } from '../../../adapters/stripe/event-log.ts';
import { createStripeClient, createStripeProvider } from '../../../adapters/stripe/provider.ts';
import type { Accept } from '../../../adapters/stripe/translate.ts';
import type { Account, EventLog, Provider } from '../../../core/ports.ts';
import type { Instant } from '../../../core/time.ts';

/** The key that every client here has, so that a test can look for it where it must not be. */
export const API_KEY = 'sk_test_never_to_be_seen';

/** A request as it came in. */
export type Asked = {
  readonly call: string;
  readonly query: URLSearchParams;
  readonly body: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** An answer: an object, an error by its status, or none. */
export type Answer =
  | object
  | { readonly status: number; readonly error: object }
  | 'silence'
  | 'hang up'
  | 'gibberish';

/** An error as Stripe puts it. */
export const failing = (status: number, error: object = {}) => ({
  status,
  error: { type: 'invalid_request_error', message: `the words of Stripe about ada@example.com`, ...error },
});

/** A list as Stripe puts it. */
export const listOf = (data: readonly object[], more = false) => ({
  object: 'list',
  url: '/v1/things',
  has_more: more,
  data,
});

const isFailure = (answer: object): answer is { status: number; error: object } =>
  'status' in answer && typeof answer.status === 'number' && 'error' in answer;

const reply = (response: ServerResponse, answer: Answer | undefined, call: string): void => {
  if (answer === 'silence') return;
  if (answer === 'hang up') {
    response.socket?.destroy();
    return;
  }
  const headers = { 'content-type': 'application/json', 'request-id': 'req_1' };
  if (answer === 'gibberish') response.writeHead(200, headers).end('<html>');
  else if (answer === undefined) response.writeHead(418, headers).end(`{"error":{"message":"no ${call}"}}`);
  else if (isFailure(answer)) {
    response.writeHead(answer.status, headers).end(JSON.stringify({ error: answer.error }));
  } else response.writeHead(200, headers).end(JSON.stringify(answer));
};

/** Calls and their answers, such as `GET /v1/invoices`; a function is asked each time. */
export type Answers = Readonly<Record<string, Answer | ((asked: Asked) => Answer)>>;

/** What a test gets: the provider on the server, and what it asked. */
export type Loopback = {
  readonly provider: (answers: Answers, now?: Instant) => Provider;
  /** The log of events on the server, for a connection that takes these. */
  readonly eventLog: (answers: Answers, accept?: Accept) => EventLog;
  /** The whole account on the server, for a connection that takes these events. */
  readonly account: (answers: Answers, accept?: Accept) => Account;
  readonly asked: () => readonly Asked[];
  readonly calls: () => readonly string[];
};

/** Runs a server for the tests of a file. Its client gives up after 150 ms. */
export const useStripe = (): Loopback => {
  let asked: Asked[] = [];
  let answers: Answers = {};
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://stripe');
      const call = `${request.method} ${url.pathname}`;
      const body = new URLSearchParams(Buffer.concat(chunks).toString());
      const one: Asked = { call, query: url.searchParams, body, headers: request.headers };
      asked.push(one);
      const answer = answers[call];
      reply(response, typeof answer === 'function' ? answer(one) : answer, call);
    });
  });
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked = [];
    answers = {};
  });
  const clientWith = (given: Answers) => {
    answers = given;
    const { port } = server.address() as AddressInfo;
    const where = { host: '127.0.0.1', port, protocol: 'http', timeoutMs: 150 } as const;
    return createStripeClient(API_KEY, where);
  };
  return {
    provider: (given, now) => {
      const client = clientWith(given);
      return createStripeProvider({ clientFor: async () => client, ...(now && { now: () => now }) });
    },
    eventLog: (given, accept = { livemode: false, account: null }) => {
      const client = clientWith(given);
      return createStripeEventLog({ clientFor: async () => client, acceptFor: () => accept });
    },
    account: (given, accept = { livemode: false, account: null }) => {
      const client = clientWith(given);
      return createStripeAccount({ clientFor: async () => client, acceptFor: () => accept });
    },
    asked: () => asked,
    calls: () => asked.map(({ call }) => call),
  };
};
