// The customer's page in a simulated world: the real door and real links, and what must hold of every answer.
import { linksFor, type MailLinks } from '../../adapters/links/mails.ts';
import type { CustomerKey } from '../../core/ids.ts';
import type { MailRequest, Store } from '../../core/ports.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { makeCustomerPage } from '../../functions/customer-page.ts';
import type { HttpEvent } from '../../functions/middleware.ts';
import { faultyProvider, faultyStore } from './faults.ts';
import { check } from './inspection.ts';
import type { Market } from './market/market.ts';
import { noBackOff, SILENT, type World } from './world.ts';

export const BASE_URL = 'https://pay.business.example';
/** The provider's own pages, where invoices are paid. */
const PAYMENT_HOST = 'pay.example.com';

export const LINK_KEYS = [
  { id: 'k2', key: 'the key that signs the links of the simulated business' },
  { id: 'k1', key: 'an older key of which no link was signed in this world' },
] as const;

/** Gives the mails of a world their links. */
export const linksIn = (world: World): ((request: MailRequest) => MailLinks) =>
  linksFor({ keys: () => LINK_KEYS, baseUrl: () => BASE_URL, now: world.clock.now });

/** What is asked of the page. */
export type PageRequest = {
  readonly method: 'GET' | 'POST';
  /** `/c/<token>/pay` and the like. */
  readonly path: string;
  readonly body?: string;
};

/** What a browser is told. `to`: where it is led, `told`: what our own page is to say of what was done. */
export type PageAnswer = {
  readonly status: number;
  readonly to: string | null;
  readonly told: string | null;
};

/** Asks the page on behalf of somebody. `isForged`: the link was never signed by us. */
export type AskPage = (key: CustomerKey, request: PageRequest, isForged?: boolean) => Promise<PageAnswer>;

const READS: ReadonlySet<string> = new Set(['load', 'loadClosedCase']);

/** Tells of every call of the store that is no read. */
const watchWrites = (store: Store, wrote: (operation: string) => void): Store =>
  Object.fromEntries(
    Object.entries(store).map(([name, call]) => [
      name,
      (...args: never[]) => {
        if (!READS.has(name)) wrote(name);
        return (call as (...all: never[]) => unknown)(...args);
      },
    ]),
  ) as Store;

const eventOf = ({ method, path, body }: PageRequest): HttpEvent => {
  const [, kind = '', token = '', act] = path.split('/');
  return {
    version: '2.0',
    routeKey: `${method} /${kind}/{token}${act === undefined ? '' : '/{act}'}`,
    rawPath: path,
    rawQueryString: '',
    headers: { 'accept-language': 'en' },
    pathParameters: { token, ...(act !== undefined && { act }) },
    requestContext: {} as HttpEvent['requestContext'],
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
};

const answerOf = (status: number, location: unknown): PageAnswer => {
  const to = typeof location === 'string' ? location : null;
  const told = to?.startsWith(BASE_URL) ? new URL(to).searchParams.get('told') : null;
  return { status, to, told };
};

const nothingBetween = { refreshed: async () => {}, timedOut: async () => {} };

/** Whether somebody is gone for good, as far as it is recorded. */
const isGone = ({ inspection }: World, key: CustomerKey): boolean => {
  const facts = inspection.latest.get(key)?.facts;
  return (facts?.erasedAt ?? facts?.deletedAt ?? null) !== null;
};

/** What must hold of every answer, whoever asks. */
const checkAnswer = (
  world: World,
  key: CustomerKey,
  { method, path }: PageRequest,
  seen: {
    readonly status: number;
    readonly wrote: readonly string[];
    readonly gone: boolean;
    isForged: boolean;
  },
): void => {
  const { status, wrote, gone, isForged } = seen;
  const what = `${method} ${path.slice(0, 3)}… ${path.split('/')[3] ?? ''}: ${status}`;
  const tell = (law: string, detail: string) =>
    check(world.inspection, [{ law, customer: key, at: world.clock.now(), detail }]);
  check(world.inspection, []);
  if (method === 'GET' && wrote.length > 0)
    tell('a GET of the page writes nothing', `${what}, ${wrote.join()}`);
  if (isForged && (status !== 404 || wrote.length > 0))
    tell('a forged link leads nowhere', `${what}, ${wrote.join()}`);
  if (gone && status < 400) tell('no page of somebody who is gone', what);
};

/** Opens the page to the readers of a world. */
export const openPage = (world: World, market: Market, policyNow: () => Policy): AskPage => {
  const { faults, clock } = world;
  const process = { dead: false };
  let wrote: string[] = [];
  const watched = watchWrites(world.watch.store, (operation) => void wrote.push(operation));
  const door = makeCustomerPage({
    store: faultyStore(watched, process, faults),
    provider: faultyProvider(market.provider, process, faults, nothingBetween),
    get policy() {
      return policyNow();
    },
    keys: async () => LINK_KEYS,
    baseUrl: () => BASE_URL,
    paymentHosts: [PAYMENT_HOST],
    telemetry: SILENT,
    backOff: noBackOff,
    now: clock.now,
    onError: () => {},
  });
  return async (key, request, isForged = false) => {
    wrote = [];
    const gone = isGone(world, key);
    const result = await door(eventOf(request));
    // A process that was killed is started again for the next request.
    process.dead = false;
    const answer = answerOf(result.statusCode ?? 500, result.headers?.['location']);
    const { status, to } = answer;
    world.tell(key, `page ${request.method} ${request.path.split('/')[3] ?? ''}: ${status} ${to ?? ''}`);
    checkAnswer(world, key, request, { status, wrote, gone, isForged });
    return answer;
  };
};
