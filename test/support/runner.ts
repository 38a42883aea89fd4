// The clock's side of the system on an in-memory store, with a process that can be made to die at any request.
import { createComposer } from '../../adapters/email/render.ts';
import { loadEmails } from '../../local/emails.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { createOutbox, type SentMail } from '../../adapters/memory/outbox.ts';
import { translate } from '../../adapters/stripe/translate.ts';
import type { ActOutcome, Mail, Metric, Notifier, Provider, Store } from '../../core/ports.ts';
import { definePolicy, type Policy } from '../../core/recovery/policy.ts';
import { addDays, instantFromSeconds, type Instant } from '../../core/time.ts';
import { receiveEvent } from '../../core/workflows/receive-event.ts';
import { runDueActions, type Tick } from '../../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../../core/workflows/visit-customer.ts';
import { SHARDS } from '../../adapters/dynamodb/table-shape.ts';
import { createVirtualClock, runUntil, watchDue, type VirtualClock } from '../../local/clock.ts';
import { createScriptedProvider } from '../../local/scripted-provider.ts';
import defaultPolicy from '../../policy.ts';
import { DAY_0, type StripeEvent } from './story.ts';

/** What a process that was killed throws from then on. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Counts every request to the world outside; at the chosen one the process dies, before or after it is carried out. */
export type Killer = {
  requests: number;
  at: number;
  when: 'before' | 'after';
  dead: boolean;
};

const mortal = <T extends object>(port: T, killer: Killer): T => {
  const wrapped = Object.entries(port).map(([name, operation]) => {
    if (typeof operation !== 'function' || name === 'compose') return [name, operation] as const;
    const call = async (...args: unknown[]): Promise<unknown> => {
      if (killer.dead) throw new Killed('dead');
      killer.requests += 1;
      const dies = killer.requests === killer.at;
      killer.dead = dies;
      if (dies && killer.when === 'before') throw new Killed('killed before the request');
      const answer: unknown = await (operation as (...all: unknown[]) => Promise<unknown>)(...args);
      if (dies) throw new Killed('killed after the request');
      return answer;
    };
    return [name, call] as const;
  });
  return Object.fromEntries(wrapped) as T;
};

export type RunnerOptions = {
  readonly policy?: Policy;
  readonly store?: Store;
  readonly provider?: (scripted: Provider) => Provider;
  readonly notifier?: Notifier;
  readonly killAt?: number;
  readonly killWhen?: 'before' | 'after';
  readonly mailFault?: (mail: Mail) => ActOutcome | null;
};

export type Runner = {
  readonly store: Store;
  readonly clock: VirtualClock;
  readonly mails: readonly SentMail[];
  readonly metrics: Metric[];
  readonly killer: Killer;
  readonly deps: VisitDeps;
  /** Tells the provider and the door of some events, as at the present moment. */
  tell(...events: StripeEvent[]): Promise<void>;
  /** Lets the clock run to a day of the story. */
  toDay(day: number): Promise<void>;
  /** Sets the clock to a day of the story, doing nothing: an outage. */
  sleepTo(day: number): void;
  sweep(): Promise<Tick>;
};

export const POLICY = definePolicy(defaultPolicy);
const TEMPLATES = loadEmails();
const COMPOSE = createComposer(TEMPLATES);
export const START = instantFromSeconds(DAY_0);
/** Tells nobody, and says that it did. */
const SILENT_NOTIFIER: Notifier = { notify: async () => ({ kind: 'done', why: 'told', facts: [] }) };
const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);
const BUDGET = { visits: 10_000, goOn: () => true };

/** Puts the clock's side together. When the process dies it is started again at once, a little later. */
export const createRunner = (options: RunnerOptions = {}): Runner => {
  const clock = createVirtualClock(START);
  const killer: Killer = {
    requests: 0,
    at: options.killAt ?? -1,
    when: options.killWhen ?? 'before',
    dead: false,
  };
  const metrics: Metric[] = [];
  const scripted = createScriptedProvider();
  const outbox = createOutbox({
    compose: COMPOSE,
    now: clock.now,
    ...(options.mailFault && { fault: options.mailFault }),
  });
  const store = options.store ?? createMemoryStore();
  const watch = watchDue(store);
  const deps: VisitDeps = {
    store: mortal(watch.store, killer),
    provider: mortal(options.provider?.(scripted) ?? scripted, killer),
    mailer: mortal(outbox.mailer, killer),
    notifier: mortal(options.notifier ?? SILENT_NOTIFIER, killer),
    telemetry: { count: (metric) => metrics.push(metric), gauge: () => {} },
    backOff: async () => {},
    policy: options.policy ?? POLICY,
    now: clock.now,
  };
  const revive = () => {
    killer.dead = false;
  };
  const sweepShards = async (shards: readonly number[]): Promise<Tick> => {
    try {
      return await runDueActions(deps, shards, BUDGET);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return { visits: 0, failed: 0, throttled: false };
    } finally {
      revive();
    }
  };
  const receiving = { store: watch.store, telemetry: deps.telemetry, backOff: deps.backOff };
  const day = (days: number): Instant => addDays(START, days);
  return {
    store,
    clock,
    mails: outbox.mails,
    metrics,
    killer,
    deps,
    tell: async (...events) => {
      for (const event of events) {
        const told = translate(event, { livemode: null, account: null });
        if (told.kind !== 'facts' && told.kind !== 'unrouted') continue;
        scripted.learn('stripe', told);
        await receiveEvent(receiving, 'stripe', told, clock.now());
      }
    },
    toDay: (days) =>
      runUntil(clock, watch, day(days), async (shards) => {
        await sweepShards(shards);
      }),
    sleepTo: (days) => clock.set(day(days)),
    sweep: () => sweepShards(ALL_SHARDS),
  };
};
