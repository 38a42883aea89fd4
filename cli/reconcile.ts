// `recoup reconcile`: looks once into the provider's own log of events for what webhooks missed, as each hour in the cloud.
import { Command } from 'commander';
import { createStripeClient } from '../adapters/stripe/client.ts';
import { createStripeEventLog } from '../adapters/stripe/event-log.ts';
import type { EventLog, Telemetry } from '../core/ports.ts';
import { reconcile, type Reconciled } from '../core/workflows/reconcile.ts';
import { backOff, openSecrets } from '../functions/lambda/root.ts';
import { openStripeClients } from '../functions/lambda/stripe-clients.ts';
import { livemodeOf } from '../local/server/real.ts';
import { CONNECTION } from '../local/server/system.ts';
import { asJson, minute, plain, table } from './printed.ts';
import {
  stageNamed,
  withStore,
  withStoreOptions,
  type StoreOptions,
  type StoreTarget,
} from './store-target.ts';
import { UserError } from './user-error.ts';

type Options = StoreOptions & { readonly connection?: string; readonly json?: boolean };

/** The connections there are, and the log of each. */
type Logs = { readonly connections: readonly string[]; readonly eventLog: EventLog };

/** What a run came to: its walks, and what it had to say on the way. */
type Run = { readonly walks: readonly Reconciled[]; readonly notes: readonly string[] };

const SILENT: Telemetry = { count: () => {}, gauge: () => {} };

const stageLogs = async (stage: string): Promise<Logs> => {
  const { connections } = (await stageNamed(stage)).settings;
  return {
    connections: Object.keys(connections),
    eventLog: createStripeEventLog({
      clientFor: openStripeClients(connections, openSecrets(SILENT)),
      acceptFor: (connection) => connections[connection] ?? { livemode: null, account: null },
    }),
  };
};

const localLogs = (apiKey: string): Logs => {
  const stripe = createStripeClient(apiKey);
  return {
    connections: [CONNECTION],
    eventLog: createStripeEventLog({
      clientFor: async () => stripe,
      acceptFor: () => ({ livemode: livemodeOf(apiKey), account: null }),
    }),
  };
};

const HOW_TO_ASK = 'set STRIPE_API_KEY to a key that may read events, or name a stage with --stage';

/** Throws {@link UserError} before any store is opened: without a key there is nobody to ask. */
const logsFor = async ({ stage, live }: Options, apiKey: string | undefined): Promise<Logs> => {
  if (stage !== undefined) return stageLogs(stage);
  if (apiKey) return localLogs(apiKey);
  throw new UserError(
    live === true
      ? `STRIPE_API_KEY is missing: ${HOW_TO_ASK}`
      : `the demonstration has no provider to ask: ${HOW_TO_ASK}`,
  );
};

const chosen = (connections: readonly string[], name: string | undefined): readonly string[] => {
  if (name === undefined) return connections;
  if (connections.includes(name)) return [name];
  throw new UserError(`there is no connection "${plain(name)}": there is ${connections.join(', ')}`);
};

/** Runs to the end of the log: no function's time runs out here, and each walk asks for one page at a time. */
const PLENTY = { requests: Number.MAX_SAFE_INTEGER, goOn: () => true };

/** What a person is to know of how a run went. Events that were recorded are counted in the walk. */
const NOTED: ReadonlySet<string> = new Set([
  'reconcile_refused',
  'reconcile_gap',
  'throttled',
  'fact_overflow',
]);

/** Looks through the logs of some connections, one after another. Throws {@link OutsideError} when one does not answer. */
export const reconcileAll = async (
  { store, now }: Pick<StoreTarget, 'store' | 'now'>,
  eventLog: EventLog,
  connections: readonly string[],
): Promise<Run> => {
  const notes: string[] = [];
  const telemetry: Telemetry = {
    count: (metric, fields = {}) => {
      if (!NOTED.has(metric)) return;
      const told = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
      notes.push([metric.replaceAll('_', ' '), ...told].join(', '));
    },
    gauge: () => {},
  };
  const deps = { store, now, eventLog, telemetry, backOff };
  const walks: Reconciled[] = [];
  for (const connection of connections) walks.push(...(await reconcile(deps, connection, PLENTY)));
  return { walks, notes };
};

const WALKS: Readonly<Record<Reconciled['walk'], string>> = {
  undelivered: 'not delivered',
  all: 'everything',
};
const COUNTS = ['events', 'recorded', 'kept', 'unchanged', 'ignored', 'refused'] as const;

/** What a run came to, for a person. */
export const printedRun = ({ walks, notes }: Run, where: string): string => {
  const rows = walks.map((walk) => [
    walk.connection,
    WALKS[walk.walk],
    minute(walk.from),
    minute(walk.to),
    ...COUNTS.map((name) => String(walk[name])),
    walk.complete ? 'yes' : 'no',
  ]);
  const unfinished = walks.some(({ complete }) => !complete);
  return [
    `The provider's log, taken into ${where}:`,
    table(['connection', 'walk', 'from (UTC)', 'to', ...COUNTS, 'complete'], rows),
    ...(notes.length > 0 ? [notes.map((note) => `  ${plain(note)}`).join('\n')] : []),
    unfinished
      ? 'Not all of it was walked: another run was at work, or somebody asked to slow down. Run this again.'
      : 'All of it was walked.',
  ].join('\n\n');
};

/** Whether a run walked everything and could take in all of it: then the command succeeds. */
export const isWhole = ({ walks }: Run): boolean =>
  walks.every(({ complete, refused }) => complete && refused === 0);

const run = async (options: Options): Promise<void> => {
  const { connections, eventLog } = await logsFor(options, process.env['STRIPE_API_KEY']);
  const names = chosen(connections, options.connection);
  await withStore(options, async (target) => {
    const done = await reconcileAll(target, eventLog, names);
    console.log(options.json ? asJson({ where: target.where, ...done }) : printedRun(done, target.where));
    if (!isWhole(done)) process.exitCode = 1;
  });
};

/** The command, ready to be added to the program. */
export const reconcileCommand = (): Command =>
  withStoreOptions(new Command('reconcile'))
    .description('Takes in what webhooks missed, from the provider’s own log of events, once.')
    .option('--connection <name>', 'one connection; all unless it is given')
    .option('--json', 'print everything as JSON')
    .action(run);
