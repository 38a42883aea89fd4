// What is deployed: each bundle in a fresh process, on an embedded store and with a recorded event.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDynamoStore } from '../../adapters/dynamodb/store.ts';
import { SHARDS } from '../../adapters/dynamodb/table-shape.ts';
import { signLink } from '../../adapters/links/token.ts';
import { tagValue } from '../../adapters/ses/delivery.ts';
import { signPayload } from '../../adapters/stripe/signature.ts';
import { customerKey } from '../../core/ids.ts';
import { instantFromMs, monthOf, startOfMonth } from '../../core/time.ts';
import { createTable, startEmbeddedDynamo, type EmbeddedDynamo } from '../../local/embedded-dynamodb.ts';
import { bundleAll, BUNDLES } from '../../scripts/bundle.ts';
import { closedCaseOf, openCaseOf } from '../support/customers.ts';
import { unpacked } from '../support/exports.ts';
import { basilInvoice, customer, stripeEvent } from '../support/stripe-events.ts';

type Bundle = (typeof BUNDLES)[number];

const SECRETS = ['whsec_old', 'whsec_new'];
const LINK_KEYS = [{ id: 'k1', key: 'a-key-of-links-with-32-characters-or-more' }] as const;
const ACCESS_KEY = 'AKIDBUNDLETEST';

let folder: string;
let sizes: Readonly<Record<string, number>>;
let engine: EmbeddedDynamo;
let secrets: Server;
const asked: IncomingMessage[] = [];

/** Secrets Manager as far as the bundles know it: the keys of links, and every other secret holds the same two lines. */
const startSecrets = async (): Promise<Server> => {
  const server = createServer((request, response) => {
    asked.push(request);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    const answer = async () => {
      const isLinks = (await text(request)).includes('/links');
      const lines = isLinks ? LINK_KEYS.map(({ id, key }) => `${id}:${key}`) : SECRETS;
      response.end(JSON.stringify({ Name: 'any', SecretString: lines.join('\n') }));
    };
    void answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recoup-bundles-'));
  [sizes, engine, secrets] = await Promise.all([
    bundleAll(join(folder, 'dist')),
    startEmbeddedDynamo(),
    startSecrets(),
  ]);
}, 60_000);

afterAll(async () => {
  secrets.closeAllConnections();
  secrets.close();
  await engine.stop();
  await rm(folder, { recursive: true });
});

type Outcome = { readonly result?: unknown; readonly error?: string; readonly said: string };

/** Calls the handler of a bundle once, in a process that has these variables and no others. */
const invoke = async (
  bundle: Bundle,
  event: unknown,
  variables: Record<string, string>,
): Promise<Outcome> => {
  const child = fork(join(import.meta.dirname, 'invoke.ts'), [join(folder, 'dist', bundle, 'index.js')], {
    env: variables,
    execArgv: [],
    silent: true,
  });
  const said = child.stdout ? text(child.stdout) : Promise.resolve('');
  const told = once(child, 'message') as Promise<[Omit<Outcome, 'said'>]>;
  child.send(event as object);
  const [[outcome]] = await Promise.all([told, once(child, 'exit')]);
  return { ...outcome, said: await said };
};

/** What Lambda and the stack set, with the services on this machine. */
const variablesFor = (tableName: string, connection: string): Record<string, string> => ({
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: 'not-a-key',
  AWS_SESSION_TOKEN: 'session',
  AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
  TABLE_NAME: tableName,
  CONFIGURATION_SET: 'recoup-dev',
  SES_TENANT: '',
  LINK_SECRET: 'recoup/dev/links',
  LINK_BASE_URL: 'https://pay.acme.example',
  PAYMENT_HOSTS: '[]',
  STAGE: 'dev',
  CONNECTION_NAMES: JSON.stringify([connection]),
  ROLE_CLAIMS: '{"claims":["groups"],"finance":["finance"],"operator":["operator"]}',
  CONNECTIONS: JSON.stringify({
    [connection]: {
      livemode: false,
      account: null,
      webhookSecretName: 'recoup/dev/stripe/webhook',
      apiKeySecretName: 'recoup/dev/stripe/api-key',
    },
  }),
});

const KEY = customerKey('stripe', 'cus_1');
const FAILED = JSON.stringify(stripeEvent('invoice.payment_failed', basilInvoice()));

/** A webhook as API Gateway hands it over. */
const webhook = (secret: string) => ({
  version: '2.0',
  routeKey: 'POST /webhooks/{connection}',
  rawPath: '/webhooks/stripe',
  rawQueryString: '',
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': signPayload(Buffer.from(FAILED), secret, instantFromMs(Date.now())),
  },
  pathParameters: { connection: 'stripe' },
  requestContext: { http: { method: 'POST', path: '/webhooks/stripe' }, stage: '$default' },
  body: FAILED,
  isBase64Encoded: false,
});

/** An event of SES as EventBridge hands it over. */
const bounce = {
  version: '0',
  'detail-type': 'Email Bounced',
  source: 'aws.ses',
  time: '2025-10-10T09:00:01Z',
  detail: {
    eventType: 'Bounce',
    bounce: { bounceType: 'Permanent', bounceSubType: 'General', timestamp: '2025-10-10T09:00:00.000Z' },
    mail: {
      timestamp: '2025-10-10T08:59:58.000Z',
      messageId: 'message-1',
      destination: ['ada@example.com'],
      tags: {
        'ses:configuration-set': ['recoup-dev'],
        customer: [tagValue(KEY)],
        case: ['case_in_1'],
        subject: ['in_1'],
        step: ['payment-failed'],
        message: ['payment-failed'],
      },
    },
  },
};

let tables = 0;
/** A table of its own with the store on it. */
const openTable = async () => {
  tables += 1;
  const tableName = `bundle-${tables}`;
  await createTable(engine.client, tableName);
  return { tableName, store: createDynamoStore({ client: engine.client, tableName }) };
};

const loadNow = (store: Awaited<ReturnType<typeof openTable>>['store']) =>
  store.load(KEY, instantFromMs(Date.now()));

describe('receive-webhook', () => {
  test.each(SECRETS)(
    'answers 200 and stores what happened, signed with %s of two valid secrets',
    async (secret) => {
      const { tableName, store } = await openTable();
      const { result, said } = await invoke(
        'receive-webhook',
        webhook(secret),
        variablesFor(tableName, 'stripe'),
      );
      expect(result).toMatchObject({ statusCode: 200, body: '{"outcome":"recorded"}' });
      expect(Object.keys((await loadNow(store)).facts.invoices)).toEqual(['in_1']);
      expect(said).not.toContain('ada@example.com');
    },
  );

  test('refuses a signature that does not fit, stores nothing, and counts it for the alarm', async () => {
    const { tableName, store } = await openTable();
    const { result, said } = await invoke(
      'receive-webhook',
      webhook('whsec_x'),
      variablesFor(tableName, 'stripe'),
    );
    expect(result).toMatchObject({ statusCode: 400 });
    expect((await loadNow(store)).version).toBe(0);
    const written = said
      .split('\n')
      .filter((line) => line.includes('"_aws"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(written).toEqual([
      expect.objectContaining({ signature_refused: 1, service: 'receive-webhook', stage: 'dev' }),
    ]);
    expect(written[0]?.['_aws']).toMatchObject({
      CloudWatchMetrics: [{ Namespace: 'Recoup', Dimensions: [['service', 'stage']] }],
    });
  });

  test('signs its requests with the credentials that Lambda puts into the environment', async () => {
    const { tableName } = await openTable();
    asked.length = 0;
    await invoke('receive-webhook', webhook('whsec_new'), variablesFor(tableName, 'stripe'));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(
        `^AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/\\d+/eu-central-1/secretsmanager/`,
      ),
      'x-amz-security-token': 'session',
      'x-amz-target': 'secretsmanager.GetSecretValue',
    });
  });
});

describe('run-due-actions', () => {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);

  test('sweeps a table in which nothing is due', async () => {
    const { tableName } = await openTable();
    const { result, said } = await invoke('run-due-actions', { shards }, variablesFor(tableName, 'stripe'));
    expect(result).toEqual({ visits: 0, failed: 0, throttled: false });
    expect(said).toContain('"sweep_lag_seconds"');
  });

  test('visits who is due, and one who cannot be refreshed stops nobody', async () => {
    const { tableName, store } = await openTable();
    await invoke('receive-webhook', webhook('whsec_new'), variablesFor(tableName, 'stripe'));
    const before = await loadNow(store);
    // The connection is another one here, so that nothing is asked of the provider.
    const { result, said } = await invoke('run-due-actions', { shards }, variablesFor(tableName, 'other'));
    expect(result).toEqual({ visits: 1, failed: expect.any(Number), throttled: false });
    expect((await loadNow(store)).version).toBeGreaterThan(before.version);
    expect(said).not.toContain('ada@example.com');
  });
});

describe('record-delivery', () => {
  test('records a bounce with the customer it happened to', async () => {
    const { tableName, store } = await openTable();
    await invoke('receive-webhook', webhook('whsec_new'), variablesFor(tableName, 'stripe'));
    const { result, error, said } = await invoke(
      'record-delivery',
      bounce,
      variablesFor(tableName, 'stripe'),
    );
    expect({ result, error }).toEqual({ result: { outcome: 'recorded' }, error: undefined });
    expect(JSON.stringify((await loadNow(store)).facts)).toContain('bounced');
    expect(said).not.toContain('ada@example.com');
  });
});

/** The provider: a list of what `data` has for an address, or an error. */
const startProvider = async (
  status: number,
  data: (url: string) => readonly object[],
): Promise<{ port: string; asked: IncomingMessage[] }> => {
  const told: IncomingMessage[] = [];
  const error = { error: { type: 'invalid_request_error', message: 'no' } };
  const server = createServer((request, response) => {
    told.push(request);
    const list = { object: 'list', url: '/v1/things', has_more: false, data: data(request.url ?? '') };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? list : error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: String((server.address() as AddressInfo).port), asked: told };
};

describe('reconcile', () => {
  /** The log of the provider: one event of an hour ago, or an error. */
  const startLog = (status: number) => {
    const created = Math.floor(Date.now() / 1000) - 3600;
    const event = stripeEvent('invoice.payment_failed', basilInvoice(), { created });
    return startProvider(status, () => [event]);
  };

  const run = async (tableName: string, status: number) => {
    const provider = await startLog(status);
    const variables = { ...variablesFor(tableName, 'stripe'), TEST_PROVIDER_PORT: provider.port };
    return { ...(await invoke('reconcile', { connection: 'stripe' }, variables)), asked: provider.asked };
  };

  test('takes in what the log holds, moves the cursor, and tells how far it is', async () => {
    const { tableName, store } = await openTable();
    const { result, error, said, asked: requests } = await run(tableName, 200);
    expect(error).toBeUndefined();
    expect(result).toEqual([
      expect.objectContaining({ walk: 'undelivered', events: 1, recorded: 1, complete: true }),
      expect.objectContaining({ walk: 'all', recorded: 0, complete: true }),
    ]);
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${SECRETS[0]}`);
    expect(Object.keys((await loadNow(store)).facts.invoices)).toEqual(['in_1']);
    expect((await store.loadCursor('stripe')).all).not.toBeNull();
    expect(said).toContain('"reconcile_lag_seconds"');
    expect(said).not.toContain('ada@example.com');
  });

  test('a key that may not read events is told, without the key, and moves nothing', async () => {
    const { tableName, store } = await openTable();
    const { error, said } = await run(tableName, 403);
    expect(error).toMatch(/^Stripe, listing events: /);
    expect(said).toContain('"reconcile_failed"');
    expect(said).not.toContain(SECRETS[0]);
    expect((await store.loadCursor('stripe')).version).toBe(0);
  });

  test('a call that names no connection is told which there are', async () => {
    const { tableName } = await openTable();
    const { error } = await invoke('reconcile', {}, variablesFor(tableName, 'stripe'));
    expect(error).toBe('a run names its connection, such as {"connection":"stripe"}; configured are stripe');
  });
});

describe('look-ahead', () => {
  const due = { collection_method: 'send_invoice', due_date: Math.floor(Date.now() / 1000) - 3600 };

  const run = async (tableName: string, status: number) => {
    // What falls due is asked for with `due_date[gt]`.
    const lists = (url: string) =>
      url.includes('/v1/invoices') && !url.includes('gt')
        ? [basilInvoice({ ...due, customer: customer() })]
        : [];
    const provider = await startProvider(status, lists);
    const variables = { ...variablesFor(tableName, 'stripe'), TEST_PROVIDER_PORT: provider.port };
    return { ...(await invoke('look-ahead', { connection: 'stripe' }, variables)), asked: provider.asked };
  };

  test('goes through the account, takes in what is overdue, and writes down that it is done', async () => {
    const { tableName, store } = await openTable();
    const { result, error, said, asked: requests } = await run(tableName, 200);
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ seen: 1, recorded: 1, failed: 0, done: true });
    expect(requests.map(({ url = '' }) => url.split('?', 1)[0])).toEqual([
      '/v1/subscriptions',
      '/v1/invoices',
      '/v1/invoices',
    ]);
    expect(requests[0]?.headers.authorization).toBe(`Bearer ${SECRETS[0]}`);
    expect(Object.keys((await loadNow(store)).facts.invoices)).toEqual(['in_1']);
    expect((await store.loadWalk('stripe', 'look_ahead')).doneAt).not.toBeNull();
    expect(said).not.toContain('ada@example.com');
  });

  test('a key that may not read subscriptions is told, without the key, and moves nothing', async () => {
    const { tableName, store } = await openTable();
    const { error, said } = await run(tableName, 403);
    expect(error).toMatch(/^Stripe, listing the subscriptions of the account: /);
    expect(said).not.toContain(SECRETS[0]);
    expect((await store.loadWalk('stripe', 'look_ahead')).version).toBe(0);
  });
});

describe('customer-page', () => {
  const CASE = 'case_in_1';
  const get = (token: string) => ({
    version: '2.0',
    routeKey: 'GET /c/{token}',
    rawPath: `/c/${token}`,
    rawQueryString: '',
    headers: { 'accept-language': 'de' },
    pathParameters: { token },
    requestContext: { http: { method: 'GET', path: `/c/${token}` }, stage: '$default' },
    isBase64Encoded: false,
  });
  const tokenOf = (about: string) =>
    signLink(LINK_KEYS, { purpose: 'case', key: KEY, about, issuedAt: instantFromMs(Date.now()) });

  test('shows what a good link is about, and that nobody could be asked', async () => {
    const { tableName, store } = await openTable();
    await invoke('receive-webhook', webhook('whsec_new'), variablesFor(tableName, 'stripe'));
    const known = await loadNow(store);
    const open = openCaseOf(CASE);
    await store.save({ ...known, version: known.version + 1, recovery: { ...known.recovery, case: open } });
    const { result, error, said } = await invoke(
      'customer-page',
      get(tokenOf(CASE)),
      variablesFor(tableName, 'stripe'),
    );
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ statusCode: 200, body: expect.stringContaining('lang="') });
    expect(said).toContain('"page_opened"');
    expect(said).not.toContain('ada@example.com');
    expect((await loadNow(store)).version).toBe(known.version + 1);
  });

  test('answers a forged link with 404 and counts it', async () => {
    const { tableName } = await openTable();
    const forged = `${tokenOf(CASE).slice(0, -1)}_`;
    const { result, said } = await invoke('customer-page', get(forged), variablesFor(tableName, 'stripe'));
    expect(result).toMatchObject({ statusCode: 404, body: expect.stringContaining('Dieser Link') });
    expect(said).toContain('"link_refused"');
    expect(said).not.toContain(forged);
  });
});

describe('finance-api', () => {
  const claims = { email: 'ana@example.com', email_verified: 'true', groups: '[operator]' };
  const caller = { jwt: { claims, scopes: null } };
  const request = (routeKey: string, changes: object = {}, authorizer: object | undefined = caller) => ({
    version: '2.0',
    routeKey,
    rawPath: routeKey.replace(/^\w+ /, ''),
    rawQueryString: '',
    headers: { 'content-type': 'application/json' },
    requestContext: { http: { method: 'GET', path: '/' }, stage: '$default', authorizer },
    isBase64Encoded: false,
    ...changes,
  });
  const CUSTOMER = { connection: 'stripe', customer: 'cus_1' };

  test('lists the cases of a table, does what an operator asks for, and logs no address', async () => {
    const { tableName, store } = await openTable();
    await invoke('receive-webhook', webhook('whsec_new'), variablesFor(tableName, 'stripe'));
    const known = await loadNow(store);
    const open = openCaseOf('case_in_1');
    await store.save({ ...known, version: known.version + 1, recovery: { ...known.recovery, case: open } });
    const ask = (event: object) => invoke('finance-api', event, variablesFor(tableName, 'stripe'));
    const listed = await ask(request('GET /cases', { queryStringParameters: { from: '2026-03' } }));
    expect(listed.result).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('"case":"case_in_1"'),
    });
    const act = request('POST /customers/{connection}/{customer}/exclude', {
      pathParameters: CUSTOMER,
      body: '{"note":"key account"}',
    });
    expect((await ask(act)).result).toMatchObject({ statusCode: 200 });
    expect((await loadNow(store)).recovery.hold).toMatchObject({ by: 'ana@example.com' });
    expect(listed.said).not.toContain('ada@example.com');
  });

  test('tells what it does, and makes a workbook', async () => {
    const { tableName } = await openTable();
    const ask = (routeKey: string) =>
      invoke('finance-api', request(routeKey), variablesFor(tableName, 'stripe'));
    const document = (await ask('GET /openapi.json')).result as { body: string };
    expect(JSON.parse(document.body)).toMatchObject({ openapi: '3.1.0' });
    const workbook = (await ask('GET /reports/recovery.xlsx')).result as { body: string };
    expect(Buffer.from(workbook.body, 'base64').subarray(0, 2).toString()).toBe('PK');
  });

  test('answers nobody whom API Gateway has not signed in', async () => {
    const { tableName } = await openTable();
    const event = request('GET /cases', {}, {});
    const { result } = await invoke('finance-api', event, variablesFor(tableName, 'stripe'));
    expect(result).toMatchObject({ statusCode: 401 });
  });
});

describe('export', () => {
  /** S3 on this machine: what was put, by path, or a refusal. */
  const startBucket = async (status: number) => {
    const put = new Map<string, Buffer>();
    const server = createServer((request, response) => {
      const answer = async () => {
        put.set(`${request.method} ${(request.url ?? '').split('?', 1)[0]}`, await buffer(request));
        response.writeHead(status, { 'content-type': 'application/xml' });
        response.end(status === 200 ? '' : '<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
      };
      void answer();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { put, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };

  const run = async (tableName: string, status: number) => {
    const { put, endpoint } = await startBucket(status);
    const variables = { ...variablesFor(tableName, 'stripe'), AWS_ENDPOINT_URL_S3: endpoint };
    const outcome = await invoke('export', {}, { ...variables, EXPORT_BUCKET: 'acme-cases' });
    return { ...outcome, put };
  };

  test('puts each month into the bucket, whole and packed, and nobody’s address anywhere', async () => {
    const { tableName, store } = await openTable();
    const month = monthOf(instantFromMs(Date.now()));
    const closed = closedCaseOf(KEY, 'case_in_1', { openedAt: startOfMonth(month) });
    await store.closeCase({ ...closed, closedAt: startOfMonth(month) });
    const { result, error, said, put } = await run(tableName, 200);
    expect(error).toBeUndefined();
    expect([...put]).toHaveLength(14);
    // The slash of a path may be sent as it is, its other signs not.
    const [name, body] = [...put].find(([path]) => path.includes(month)) ?? [];
    expect(decodeURIComponent(name ?? '')).toBe(`PUT /acme-cases/cases/v1/month=${month}.ndjson.gz`);
    expect(unpacked(body ?? Buffer.of())).toMatchObject([{ type: 'case', case_id: 'case_in_1' }]);
    expect(result).toMatchObject({ months: expect.arrayContaining([expect.objectContaining({ lines: 1 })]) });
    expect(said).not.toContain('ada@example.com');
  });

  test('a bucket that lets nobody in is told, for every month', async () => {
    const { tableName } = await openTable();
    const { error = '' } = await run(tableName, 403);
    expect(error).toMatch(/^not exported:\n\d{4}-\d\d: S3, putting into "acme-cases": access was denied/);
    expect(error.split('\n')).toHaveLength(15);
  });
});

describe('the daily mail to finance', () => {
  test('is none under the default policy, and the function starts and ends', async () => {
    const { tableName } = await openTable();
    const { result, error } = await invoke('digest', {}, variablesFor(tableName, 'stripe'));
    expect({ result, error }).toEqual({ result: [], error: undefined });
  });
});

describe('every bundle', () => {
  const NEEDS: Readonly<Record<Bundle, readonly string[]>> = {
    'receive-webhook': ['TABLE_NAME', 'CONNECTIONS', 'STAGE'],
    'run-due-actions': [
      'TABLE_NAME',
      'CONNECTIONS',
      'CONFIGURATION_SET',
      'SES_TENANT',
      'STAGE',
      'LINK_SECRET',
      'LINK_BASE_URL',
    ],
    'customer-page': ['TABLE_NAME', 'CONNECTIONS', 'STAGE', 'LINK_SECRET', 'LINK_BASE_URL', 'PAYMENT_HOSTS'],
    'record-delivery': ['TABLE_NAME', 'STAGE'],
    'finance-api': ['TABLE_NAME', 'CONNECTION_NAMES', 'ROLE_CLAIMS', 'STAGE'],
    export: ['TABLE_NAME', 'EXPORT_BUCKET', 'STAGE'],
    digest: ['TABLE_NAME', 'CONFIGURATION_SET', 'SES_TENANT', 'STAGE'],
    reconcile: ['TABLE_NAME', 'CONNECTIONS', 'STAGE'],
    'look-ahead': ['TABLE_NAME', 'CONNECTIONS', 'STAGE'],
  };

  test.each(BUNDLES)('%s names every variable that is missing in one error', async (bundle) => {
    const { error = '' } = await invoke(bundle, {}, { AWS_REGION: 'eu-central-1' });
    expect(error).toMatch(/^the environment is not complete:\n/);
    for (const name of NEEDS[bundle]) expect(error).toMatch(new RegExp(`^ {2}${name}: `, 'm'));
    expect(error.split('\n')).toHaveLength(NEEDS[bundle].length + 1);
  });

  test('mails come with their layout compiled, and what compiles it is in none', async () => {
    const meta = JSON.parse(await readFile(join(folder, 'dist', 'meta.json'), 'utf8')) as { inputs: object };
    expect(Object.keys(meta.inputs).filter((file) => file.includes('mjml'))).toEqual([]);
    const layout = await readFile(join(folder, 'dist/run-due-actions/emails/layout.html.liquid'), 'utf8');
    expect(layout).toContain('<title>{{ subject }}</title>');
  });

  test('the webhook door starts fast: at most 420 KB, and without the provider’s SDK', async () => {
    expect(sizes['receive-webhook']).toBeGreaterThan(100_000);
    expect(sizes['receive-webhook']).toBeLessThanOrEqual(420_000);
    const { outputs } = JSON.parse(await readFile(join(folder, 'dist', 'meta.json'), 'utf8')) as {
      outputs: Record<string, { inputs: Record<string, unknown> }>;
    };
    const [, door] = Object.entries(outputs).find(([file]) => file.includes('receive-webhook')) ?? [];
    const inputs = Object.keys(door?.inputs ?? {});
    expect(inputs.some((file) => file.endsWith('functions/receive-webhook.ts'))).toBe(true);
    expect(inputs.filter((file) => /node_modules\/(stripe|liquidjs|temporal-polyfill)\//.test(file))).toEqual(
      [],
    );
  });
});
