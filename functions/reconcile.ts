// The door of the hourly look into the provider's event log: one connection a call, within a budget.
import { toMs } from '../core/time.ts';
import { reconcile, type Reconciled, type ReconcileDeps } from '../core/workflows/reconcile.ts';
import { namedConnection } from './named-connection.ts';

export type ReconcileDoorDeps = ReconcileDeps & { readonly connections: readonly string[] };

/** A run asks for nothing more after this long and leaves the rest to the next. */
const STOP_AFTER_MS = 45_000;
/** At most 5 a second, as the sweeper, which may run at the same time. */
const MAX_REQUESTS = 225;

/** Makes the handler. Throws when the log or the store does not answer: the next run walks again. */
export const makeReconcile =
  (deps: ReconcileDoorDeps) =>
  async (event: unknown): Promise<readonly Reconciled[]> => {
    const connection = namedConnection(event, deps.connections);
    const start = toMs(deps.now());
    return reconcile(deps, connection, {
      requests: MAX_REQUESTS,
      goOn: () => toMs(deps.now()) - start < STOP_AFTER_MS,
    });
  };
