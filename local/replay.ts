// Plays recorded events through the real door, each at its own moment, and lets the clock run on.
import { signPayload } from '../adapters/stripe/signature.ts';
import { translate } from '../adapters/stripe/translate.ts';
import { createDynamoStore } from '../adapters/dynamodb/store.ts';

import { InvariantError } from '../core/assert.ts';
import { splitKey } from '../core/ids.ts';
import { sumByCurrency, type Money } from '../core/money.ts';
import type { Telemetry } from '../core/ports.ts';
import type { CaseRecord, Outcome, StepKind, StepStatus } from '../core/recovery/customer.ts';
import type { Policy } from '../core/recovery/policy.ts';
import { caseOutcome, totalsOf, type CaseTotals } from '../core/reports/outcome.ts';
import { addMs, DAY_MS, instantFromMs, instantFromSeconds, type Instant } from '../core/time.ts';
import { readCases } from '../core/workflows/read-cases.ts';
import type { Recorded } from '../core/workflows/record-facts.ts';
import type { SentMail } from '../adapters/memory/outbox.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from './embedded-dynamodb.ts';
import type { Recording } from './recorded-events.ts';
import { createScriptedProvider, type ScriptedProvider } from './scripted-provider.ts';
import { createWorld, type World } from './world.ts';

const CONNECTION = 'stripe';
const SECRET = 'whsec_replay';
const HEARTBEAT_MS = 365 * DAY_MS;
const EARLIEST_S = Date.UTC(2010, 0) / 1000;
const LATEST_S = Date.UTC(2100, 0) / 1000;

/** What a replay found: the answer of `recoup replay --json`. Amounts are minor units, times ISO 8601 UTC. */
export type ReplayResult = {
  readonly events: {
    readonly accepted: number;
    readonly ignored: readonly { readonly type: string; readonly reason: string; readonly count: number }[];
    readonly refused: readonly { readonly where: string; readonly reason: string }[];
  };
  readonly cases: readonly ReplayedCase[];
  readonly emails: readonly ReplayedMail[];
  readonly totals: Readonly<Record<string, CaseTotals>>;
};

export type ReplayedCase = {
  readonly id: string;
  readonly customer: string;
  readonly outcome: Outcome;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  readonly failed: readonly Money[];
  readonly recovered: readonly Money[];
  readonly invoices: readonly {
    readonly id: string;
    readonly outcome: Outcome;
    readonly failed: number;
    readonly recovered: number;
    readonly currency: string;
  }[];
  readonly steps: readonly {
    readonly id: string;
    readonly kind: StepKind;
    readonly at: Instant;
    readonly status: StepStatus;
    readonly why: string;
  }[];
};

export type ReplayedMail = {
  readonly at: Instant;
  readonly to: string;
  readonly case: string;
  readonly step: string;
  readonly message: string;
  readonly language: string;
  readonly subject: string;
};

/** One event that can be played: when, and what is posted. */
type Playable = {
  readonly where: string;
  readonly type: string;
  readonly second: number;
  readonly event: object;
  readonly body: string;
};

const typeOf = (value: unknown): string => {
  const type = (value as { type?: unknown } | null)?.type;
  return typeof type === 'string' && type !== '' ? type : '(no type)';
};

/** Counts what was ignored, by type and reason. */
const createTally = () => {
  const counts = new Map<string, { type: string; reason: string; count: number }>();
  return {
    add: (type: string, reason: string, count = 1) => {
      const id = JSON.stringify([type, reason]);
      const entry = counts.get(id) ?? { type, reason, count: 0 };
      counts.set(id, { ...entry, count: entry.count + count });
    },
    list: () =>
      [...counts.values()].sort((a, b) =>
        a.type < b.type || (a.type === b.type && a.reason < b.reason) ? -1 : 1,
      ),
  };
};
type Tally = ReturnType<typeof createTally>;

const secondOf = (value: unknown): number | null => {
  const created = (value as { created?: unknown } | null)?.created;
  return Number.isSafeInteger(created) && Number(created) >= EARLIEST_S && Number(created) < LATEST_S
    ? Number(created)
    : null;
};

type Refusal = { readonly where: string; readonly reason: string };

/** Sorts what was read into what can be played and what cannot, in an order that only the events decide. */
const sortOut = (recording: Recording, tally: Tally): { playable: Playable[]; refused: Refusal[] } => {
  const refused: Refusal[] = [...recording.unreadable];
  const playable: Playable[] = [];
  for (const { where, value } of recording.events) {
    const second = secondOf(value);
    if (second !== null && typeof value === 'object' && value !== null) {
      playable.push({ where, type: typeOf(value), second, event: value, body: JSON.stringify(value) });
      continue;
    }
    const told = translate(value, { livemode: null, account: null });
    if (told.kind === 'ignored') tally.add(told.type, told.reason);
    else
      refused.push({
        where,
        reason: told.kind === 'refused' ? told.reason : 'created: not a time in seconds',
      });
  }
  playable.sort((a, b) => a.second - b.second || (a.body < b.body ? -1 : a.body > b.body ? 1 : 0));
  return { playable, refused };
};

/** Live or test: the first event that says so decides for the whole run. */
const modeOf = (playable: readonly Playable[]): boolean | null => {
  for (const { event } of playable) {
    const mode = (event as { livemode?: unknown }).livemode;
    if (typeof mode === 'boolean') return mode;
  }
  return null;
};

/** Lets the provider know what an event says: facts we use, and whose charge or payment intent it is. */
export const teach = (provider: ScriptedProvider, event: object, livemode: boolean | null): void => {
  const told = translate(event, { livemode, account: null });
  if (told.kind === 'facts' || told.kind === 'unrouted') provider.learn(CONNECTION, told);
  if ((event as { livemode?: unknown }).livemode !== livemode) return;
  const object = (event as { data?: { object?: Record<string, unknown> } }).data?.object;
  const [kind, id, customer] = [object?.['object'], object?.['id'], object?.['customer']];
  if (
    (kind === 'charge' || kind === 'payment_intent') &&
    typeof id === 'string' &&
    typeof customer === 'string'
  ) {
    provider.learnOwner(CONNECTION, { kind, id }, customer);
  }
};

/** One replay under way. `waiting`: facts that name no customer, until it is known what became of them. */
type Run = {
  readonly playable: readonly Playable[];
  readonly livemode: boolean | null;
  readonly refused: Refusal[];
  readonly tally: Tally;
  readonly waiting: Map<string, { readonly type: string; readonly count: number }>;
  accepted: number;
};

/** Posts one event at the door and keeps count of the answer. */
const play = async (world: World, { where, type, event, body }: Playable, run: Run): Promise<void> => {
  const response = await world.post(CONNECTION, body, signPayload(Buffer.from(body), SECRET, world.now()));
  const answer = JSON.parse(response.body ?? '{}') as { outcome?: string; reason?: string };
  const reason = answer.reason ?? `the door answered ${response.statusCode}`;
  if (answer.outcome === 'refused') run.refused.push({ where, reason });
  else if (answer.outcome === 'ignored') run.tally.add(type, reason);
  else if (response.statusCode !== 200) throw new InvariantError(`${where}: ${reason}`);
  else {
    const told = translate(event, { livemode: run.livemode, account: null });
    if (told.kind !== 'unrouted') run.accepted += 1;
    else {
      const id = `${CONNECTION}/${told.id}`;
      run.waiting.set(id, { type, count: (run.waiting.get(id)?.count ?? 0) + 1 });
    }
  }
};

const caseView = (record: CaseRecord): ReplayedCase => {
  const amounts = (pick: 'failedMinor' | 'recoveredMinor'): Money[] =>
    sumByCurrency(record.invoices.map((book) => ({ minor: book[pick], currency: book.currency }))).filter(
      ({ minor }) => minor > 0,
    );
  return {
    id: record.id,
    customer: splitKey(record.key).customerId,
    outcome: caseOutcome(record.invoices.map((book) => book.outcome)),
    openedAt: record.openedAt,
    closedAt: record.closedAt,
    failed: amounts('failedMinor'),
    recovered: amounts('recoveredMinor'),
    invoices: record.invoices.map((book) => ({
      id: book.invoiceId,
      outcome: book.outcome,
      failed: book.failedMinor,
      recovered: book.recoveredMinor,
      currency: book.currency,
    })),
    steps: [...record.steps]
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      .map(({ id, kind, at, status, why }) => ({ id, kind, at, status, why })),
  };
};

const mailView = (mail: SentMail): ReplayedMail => ({
  at: mail.at,
  to: mail.to,
  case: mail.caseId,
  step: mail.stepId,
  message: mail.message,
  language: mail.language,
  subject: mail.subject,
});

export type ReplayOptions = {
  readonly recording: Recording;
  readonly policy: Policy;
  /** How long the clock runs on after the last event, in milliseconds. */
  readonly untilMs: number;
  /** Told how far it is, after every moment that was played. */
  readonly progress?: (done: number, all: number) => void;
  /** Told of failures inside: counted in the cloud, shown here. */
  readonly trouble?: (line: string) => void;
};

const LOUD: ReadonlySet<string> = new Set([
  'visit_failed',
  'customer_set_aside',
  'invariant_broken',
  'fact_overflow',
]);

/** What the cloud would count and raise an alarm for is told to whoever runs the replay. */
const loudTelemetry = (tell: ReplayOptions['trouble']): Telemetry => ({
  count: (metric, fields) => {
    if (LOUD.has(metric)) tell?.(`${metric} ${JSON.stringify(fields ?? {})}`);
  },
  gauge: () => {},
});

/** What a replay answers with, and every mail as it went out. */
export type Replayed = { readonly result: ReplayResult; readonly mails: readonly SentMail[] };

/** Plays every moment in turn; what was told in one second is all told before the clock acts. */
const playAll = async (
  world: World,
  provider: ScriptedProvider,
  run: Run,
  progress: ReplayOptions['progress'],
) => {
  const { playable, livemode } = run;
  let i = 0;
  for (let one = playable[i]; one; one = playable[i]) {
    const { second } = one;
    await world.runUntil(instantFromMs(second * 1000 - 1));
    world.setClock(instantFromSeconds(second));
    for (; one?.second === second; i += 1, one = playable[i]) {
      teach(provider, one.event, livemode);
      await play(world, one, run);
    }
    progress?.(i, playable.length);
  }
};

/** Tells what became of a fact that named no customer, once that is known. */
const settleWaiting = (run: Run, id: string, recorded: Recorded): void => {
  const entry = run.waiting.get(id);
  run.waiting.delete(id);
  if (!entry) return;
  if (recorded.kind === 'ignored') run.tally.add(entry.type, recorded.reason, entry.count);
  else run.accepted += entry.count;
};

const resultOf = (run: Run, records: readonly CaseRecord[], mails: readonly SentMail[]): ReplayResult => {
  for (const { type, count } of run.waiting.values()) {
    run.tally.add(type, 'names no customer, and no event says whose it is', count);
  }
  const refused = [...run.refused].sort((a, b) =>
    `${a.where} ${a.reason}` < `${b.where} ${b.reason}` ? -1 : 1,
  );
  return {
    events: { accepted: run.accepted, ignored: run.tally.list(), refused },
    cases: records.map(caseView),
    emails: mails.map(mailView),
    totals: totalsOf(records.flatMap((record) => record.invoices)),
  };
};

/** Puts a world on an embedded store, plays everything, reads the books. The answer depends on the set of events only. */
export const replay = async (options: ReplayOptions): Promise<Replayed> => {
  const tally = createTally();
  const { playable, refused } = sortOut(options.recording, tally);
  const run: Run = { playable, livemode: modeOf(playable), refused, tally, waiting: new Map(), accepted: 0 };
  const [first, last] = [playable[0], playable.at(-1)];
  if (!first || !last) return { result: resultOf(run, [], []), mails: [] };
  const start = instantFromSeconds(first.second);
  const end = addMs(instantFromSeconds(last.second), options.untilMs);
  const provider = createScriptedProvider();
  const embedded = await startEmbeddedDynamo();
  try {
    const store = createDynamoStore({ client: embedded.client, tableName: EMBEDDED_TABLE });
    const world = createWorld({
      store,
      provider,
      policy: options.policy,
      clock: start,
      connections: { [CONNECTION]: { secrets: async () => [SECRET], livemode: run.livemode, account: null } },
      // Only events and the campaigns' own days change anything here: no daily look is needed.
      heartbeatMs: HEARTBEAT_MS,
      telemetry: loudTelemetry(options.trouble),
      onError: (error) => options.trouble?.(error instanceof Error ? error.message : String(error)),
      routed: (id, recorded) => settleWaiting(run, id, recorded),
    });
    await playAll(world, provider, run, options.progress);
    await world.runUntil(end);
    const records = await readCases(store, start, end);
    const { mails } = world.outbox;
    return { result: resultOf(run, records, mails), mails };
  } finally {
    await embedded.stop();
  }
};
