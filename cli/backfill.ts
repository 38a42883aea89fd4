// `recoup backfill`: goes once through an account that was there before Recoup; it can be stopped.
import { Command } from 'commander';
import { createStripeAccount } from '../adapters/stripe/account.ts';
import type { Account, Metric } from '../core/ports.ts';
import { isAhead } from '../core/recovery/notices.ts';
import type { Instant } from '../core/time.ts';
import { walkAccount, type IsAhead, type Walked, type WalkedSoFar } from '../core/workflows/walk-account.ts';
import { backOff, pause } from '../functions/lambda/root.ts';
import { loadPolicy } from './load-policy.ts';
import { createNotes } from './notes.ts';
import { asJson, minute, plain } from './printed.ts';
import { chosenConnections, providerFor } from './provider-target.ts';
import { withStore, withStoreOptions, type StoreOptions, type StoreTarget } from './store-target.ts';

type Options = StoreOptions & {
  readonly connection?: string;
  readonly again?: boolean;
  readonly json?: boolean;
};

/**
 * How the backfill of one connection went. `wasDoneAt`: when it had come to its end before, and was not begun
 * again.
 */
export type Backfilled = Walked & { readonly wasDoneAt: Instant | null };

/** What a command came to: each connection, and what it had to say on the way. */
type Run = { readonly walks: readonly Backfilled[]; readonly notes: readonly string[] };

/** What going through an account takes. */
export type BackfillWork = {
  readonly account: Account;
  readonly isAhead: IsAhead;
  readonly pause: () => Promise<void>;
  readonly again: boolean;
  /** Asked before each page: false ends the run with its place kept. */
  readonly goOn: () => boolean;
  /** Told after each page. */
  readonly told: (connection: string, run: WalkedSoFar) => void;
};

const NOTED: readonly Metric[] = ['walk_failed', 'throttled', 'fact_overflow'];
/** Of more customers than this a reason common to all is likely, and the first ones tell it. */
const MOST_NOTES = 20;

/**
 * Goes through the accounts of some connections, one after another; a run that is asked to stop begins no
 * other. Throws `OutsideError` when an account or the store does not answer: the place is kept.
 */
export const backfillAll = async (
  { store, now }: Pick<StoreTarget, 'store' | 'now'>,
  connections: readonly string[],
  { again, goOn, told, ...work }: BackfillWork,
): Promise<Run> => {
  const { telemetry, notes } = createNotes(NOTED, MOST_NOTES);
  const deps = { store, telemetry, backOff, ...work };
  const walks: Backfilled[] = [];
  for (const connection of connections) {
    const before = await store.loadWalk(connection, 'backfill');
    const walked = await walkAccount(deps, connection, 'backfill', now, goOn, {
      again,
      told: (run) => told(connection, run),
    });
    walks.push({ ...walked, wasDoneAt: again || before.at !== null ? null : before.doneAt });
  }
  return { walks, notes };
};

const number = (value: number): string => value.toLocaleString('en');

const customers = (value: number): string => `${number(value)} ${value === 1 ? 'customer' : 'customers'}`;

const ENDS: Readonly<Record<Walked['ended'], string>> = {
  done: 'Done: the whole account was gone through.',
  stopped:
    'Stopped before the end; the place is kept. Run this again, without --again, and it goes on there.',
  slow_down: 'Asked to slow down; the place is kept. Run this again in a few minutes, without --again.',
  taken: 'Another run is going through this account right now, so this one stopped; the other goes on.',
};

const printedWalk = (walk: Backfilled): string => {
  const { connection, seen, recorded, failed, wasDoneAt, ended } = walk;
  if (wasDoneAt !== null) {
    return (
      `${connection}: was done already, ${minute(wasDoneAt)} UTC, so nothing was asked. ` +
      'To go through the account once more: --again'
    );
  }
  const lost = failed === 0 ? '' : `, ${number(failed)} could not be taken in`;
  return `${connection}: ${customers(seen)} seen, ${number(recorded)} recorded${lost}. ${ENDS[ended]}`;
};

/** What a run came to, for a person. */
export const printedBackfill = ({ walks, notes }: Run, where: string): string =>
  [
    `Existing accounts, taken into ${where}:`,
    walks.map(printedWalk).join('\n'),
    ...(notes.length > 0 ? [notes.map((note) => `  ${plain(note)}`).join('\n')] : []),
    ...(walks.some(({ failed }) => failed > 0)
      ? ['Whoever could not be taken in is left out: put right what stands above, then use --again.']
      : []),
  ].join('\n\n');

/** Whether a run went through everything and took in all of it: then the command succeeds. */
export const isComplete = ({ walks }: Run): boolean =>
  walks.every(({ done, failed }) => done && failed === 0);

const LINE_EVERY = 1000;

/** Tells how far a run is: one line that changes on a terminal, else a line for every thousand customers. */
export const createProgress = (out: {
  readonly isTTY?: boolean;
  readonly write: (text: string) => unknown;
}) => {
  let next = LINE_EVERY;
  let isOpen = false;
  return {
    told: (connection: string, { seen, recorded }: WalkedSoFar): void => {
      const line = `${connection}: ${customers(seen)} seen, ${number(recorded)} recorded`;
      if (out.isTTY) {
        out.write(`\r${line}\u001B[K`);
        isOpen = true;
        return;
      }
      // Of another connection the counting begins anew.
      if (seen < next - LINE_EVERY) next = LINE_EVERY;
      if (seen < next) return;
      out.write(`${line}\n`);
      next = (Math.floor(seen / LINE_EVERY) + 1) * LINE_EVERY;
    },
    end: (): void => {
      if (isOpen) out.write('\n');
      isOpen = false;
    },
  };
};

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Asks for the end at the next safe point when the process is asked to; asked a second time it ends at once.
 */
export const watchSignals = (
  from: Pick<NodeJS.EventEmitter, 'on' | 'off'>,
  say: (text: string) => void,
): { readonly goOn: () => boolean; readonly forget: () => void } => {
  let isAsked = false;
  const ask = () => {
    isAsked = true;
    forget();
    say('\nrecoup: stops after this page; Ctrl-C again stops at once, and this page is read again\n');
  };
  const forget = () => SIGNALS.forEach((signal) => from.off(signal, ask));
  SIGNALS.forEach((signal) => from.on(signal, ask));
  return { goOn: () => !isAsked, forget };
};

const run = async (options: Options): Promise<void> => {
  const reads = 'customers, payment methods, subscriptions and invoices';
  const provider = await providerFor(options, process.env['STRIPE_API_KEY'], reads);
  const names = chosenConnections(provider.connections, options.connection);
  const policy = await loadPolicy(undefined);
  const account = createStripeAccount(provider);
  await withStore(options, async (target) => {
    const progress = createProgress(process.stderr);
    const { goOn, forget } = watchSignals(process, (text) => process.stderr.write(text));
    try {
      const done = await backfillAll(target, names, {
        account,
        isAhead: (facts, known, now) => isAhead(policy, facts, known, now),
        pause,
        again: options.again === true,
        goOn,
        told: progress.told,
      });
      progress.end();
      console.log(
        options.json ? asJson({ where: target.where, ...done }) : printedBackfill(done, target.where),
      );
      if (!isComplete(done)) process.exitCode = 1;
    } finally {
      progress.end();
      forget();
    }
  });
};

/** The command, ready to be added to the program. */
export const backfillCommand = (): Command =>
  withStoreOptions(new Command('backfill'))
    .description(
      'Goes once through an account that was there before: what failed, is overdue, or lies ahead.',
    )
    .option('--connection <name>', 'one connection; all unless it is given')
    .option('--again', 'from the beginning, even if it is done or under way')
    .option('--json', 'print everything as JSON')
    .action(run);
