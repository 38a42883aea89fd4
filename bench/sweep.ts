// The clock on one core: due customers from claim to settle, in-memory adapters, a mailer that accepts.
import { createMemoryStore } from '../adapters/memory/store.ts';
import { SHARDS } from '../adapters/dynamodb/table-shape.ts';
import { createComposer } from '../adapters/email/render.ts';
import { loadEmails } from '../local/emails.ts';
import { translate } from '../adapters/stripe/translate.ts';
import { customerKey } from '../core/ids.ts';
import type { Fact } from '../core/recovery/fact.ts';
import { definePolicy } from '../core/recovery/policy.ts';
import { instantFromSeconds } from '../core/time.ts';
import { recordFacts } from '../core/workflows/record-facts.ts';
import { runDueActions } from '../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../core/workflows/visit-customer.ts';
import policy from '../policy.ts';
import { DAY_0, story } from '../test/support/story.ts';
import { median } from './measure.ts';

const NOW = instantFromSeconds(DAY_0);
const COUNT = 3000;
const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);
const BUDGET = { visits: Number.MAX_SAFE_INTEGER, goOn: () => true };

/** The facts of one customer's failed payment: a plain decline waits, one to confirm wants a mail now. */
const factsOf = (n: number, type: string): readonly Fact[] =>
  story({ n })
    .failed(0, { type, next: 3, told: false })
    .flatMap((event) => {
      const told = translate(event, { livemode: null, account: null });
      return told.kind === 'facts' ? told.facts : [];
    });

const compose = createComposer(loadEmails());

/** A system in which every customer is due once. */
const dueSystem = async (type: string, sent: () => void): Promise<VisitDeps> => {
  const store = createMemoryStore();
  const telemetry = { count: () => {}, gauge: () => {} };
  const deps: VisitDeps = {
    store,
    telemetry,
    backOff: async () => {},
    provider: {
      refresh: async () => [],
      resolve: async () => null,
      retry: async () => ({ kind: 'unknown', why: 'bench' }),
      end: async () => ({ kind: 'unknown', why: 'bench' }),
      lookUp: async () => ({ kind: 'unknown', why: 'bench' }),
      portal: async () => '',
    },
    mailer: {
      compose,
      send: async () => {
        sent();
        return { kind: 'done', why: 'accepted', facts: [] };
      },
    },
    notifier: { notify: async () => ({ kind: 'done', why: 'told', facts: [] }) },
    policy: definePolicy(policy),
    now: () => NOW,
  };
  for (let n = 1; n <= COUNT; n += 1) {
    await recordFacts(deps, customerKey('stripe', `cus_${n}`), factsOf(n, type), NOW);
  }
  return deps;
};

const customersPerSecond = async (type: string, mails: number): Promise<number> => {
  const rates: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    let sent = 0;
    const deps = await dueSystem(type, () => {
      sent += 1;
    });
    const start = performance.now();
    await runDueActions(deps, ALL_SHARDS, BUDGET);
    rates.push(COUNT / ((performance.now() - start) / 1000));
    if (sent !== mails) throw new Error(`${sent} mails were sent, not ${mails}`);
  }
  return Math.round(median(rates.slice(1)));
};

/** Customers a second, from claim to settle: those that open a case and wait, those that get a mail too. */
export const benchSweep = async (): Promise<Record<string, number>> => ({
  dueCustomersPerSecond: await customersPerSecond('invoice.payment_failed', 0),
  dueCustomersWithMailPerSecond: await customersPerSecond('invoice.payment_action_required', COUNT),
});
