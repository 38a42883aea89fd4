// `recoup reconcile`: looks once into the provider's own log of events for what webhooks missed, as each hour in the cloud.
import { Command } from 'commander';
import { createStripeEventLog } from '../adapters/stripe/event-log.ts';
import type { EventLog, Metric } from '../core/ports.ts';
import { reconcile, type Reconciled } from '../core/workflows/reconcile.ts';
import { backOff } from '../functions/lambda/root.ts';
import { createNotes } from './notes.ts';
import { asJson, minute, plain, table } from './printed.ts';
import { chosenConnections, providerFor } from './provider-target.ts';
import { withStore, withStoreOptions, type StoreOptions, type StoreTarget } from './store-target.ts';

type Options = StoreOptions & { readonly connection?: string; readonly json?: boolean };

/** What a run came to: its walks, and what it had to say on the way. */
type Run = { readonly walks: readonly Reconciled[]; readonly notes: readonly string[] };

/** Runs to the end of the log: no function's time runs out here, and each walk asks for one page at a time. */
const PLENTY = { requests: Number.MAX_SAFE_INTEGER, goOn: () => true };

/** What a person is to know of how a run went. Events that were recorded are counted in the walk. */
const NOTED: readonly Metric[] = ['reconcile_refused', 'reconcile_gap', 'throttled', 'fact_overflow'];

/** Looks through the logs of some connections, one after another. Throws {@link OutsideError} when one does not answer. */
export const reconcileAll = async (
  { store, now }: Pick<StoreTarget, 'store' | 'now'>,
  eventLog: EventLog,
  connections: readonly string[],
): Promise<Run> => {
  const { telemetry, notes } = createNotes(NOTED);
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
  const provider = await providerFor(options, process.env['STRIPE_API_KEY'], 'events');
  const names = chosenConnections(provider.connections, options.connection);
  await withStore(options, async (target) => {
    const done = await reconcileAll(target, createStripeEventLog(provider), names);
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
