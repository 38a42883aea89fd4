// How the system stands, for an operator.
import type * as v from 'valibot';
import { SHARDS } from '../../adapters/dynamodb/table-shape.ts';
import { splitKey } from '../../core/ids.ts';
import type { StuckEntry } from '../../core/ports.ts';
import {
  CARD_WINDOW_MS,
  MAX_ATTEMPTS_OF_DEBIT,
  MAX_ATTEMPTS_OF_UNKNOWN,
  MAX_ATTEMPTS_PER_CARD,
  MAX_ATTEMPTS_PER_INVOICE,
} from '../../core/recovery/network-rules.ts';
import { DAY_MS, type Instant } from '../../core/time.ts';
import { readHealth, type ConnectionHealth, type Health } from '../../core/workflows/read-health.ts';
import type { FinanceDeps } from './route.ts';
import type { HEALTH } from './shapes.ts';

type Answer = v.InferInput<typeof HEALTH>;

const HEARD =
  'The newest try, failure or opening of a case among the newest cases. When the last webhook came is not kept: a webhook that ' +
  'changes nothing is written nowhere.';
const NOT_HEARD = 'None of the newest cases is of this connection. When the last webhook came is not kept.';

const connectionAnswer = (one: ConnectionHealth): Answer['connections'][number] => {
  const { connection, heardAt, log, lookAhead } = one;
  return {
    connection,
    heard: { at: heardAt, why: heardAt === null ? NOT_HEARD : HEARD },
    log: { undelivered: log.undelivered, all: log.all },
    lookAhead: {
      startedAt: lookAhead.startedAt,
      doneAt: lookAhead.doneAt,
      isUnderWay: lookAhead.at !== null,
    },
  };
};

const stuckAnswer = (entry: StuckEntry): Answer['stuck'][number] => {
  const { setAsideAt: since, why, tries } = entry;
  if (entry.kind === 'unrouted') {
    return { kind: entry.kind, connection: null, customer: null, event: entry.id, since, why, tries };
  }
  const { connection, customerId } = splitKey(entry.key);
  return { kind: entry.kind, connection, customer: customerId, event: null, since, why, tries };
};

const budgetsAnswer = ({ tries }: Health, requestsPerSecond: number | null): Answer['budgets'] => ({
  requestsPerSecond,
  invoices: { limit: MAX_ATTEMPTS_PER_INVOICE, ...tries.invoices },
  cards: { limit: MAX_ATTEMPTS_PER_CARD, days: CARD_WINDOW_MS / DAY_MS, ...tries.cards },
  ofUnknownCode: MAX_ATTEMPTS_OF_UNKNOWN,
  ofBankDebit: MAX_ATTEMPTS_OF_DEBIT,
});

/** How the system stands now. */
export const healthAnswer = async (
  { store, connections, requestsPerSecond }: FinanceDeps,
  now: Instant,
): Promise<Answer> => {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  const health = await readHealth(store, { connections, shards }, now);
  return {
    at: now,
    lagSeconds: health.lagSeconds,
    connections: health.connections.map(connectionAnswer),
    stuck: health.stuck.map(stuckAnswer),
    isAllStuck: health.isAllStuck,
    looked: health.looked,
    uncertain: health.uncertain.map(({ key, caseId, subjectId, stepId, kind, status, at, why }) => {
      const { connection, customerId } = splitKey(key);
      return {
        connection,
        customer: customerId,
        case: caseId,
        subject: subjectId,
        step: stepId,
        kind,
        status,
        at,
        why,
      };
    }),
    budgets: budgetsAnswer(health, requestsPerSecond),
  };
};
