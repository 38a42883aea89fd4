// The door of the look ahead: once a day through the whole account of a connection, a stretch each hour.
import { toMs, type Instant } from '../core/time.ts';
import { walkAccount, type WalkDeps, type Walked } from '../core/workflows/walk-account.ts';
import { namedConnection } from './named-connection.ts';

export type LookAheadDeps = WalkDeps & {
  readonly now: () => Instant;
  readonly connections: readonly string[];
};

/** The function has five minutes, of which the last is left for a page that is under way. */
const STOP_AFTER_MS = 240_000;

/**
 * Makes the handler. Throws when the account or the store does not answer: the next run goes on from there.
 */
export const makeLookAhead =
  (deps: LookAheadDeps) =>
  async (event: unknown): Promise<Walked> => {
    const connection = namedConnection(event, deps.connections);
    const start = toMs(deps.now());
    const goOn = () => toMs(deps.now()) - start < STOP_AFTER_MS;
    return walkAccount(deps, connection, 'look_ahead', deps.now, goOn);
  };
