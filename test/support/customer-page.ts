// The customer's door on an in-memory store, with requests as API Gateway hands them over.
import type { LinkKeys } from '../../adapters/links/keys.ts';
import { signLink, type Link } from '../../adapters/links/token.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { OutsideError, type Metric, type Provider, type Store } from '../../core/ports.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import { addMs, type Instant } from '../../core/time.ts';
import { makeCustomerPage } from '../../functions/customer-page.ts';
import type { HttpEvent, HttpResult } from '../../functions/middleware.ts';
import { at, customerOf, factsOf, invoiceOf, keyOf, openCaseOf } from './customers.ts';
import { policyOf } from './operating.ts';

export const NOW = at('2026-03-10T09:00Z');
export const KEY = keyOf('cus_1');
export const BASE = 'https://pay.acme.test';
export const HOSTED = 'https://invoice.stripe.com/i/acct_1/test_1';
export const KEYS = [{ id: 'k1', key: 'k'.repeat(32) }] as const;

const details = invoiceOf('in_1').details;

/** The invoice in_1, with a page at Stripe. */
export const PAYABLE = invoiceOf('in_1', {
  details: { ...details, value: { ...details.value, hostedUrl: HOSTED } },
});

/** A customer with an open case of one invoice, not written yet. */
export const debtor = (recovery: Partial<Customer['recovery']> = {}): Customer => {
  const customer = customerOf(KEY, { facts: factsOf({ invoices: { in_1: PAYABLE } }) });
  return {
    ...customer,
    dueAt: addMs(NOW, 86_400_000),
    recovery: { ...customer.recovery, case: openCaseOf('case_in_1'), ...recovery },
  };
};

export type PageRig = {
  readonly store: Store;
  readonly metrics: Metric[];
  readonly writes: string[];
  readonly errors: unknown[];
  readonly portals: string[];
  /** Every field that was counted with a metric: what may stand in a log. */
  readonly counted: Readonly<Record<string, unknown>>[];
  /** What every write of the door fails with, once it is set. */
  readonly fault: { error: Error | null };
  stored(): Promise<Customer>;
  token(changes?: Partial<Link>): string;
  get(path: string, headers?: Record<string, string>): Promise<HttpResult>;
  post(path: string, body: string, changes?: Partial<HttpEvent>): Promise<HttpResult>;
  ask(method: string, path: string, changes?: Partial<HttpEvent>): Promise<HttpResult>;
  pass(ms: number): void;
};

const READS: ReadonlySet<string> = new Set([
  'load',
  'loadClosedCase',
  'due',
  'listCases',
  'listAdjustments',
  'loadCases',
  'listStuck',
]);

/** Counts every call of the store that is no read. */
const watched = (store: Store, writes: string[], fault: PageRig['fault']): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, call]) => [
      name,
      (...args: never[]) => {
        if (!READS.has(name)) {
          if (fault.error) return Promise.reject(fault.error);
          writes.push(name);
        }
        return (call as (...all: never[]) => unknown)(...args);
      },
    ]),
  ) as Store;

export const AWAY = async (): Promise<never> => {
  throw new OutsideError('Stripe did not answer', 'later');
};

/** `provider` answers for Stripe, which knows nothing new unless told. */
export const openPage = async (
  customer: Customer | null = debtor(),
  provider: Partial<Provider> = {},
  keys: () => Promise<LinkKeys> = async () => KEYS,
): Promise<PageRig> => {
  const bare = createMemoryStore();
  if (customer) await bare.save(customer);
  const [writes, metrics, errors, portals]: [string[], Metric[], unknown[], string[]] = [[], [], [], []];
  const counted: PageRig['counted'] = [];
  const fault: PageRig['fault'] = { error: null };
  let now: Instant = NOW;
  const handler = makeCustomerPage({
    store: watched(bare, writes, fault),
    provider: {
      refresh: async () => [],
      portal: async (_, returnUrl) => {
        portals.push(returnUrl);
        return 'https://billing.stripe.com/p/session/test_1';
      },
      ...provider,
    },
    policy: policyOf(),
    keys,
    baseUrl: () => BASE,
    paymentHosts: [],
    telemetry: {
      count: (metric, fields = {}) => {
        metrics.push(metric);
        counted.push(fields);
      },
      gauge: () => {},
    },
    backOff: async () => {},
    now: () => now,
    onError: (error) => errors.push(error),
  });
  const ask = (method: string, path: string, changes: Partial<HttpEvent> = {}) => {
    const [address = '', query = ''] = path.split('?');
    const [, kind = '', token = '', act] = address.split('/');
    return handler({
      version: '2.0',
      routeKey: `${method} /${kind}/{token}${act === undefined ? '' : '/{act}'}`,
      rawPath: address,
      rawQueryString: query,
      headers: {},
      pathParameters: { token, ...(act !== undefined && { act }) },
      queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
      requestContext: {} as HttpEvent['requestContext'],
      isBase64Encoded: false,
      ...changes,
    });
  };
  return {
    store: bare,
    metrics,
    writes,
    errors,
    portals,
    counted,
    fault,
    stored: () => bare.load(KEY, now),
    token: (changes = {}) =>
      signLink(KEYS, { purpose: 'case', key: KEY, about: 'case_in_1', issuedAt: NOW, ...changes }),
    get: (path, headers = {}) => ask('GET', path, { headers }),
    post: (path, body, changes = {}) => ask('POST', path, { body, ...changes }),
    ask,
    pass: (ms) => {
      now = addMs(now, ms);
    },
  };
};
