// Years of billing in seconds: the real doors, workflows and store under a clock that jumps, and faults by a seed.
import TinyQueue from 'tinyqueue';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { createOutbox } from '../../adapters/memory/outbox.ts';
import { signPayload } from '../../adapters/stripe/signature.ts';
import { customerKey, splitKey, type CustomerKey } from '../../core/ids.ts';
import type { Mail, MailRequest, Store, Telemetry } from '../../core/ports.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { totalsOf, type CaseTotals } from '../../core/reports/outcome.ts';
import {
  addDays,
  addMs,
  DAY_MS,
  instantFromSeconds,
  MINUTE_MS,
  toMs,
  type Instant,
} from '../../core/time.ts';
import { readCases } from '../../core/workflows/read-cases.ts';
import { runDueActions } from '../../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../../core/workflows/visit-customer.ts';
import { makeReceiveWebhook } from '../../functions/receive-webhook.ts';
import type { HttpEvent } from '../../functions/middleware.ts';
import { createVirtualClock, watchDue } from '../clock.ts';
import type { Json, Subscriber } from '../demo/objects.ts';
import { createRandom, type Random } from '../demo/random.ts';
import {
  createFaults,
  faultyProvider,
  faultyStore,
  Killed,
  mailFault,
  mortalMailer,
  type Process,
} from './faults.ts';
import { checkArmed, checkBooks, checkCustomer, checkMails, type Violation } from './laws.ts';
import { createMarket } from './market.ts';

const START_S = Date.UTC(2026, 0, 5, 8) / 1000;
const SECRET = 'whsec_simulation';
const CONNECTION = 'stripe';
/** After the last bill every ladder has ended, and everybody who pays late has paid. */
const SETTLING_DAYS = 120;

export type SimulateOptions = {
  readonly customers: number;
  readonly days: number;
  readonly seed: number;
  readonly faults: boolean;
  readonly policy: Policy;
};

export type Simulated = {
  readonly seed: number;
  readonly customers: number;
  readonly days: number;
  readonly events: number;
  readonly actions: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly lawsChecked: number;
  readonly violations: readonly Violation[];
  readonly totals: Readonly<Record<string, CaseTotals>>;
};

const CURRENCIES = [
  { currency: 'usd', low: 500, high: 20_000 },
  { currency: 'jpy', low: 500, high: 30_000 },
  { currency: 'kwd', low: 1000, high: 90_000 },
] as const;

const personOf = (random: Random, n: number): Subscriber => {
  const { currency, low, high } = random.pick(CURRENCIES);
  return {
    customerId: `cus_${n}`,
    subscriptionId: `sub_${n}`,
    name: `Customer ${n}`,
    email: random.chance(0.98) ? `customer${n}@example.com` : null,
    country: 'US',
    locale: 'en',
    currency,
    amountMinor: random.whole(low, high),
    card: { id: `pm_${n}`, fingerprint: `fp_${n}`, brand: 'visa', last4: '4242', expMonth: 1, expYear: 2030 },
  };
};

/** Rendering is tested elsewhere and would take most of the time: here a mail is only what the laws look at. */
const compose = (request: MailRequest): Mail => ({
  to: request.to,
  from: { name: request.sender.name, email: request.sender.email },
  replyTo: request.sender.replyTo,
  subject: request.message,
  html: '',
  text: '',
  message: request.message,
  language: 'en',
  customerKey: request.customerKey,
  caseId: request.caseId,
  subjectId: request.subjectId,
  stepId: request.stepId,
});

type Happening = {
  readonly at: number;
  readonly order: number;
  readonly happen: (second: number) => Promise<void> | void;
};

const httpEvent = (body: string, signature: string): HttpEvent => ({
  version: '2.0',
  routeKey: 'POST /webhooks/{connection}',
  rawPath: `/webhooks/${CONNECTION}`,
  rawQueryString: '',
  headers: { 'stripe-signature': signature },
  pathParameters: { connection: CONNECTION },
  requestContext: {} as HttpEvent['requestContext'],
  body,
  isBase64Encoded: false,
});

/** Runs one world to its end and checks every law. The same options give the same answer, to the byte. */
export const simulate = async (options: SimulateOptions): Promise<Simulated> => {
  const random = createRandom(options.seed);
  const faults = createFaults(random.fork('faults'), options.faults);
  const clock = createVirtualClock(instantFromSeconds(START_S));
  const queue = new TinyQueue<Happening>([], (a, b) => a.at - b.at || a.order - b.order);
  const violations: Violation[] = [];
  const process: Process = { dead: false };
  let order = 0;
  let lawsChecked = 0;
  let [events, actions] = [0, 0];
  const later = (at: number, happen: Happening['happen']): void => {
    order += 1;
    queue.push({ at, order, happen });
  };
  const check = (found: readonly Violation[]): void => {
    lawsChecked += 1;
    violations.push(...found);
  };

  const memory = createMemoryStore({ indexLag: () => faults.happens('index_lag') });
  const touched = new Map<CustomerKey, Customer>();
  const recordedPaid = new Set<string>();
  const seen: Store = {
    ...memory,
    save: async (customer) => {
      await memory.save(customer);
      check(checkArmed(customer, recordedPaid, clock.now()));
      for (const invoice of Object.values(customer.facts.invoices)) {
        if (invoice.status === 'paid') recordedPaid.add(invoice.id);
      }
      touched.set(customer.key, customer);
    },
  };
  const watch = watchDue(seen);
  const telemetry: Telemetry = { count: () => {}, gauge: () => {} };
  const backOff = async (): Promise<void> => {};
  const receive = makeReceiveWebhook({
    store: faultyStore(watch.store, process, faults),
    telemetry,
    backOff,
    connections: { [CONNECTION]: { secrets: async () => [SECRET], livemode: null, account: null } },
    now: clock.now,
    onError: () => {},
  });
  /** Posts until the door has taken it, as the provider does: a failed delivery comes again, later and later. */
  const deliver = async (event: Json, tries: number): Promise<void> => {
    const body = JSON.stringify(event);
    const { statusCode } = await receive(
      httpEvent(body, signPayload(Buffer.from(body), SECRET, clock.now())),
    );
    process.dead = false;
    events += 1;
    if (statusCode === 200 || tries >= 12) return;
    later(Math.floor(toMs(clock.now()) / 1000) + 60 * 2 ** Math.min(tries, 8), () =>
      deliver(event, tries + 1),
    );
  };
  const market = createMarket(
    random.fork('market'),
    Array.from({ length: options.customers }, (_, n) => personOf(random, n + 1)),
    {
      later,
      emit: (second, event): void => {
        // What is lost comes back with the hourly walk through the provider's event log.
        if (faults.happens('webhook_lost'))
          return later(second + random.whole(3600, 7200), () => deliver(event, 0));
        const late = faults.happens('webhook_late') ? random.whole(1, 3) * 86_400 : 0;
        const skew = faults.happens('clock_skew') ? random.whole(1, 4) : 0;
        later(second + late + skew, () => deliver(event, 0));
        if (faults.happens('webhook_repeated'))
          later(second + random.whole(1, 7200), () => deliver(event, 0));
        if (faults.happens('webhook_under_two_ids')) {
          later(second + random.whole(1, 60), () =>
            deliver({ ...event, id: `${String(event['id'])}_twin` }, 0),
          );
        }
      },
    },
  );
  const outbox = createOutbox({ compose, now: clock.now, fault: mailFault(faults) });
  const payNow = async (key: string): Promise<void> => {
    if (!faults.happens('paid_between_refresh_and_arm')) return;
    const second = Math.floor(toMs(clock.now()) / 1000);
    const { customerId } = splitKey(key as CustomerKey);
    const before = market.log.length;
    market.payAll(customerId, second);
    // Its events get through before the visit goes on.
    for (const { event } of market.log.slice(before)) await deliver(event, 0);
  };
  const deps: VisitDeps = {
    store: faultyStore(watch.store, process, faults),
    provider: faultyProvider(market.provider, process, faults, payNow),
    mailer: mortalMailer(
      {
        compose: outbox.mailer.compose,
        send: async (mail: Mail) => {
          const customer = touched.get(mail.customerKey);
          const outcome = await outbox.mailer.send(mail);
          const sent = outbox.mails.at(-1);
          if (outcome.kind !== 'throttled' && sent && customer) {
            actions += 1;
            market.read(splitKey(mail.customerKey).customerId, Math.floor(toMs(clock.now()) / 1000));
          }
          return outcome;
        },
      },
      process,
      faults,
    ),
    telemetry,
    backOff,
    policy: options.policy,
    now: clock.now,
  };
  const budget = { visits: 1_000_000, goOn: () => !process.dead };
  const tick = async (shards: readonly number[]): Promise<void> => {
    const sweepers = faults.happens('two_sweepers') ? 2 : 1;
    const runs = Array.from({ length: sweepers }, () => runDueActions(deps, shards, budget));
    for (const result of await Promise.allSettled(runs)) {
      if (result.status === 'rejected' && !(result.reason instanceof Killed) && !process.dead)
        throw result.reason;
    }
    process.dead = false;
    for (const customer of touched.values()) check(checkCustomer(customer, clock.now()));
    touched.clear();
  };
  /** Runs everything until `until`, what happens outside before what is due inside at the same moment. */
  const runTo = async (until: Instant): Promise<void> => {
    let downUntil: Instant | null = null;
    let daily = clock.now();
    for (;;) {
      const outside = queue.peek();
      const due = watch.next();
      const outsideAt = outside ? instantFromSeconds(outside.at) : null;
      const dueAt = due && downUntil && due.at < downUntil ? downUntil : (due?.at ?? null);
      if (outsideAt !== null && outsideAt <= until && (dueAt === null || outsideAt <= dueAt)) {
        queue.pop();
        clock.set(outsideAt);
        await outside?.happen(outside.at);
        continue;
      }
      if (due === null || dueAt === null || dueAt > until) break;
      clock.set(dueAt);
      if (clock.now() > addMs(daily, DAY_MS)) {
        daily = clock.now();
        if (faults.happens('outage_of_a_day')) {
          downUntil = addMs(daily, DAY_MS);
          continue;
        }
      }
      await tick(due.shards);
      const after = watch.next();
      if (after !== null && after.at <= due.at) clock.set(addMs(clock.now(), MINUTE_MS));
    }
    clock.set(until);
  };

  // A bill that fails comes every few weeks to each customer, for as long as the simulation runs.
  const bills = random.fork('bills');
  for (const { who } of market.customers.values()) {
    let day = bills.between(0, 30);
    while (day < options.days) {
      later(START_S + Math.round(day * 86_400), (second) => market.bill(who.customerId, second));
      day += bills.between(20, 70);
    }
  }
  const end = addDays(instantFromSeconds(START_S), options.days + SETTLING_DAYS);
  await runTo(end);
  // What was lost on the way is found in the provider's log, as one reconcile would.
  const quiet = createFaults(random, false);
  const door = makeReceiveWebhook({
    store: faultyStore(watch.store, process, quiet),
    telemetry,
    backOff,
    connections: { [CONNECTION]: { secrets: async () => [SECRET], livemode: null, account: null } },
    now: clock.now,
    onError: (error) => {
      throw error;
    },
  });
  for (const { event } of market.log) {
    const body = JSON.stringify(event);
    await door(httpEvent(body, signPayload(Buffer.from(body), SECRET, clock.now())));
  }
  await runTo(addDays(end, SETTLING_DAYS));

  const records = await readCases(memory, instantFromSeconds(START_S), clock.now());
  check(checkMails(outbox.mails));
  check(checkBooks(records, market.customers, clock.now()));
  for (const { who } of market.customers.values()) {
    const customer = await memory.load(customerKey(CONNECTION, who.customerId), clock.now());
    if (customer.setAsideAt !== null) {
      violations.push({
        law: 'nobody is set aside',
        customer: customer.key,
        at: clock.now(),
        detail: customer.trouble?.why ?? '',
      });
    }
  }
  return {
    seed: options.seed,
    customers: options.customers,
    days: options.days,
    events,
    actions,
    faults: { ...faults.counts },
    lawsChecked,
    violations,
    totals: totalsOf(records.flatMap((record) => record.invoices)),
  };
};
