// The whole system on one machine: the doors, the store on disk, a clock that can be moved, and what the cloud would run.
import { setTimeout } from 'node:timers/promises';
import { customerKey } from '../../core/ids.ts';
import { signPayload } from '../../adapters/stripe/signature.ts';
import { createDynamoStore } from '../../adapters/dynamodb/store.ts';
import type { LinkKeys } from '../../adapters/links/keys.ts';
import { linksFor, withLinks } from '../../adapters/links/mails.ts';
import type { SentMail } from '../../adapters/memory/outbox.ts';
import type { Told } from '../../adapters/memory/told.ts';
import type { WebhookTarget } from '../../adapters/operator/webhook.ts';
import type { Account, Provider, Store, Telemetry } from '../../core/ports.ts';
import type { Customer, Facts } from '../../core/recovery/customer.ts';
import { isAhead } from '../../core/recovery/notices.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { armOf } from '../../core/recovery/restraint.ts';
import { addMs, DAY_MS, earlier, toMs, type Instant } from '../../core/time.ts';
import { walkAccount } from '../../core/workflows/walk-account.ts';
import { makeCustomerPage } from '../../functions/customer-page.ts';
import { makeFinanceApi } from '../../functions/finance-api.ts';
import { createReadMail } from '../../functions/finance/read-mail.ts';
import type { HttpEvent, HttpResult } from '../../functions/middleware.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { createMovableClock, type MovableClock } from '../clock.ts';
import { accountOf, perform, type DemoAct } from '../demo/acts.ts';
import { DAYS_BEFORE, createDemo, type Demo } from '../demo/month.ts';
import { loadEmails } from '../emails.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../embedded-dynamodb.ts';
import { teach } from '../replay.ts';
import { createScriptedProvider, type ScriptedProvider } from '../scripted-provider.ts';
import { createWorld, type World } from '../world.ts';
import { watchBooks, type Books } from './books.ts';
import type { DemoState, Folder, FolderState, Withheld } from './folder.ts';
import { tellingFor } from './operator.ts';
import { quietProvider } from './quiet-provider.ts';
import { sendingTo, type SendTo } from './send-to.ts';

/** The one connection of the local server: `POST /webhooks/stripe`. */
export const CONNECTION = 'stripe';

/** Where pages are reached until a server says on which port. */
const UNSERVED = 'http://localhost:4100';
/** Where the invoices of the demonstration are paid: nowhere. */
const DEMO_PAYMENT_HOST = 'pay.example.com';

/** What it runs on: an invented month, or a real account that is only read. */
export type Source =
  | {
      readonly kind: 'demo';
      readonly seed: number;
      readonly subscriptions: number;
      /** The share of customers that get no reminders, for comparison, where the policy holds nobody out. */
      readonly holdout?: number;
    }
  | {
      readonly kind: 'stripe';
      readonly provider: Provider;
      readonly account: Account;
      readonly livemode: boolean | null;
    };

export type SystemOptions = {
  readonly source: Source;
  readonly folder: Folder;
  readonly policy: Policy;
  /** The signing secret; the folder's own unless given. */
  readonly secret: string | null;
  readonly machineNow: () => Instant;
  /** The one address to which mails are really sent; all others stay in the outbox. */
  readonly sendTo?: SendTo;
  /** Where `notify` steps are really posted; else what would be posted stays in the outbox. */
  readonly operatorWebhook?: WebhookTarget;
  /** Told in words of what went wrong inside. */
  readonly trouble?: (line: string) => void;
};

/** What the clock is busy with, when it is. */
export type Activity = {
  readonly what: 'loading' | 'catching up' | 'moving';
  readonly from: Instant;
  readonly to: Instant;
};

/** Where to move the clock, or why not. */
export type Target =
  | { readonly kind: 'to'; readonly at: Instant }
  | { readonly kind: 'refused'; readonly why: string };

/** What came of moving the clock. */
export type Moved =
  | { readonly kind: 'moved'; readonly from: Instant; readonly to: Instant; readonly mails: number }
  | { readonly kind: 'refused'; readonly why: string };

/** A system that runs. */
export type LocalSystem = {
  readonly kind: Source['kind'];
  readonly policy: Policy;
  readonly secret: string;
  readonly folderPath: string;
  /** For commands: what is written here its clock and its pages see. Waits until the past is loaded. */
  readonly useStore: () => Promise<Store>;
  readonly books: Books;
  readonly mails: readonly SentMail[];
  readonly withheld: readonly Withheld[];
  /** What the business itself was told, oldest first. */
  readonly told: readonly Told[];
  /** The demonstration, when this is one. */
  readonly demo: Pick<Demo, 'from' | 'until'> | null;
  /** The one address to which mails are really sent. */
  readonly sendsTo: string | null;
  readonly now: () => Instant;
  readonly activity: () => Activity | null;
  /** Whether what was missing at the start is loaded. */
  readonly isLoaded: () => boolean;
  /** The last lines of trouble, the newest last. */
  readonly troubles: readonly string[];
  /** Loads what is missing and catches up with the machine's clock. Everything else waits for it. */
  readonly start: () => Promise<void>;
  /** One look at what is due, as the cloud takes every minute. */
  readonly tick: () => Promise<void>;
  /** A look through the whole account, as the cloud takes each hour; a demonstration takes one a day by itself. */
  readonly lookAhead: () => Promise<void>;
  /** The webhook door, with the raw bytes that came over HTTP. */
  readonly receive: (
    connection: string,
    body: Uint8Array,
    signature: string | undefined,
  ) => Promise<HttpResult>;
  /** The customer's page, with a request as API Gateway hands it over. */
  readonly customerPage: (event: HttpEvent) => Promise<HttpResult>;
  /** The finance API, with a request as API Gateway hands it over; whoever asks is signed in. */
  readonly financeApi: (event: HttpEvent) => Promise<HttpResult>;
  /** Says where the pages are reached: links in mails from now on lead there. */
  readonly servedAt: (url: string) => void;
  /** Moves the clock on once what it is busy with is done; `target` is asked then where to. */
  readonly move: (target: (now: Instant) => Target) => Promise<Moved>;
  /** Ends what is under way at the next safe point, writes everything down and lets go of the folder. */
  readonly stop: () => Promise<void>;
};

const MAX_TROUBLES = 20;
const SAVE_EVERY_MS = 250;
/** While a past is played only events and the campaigns' own days change anything: no daily look is needed. */
const LOADING_HEARTBEAT_MS = 3650 * DAY_MS;
/** How many months back the cases of earlier runs are read. */
const BOOKS_DAYS = 400;

const LOUD: ReadonlySet<string> = new Set([
  'signature_refused',
  'visit_failed',
  'walk_failed',
  'customer_set_aside',
  'unrouted_set_aside',
  'invariant_broken',
  'fact_overflow',
  'conflict_exhausted',
]);

const tellingTelemetry = (tell: (line: string) => void): Telemetry => ({
  count: (metric, fields = {}) => {
    if (!LOUD.has(metric)) return;
    const told = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
    tell([metric.replaceAll('_', ' '), ...told].join(', '));
  },
  gauge: () => {},
});

/** One piece of work at a time, in the order in which it was asked for. */
const createQueue = () => {
  let tail: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = tail.then(work);
    tail = done.catch(() => {});
    return done;
  };
};

/** The demonstration and how far it has been delivered. */
type Playing = { readonly demo: Demo; readonly provider: ScriptedProvider; next: number; nextAct: number };

const initialState = ({ source, policy, machineNow }: SystemOptions): FolderState => {
  const base = addMs(machineNow(), -(toMs(machineNow()) % 1000));
  if (source.kind !== 'demo') return { at: machineNow(), offsetMs: 0, demo: null };
  const { seed, subscriptions, holdout: share = 0 } = source;
  const holdout = policy.holdout.share > 0 ? policy.holdout : { ...policy.holdout, share };
  return {
    at: addMs(base, -DAYS_BEFORE * DAY_MS),
    offsetMs: 0,
    demo: { seed, base, subscriptions, holdout },
  };
};

/** The policy by which a system runs: in a demonstration some get no reminders, so that there is something to compare. */
const policyOf = ({ policy }: SystemOptions, { demo }: FolderState): Policy =>
  policy.holdout.share > 0 || !demo?.holdout ? policy : { ...policy, holdout: demo.holdout };

const createDemoOf = (state: DemoState): Demo => {
  const { holdout } = state;
  const isHeldOut = (customerId: string): boolean =>
    holdout !== undefined && armOf(customerKey(CONNECTION, customerId), holdout) === 'held_out';
  return createDemo({ ...state, isHeldOut });
};

/** Tells the provider everything up to where the clock stood, without posting any of it again. */
const prepareDemo = (folder: Folder, { demo, at }: FolderState): Playing | null => {
  if (demo === null) return null;
  const provider = createScriptedProvider();
  const made = createDemoOf(demo);
  for (const event of made.before) teach(provider, event, false);
  const next = made.events.filter((one) => one.at <= at).length;
  const nextAct = made.acts.filter((one) => one.at <= at).length;
  for (const { event } of made.events.slice(0, next)) teach(provider, event, false);
  for (const event of folder.readReceived()) teach(provider, event, false);
  return { demo: made, provider, next, nextAct };
};

/** What the clock is busy with now, and whether it has been through what was missing at the start. */
type Busy = { activity: Activity | null; isLoaded: boolean };

/** The keys of links, and where they lead now. */
type Links = { readonly keys: LinkKeys; url: string };

/** What the parts of a running system share. */
type Running = {
  readonly options: SystemOptions;
  readonly world: World;
  readonly clock: MovableClock;
  readonly playing: Playing | null;
  readonly demo: FolderState['demo'];
  readonly secret: string;
  readonly tell: (line: string) => void;
  readonly busy: Busy;
  readonly links: Links;
  stopping: boolean;
  savedAtMs: number;
};

const saveState = ({ options, clock, demo }: Running): void =>
  options.folder.writeState({ at: clock.now(), offsetMs: clock.offsetMs(), demo });

/** Saves now and then while much is going on: what a crash makes us do again does no harm. */
const saveNowAndThen = (running: Running): void => {
  const now = performance.now();
  if (now - running.savedAtMs < SAVE_EVERY_MS) return;
  running.savedAtMs = now;
  saveState(running);
};

/** Delivers one event of the demonstration, signed, through the door. */
const deliver = async (running: Running, event: object): Promise<void> => {
  const { world, playing, options, secret, tell } = running;
  if (playing) teach(playing.provider, event, false);
  const body = Buffer.from(JSON.stringify(event));
  const { statusCode, body: answer } = await world.post(
    CONNECTION,
    body,
    signPayload(body, secret, options.machineNow()),
  );
  if (playing) playing.next += 1;
  if (statusCode !== 200) tell(`an event of the demonstration was answered ${statusCode}: ${answer ?? ''}`);
};

/** Lets something happen of which no event tells. */
const happen = async (running: Running, act: DemoAct): Promise<void> => {
  const { world, playing, options, tell, clock } = running;
  if (playing === null) return;
  playing.nextAct += 1;
  const deps = {
    store: world.store,
    telemetry: tellingTelemetry(tell),
    backOff: async () => {},
    provider: playing.provider,
    policy: options.policy,
    connection: CONNECTION,
    mails: world.outbox.mails,
    look: () => lookThrough(running),
  };
  await perform(deps, act, clock.now());
};

/** Runs the held clock on to `to`, with the demonstration's events at their own moments. */
const playUntil = async (running: Running, to: Instant): Promise<void> => {
  const { world, clock, playing } = running;
  const goOn = () => {
    saveNowAndThen(running);
    return !running.stopping;
  };
  const event = () => playing?.demo.events[playing.next] ?? null;
  const act = () => playing?.demo.acts[playing.nextAct] ?? null;
  const upcoming = () => earlier(event()?.at ?? null, act()?.at ?? null);
  for (let at = upcoming(); at && at <= to; at = upcoming()) {
    await world.runUntil(addMs(at, -1), goOn);
    if (running.stopping) return;
    clock.set(at);
    // What was told in one second is all told before the clock acts.
    for (let same = event(); same?.at === at; same = event()) await deliver(running, same.event);
    for (let same = act(); same?.at === at; same = act()) await happen(running, same.act);
  }
  await world.runUntil(to, goOn);
};

/** Holds the clock, does everything up to `to`, and lets it run again. */
const advance = async (running: Running, what: Activity['what'] | null, to: Instant): Promise<void> => {
  const { clock, busy } = running;
  clock.hold();
  const from = (what === 'loading' && running.playing?.demo.from) || clock.now();
  if (what) busy.activity = { what, from, to };
  try {
    await playUntil(running, to);
  } finally {
    busy.activity = null;
    // Stopped on the way, the clock stays where it is: the rest is done after the next start.
    if (!running.stopping) clock.release();
    if (what) saveState(running);
  }
};

const openWorld = async (options: SystemOptions, state: FolderState) => {
  const { folder, source, policy } = options;
  const troubles: string[] = [];
  const tell = (line: string) => {
    troubles.push(line);
    if (troubles.length > MAX_TROUBLES) troubles.shift();
    options.trouble?.(line);
  };
  const embedded = await startEmbeddedDynamo({ path: folder.tablePath });
  const clock = createMovableClock(options.machineNow, state);
  const store = createDynamoStore({
    client: embedded.client,
    tableName: EMBEDDED_TABLE,
    now: clock.now,
  });
  const books = watchBooks(store);
  const playing = prepareDemo(folder, state);
  const kept = folder.readOutbox();
  const withheld = [...kept.withheld];
  const secret = options.secret ?? folder.secret();
  const real = source.kind === 'stripe' ? source.provider : createScriptedProvider();
  const busy: Busy = { activity: null, isLoaded: false };
  const links: Links = { keys: [{ id: 'local', key: folder.linkKey() }], url: UNSERVED };
  const linkFor = linksFor({ keys: () => links.keys, baseUrl: () => links.url, now: clock.now });
  const provider = quietProvider(playing?.provider ?? real, clock.now, (entry) => {
    // A repeat under the same key is the same wish.
    if (withheld.some(({ key }) => key === entry.key)) return;
    folder.appendWithheld(entry);
    withheld.push(entry);
  });
  const world = createWorld({
    store: books.store,
    policy,
    clock,
    provider,
    compose: (compose) => withLinks(compose, linkFor),
    signatureNow: options.machineNow,
    outbox: { kept: kept.mails, keep: (mail) => folder.appendMail(mail) },
    ...(options.sendTo && { mailer: sendingTo(options.sendTo) }),
    told: { kept: kept.told, keep: (told) => folder.appendTold(told) },
    notifier: tellingFor({
      mail: options.sendTo ? { address: options.sendTo.address, send: options.sendTo.operatorMail } : null,
      webhook: options.operatorWebhook ?? null,
      machineNow: options.machineNow,
    }),
    connections: {
      [CONNECTION]: {
        secrets: async () => [secret],
        livemode: source.kind === 'stripe' ? source.livemode : false,
        account: null,
      },
    },
    heartbeatMs: () => (busy.activity?.what === 'loading' ? LOADING_HEARTBEAT_MS : DAY_MS),
    telemetry: tellingTelemetry(tell),
    onError: (error) => tell(error instanceof Error ? error.message : String(error)),
  });
  return { embedded, books, world, clock, playing, withheld, secret, troubles, tell, busy, links, provider };
};

/** The customer's page as in the cloud, on this store and by this clock. */
const openCustomerPage = ({ world, clock, tell, links, options }: Running, provider: Provider) =>
  makeCustomerPage({
    store: world.store,
    provider,
    policy: options.policy,
    keys: async () => links.keys,
    baseUrl: () => links.url,
    paymentHosts: options.source.kind === 'demo' ? [DEMO_PAYMENT_HOST] : [],
    telemetry: tellingTelemetry(tell),
    backOff: async () => {},
    now: clock.now,
    onError: (error) => tell(error instanceof Error ? error.message : String(error)),
  });

/** Nobody signs in on their own machine: the server takes only requests from it. */
const HERE = { who: 'local', role: 'operator' } as const;

/** The finance API as in the cloud, on this store and by this clock. */
const openFinanceApi = ({ world, clock, tell, options }: Running) =>
  makeFinanceApi({
    store: world.store,
    policy: options.policy,
    connections: [CONNECTION],
    where: options.source.kind === 'demo' ? 'the demonstration' : 'the local account',
    version: packageJson.version,
    requestsPerSecond: null,
    backOff: async () => {},
    readMail: createReadMail(() => loadEmails(), options.policy),
    signedIn: () => HERE,
    now: clock.now,
    onError: (error) => tell(error instanceof Error ? error.message : String(error)),
  });

/** The doors for people, open once the past is loaded. */
const openPeoplesDoors = (
  running: Running,
  provider: Provider,
  loaded: () => Promise<unknown>,
): Pick<LocalSystem, 'customerPage' | 'financeApi'> => {
  const page = openCustomerPage(running, provider);
  const finance = openFinanceApi(running);
  const after = (door: typeof page) => async (event: HttpEvent) => {
    await loaded();
    return door(event);
  };
  return { customerPage: after(page), financeApi: after(finance) };
};

const eventIn = (body: Uint8Array): object => JSON.parse(Buffer.from(body).toString('utf8')) as object;

/** Learns what earlier runs left, plays the past that is missing, and lets the clock run. */
const startUp = async (running: Running, state: FolderState, books: Books): Promise<void> => {
  const { world, clock, options } = running;
  saveState(running);
  await world.restore();
  await books.load(addMs(state.at, -BOOKS_DAYS * DAY_MS), addMs(state.at, DAY_MS));
  const isFirst = state.demo !== null && state.at < state.demo.base;
  const present = addMs(options.machineNow(), state.offsetMs);
  if (present > state.at) await advance(running, isFirst ? 'loading' : 'catching up', present);
  else clock.release();
  running.busy.isLoaded = true;
};

/** Takes what came over HTTP through the door. */
const receiveBytes = async (
  { world, playing, options }: Running,
  connection: string,
  body: Uint8Array,
  signature: string | undefined,
): Promise<HttpResult> => {
  const result = await world.post(connection, body, signature);
  // The provider knows what it has sent, whether it was of use to us or not.
  if (playing && result.statusCode === 200) {
    const event = eventIn(body);
    teach(playing.provider, event, false);
    options.folder.appendReceived(event);
  }
  return result;
};

/** At most five pages a second, as in the cloud. */
const PAGE_PAUSE_MS = 200;

/** Goes through the account as far as it can before the system stops; the rest comes with the next look. */
const lookThrough = async (running: Running): Promise<void> => {
  const { options, world, clock, tell, playing } = running;
  const account =
    options.source.kind === 'stripe' ? options.source.account : playing && accountOf(playing.provider);
  if (account === null) return;
  const deps = {
    store: world.store,
    account,
    isAhead: (facts: Facts, known: Customer, now: Instant) => isAhead(options.policy, facts, known, now),
    telemetry: tellingTelemetry(tell),
    backOff: async () => {},
    // Behind a demonstration is nobody to be spared.
    pause: () => (playing ? Promise.resolve() : setTimeout(PAGE_PAUSE_MS, undefined)),
  };
  await walkAccount(deps, CONNECTION, 'look_ahead', clock.now, () => !running.stopping);
};

const moveTo = async (running: Running, target: (now: Instant) => Target): Promise<Moved> => {
  const { clock, world } = running;
  const from = clock.now();
  const found = target(from);
  if (found.kind === 'refused') return found;
  if (running.stopping) return { kind: 'refused', why: 'the server is stopping' };
  const sent = world.outbox.mails.length;
  await advance(running, 'moving', found.at);
  return { kind: 'moved', from, to: found.at, mails: world.outbox.mails.length - sent };
};

/** Opens the data folder and puts the system together; nothing runs before `start`. Throws when the folder is in use. */
export const openSystem = async (asked: SystemOptions): Promise<LocalSystem> => {
  const state = asked.folder.readState() ?? initialState(asked);
  const options = { ...asked, policy: policyOf(asked, state) };
  const { embedded, books, withheld, troubles, provider, ...parts } = await openWorld(options, state);
  const { world, clock, playing, secret, busy } = parts;
  const running: Running = { ...parts, options, demo: state.demo, stopping: false, savedAtMs: 0 };
  const queue = createQueue();
  let started: Promise<void> | null = null;
  let looking: Promise<void> | null = null;
  return {
    kind: options.source.kind,
    policy: options.policy,
    secret,
    folderPath: options.folder.path,
    useStore: async () => {
      await started;
      return world.store;
    },
    books,
    mails: world.outbox.mails,
    withheld,
    told: world.told,
    demo: playing?.demo ?? null,
    sendsTo: options.sendTo?.address ?? null,
    now: clock.now,
    activity: () => busy.activity,
    isLoaded: () => busy.isLoaded,
    troubles,
    start: () => (started ??= queue(() => startUp(running, state, books))),
    tick: () =>
      queue(async () => {
        if (!running.stopping) await advance(running, null, clock.now());
      }),
    lookAhead: async () => {
      await started;
      looking ??= lookThrough(running).finally(() => (looking = null));
      await looking;
    },
    receive: async (connection, body, signature) => {
      // While the past is played a present event has to wait: it would be recorded weeks too early.
      await started;
      return receiveBytes(running, connection, body, signature);
    },
    ...openPeoplesDoors(running, provider, async () => started),
    servedAt: (url) => {
      parts.links.url = url;
    },
    move: (target) => queue(() => moveTo(running, target)),
    stop: async () => {
      running.stopping = true;
      try {
        await Promise.allSettled([looking]);
        await queue(async () => saveState(running));
      } finally {
        await embedded.stop();
      }
    },
  };
};
