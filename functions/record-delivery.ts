// The mail service's door: what became of a mail is recorded with the customer it went to.
import { translateDelivery } from '../adapters/ses/delivery.ts';
import type { Instant } from '../core/time.ts';
import { recordFacts, type RecordDeps } from '../core/workflows/record-facts.ts';

/** An EventBridge event of source `aws.ses`; only its detail is read. */
export type DeliveryEvent = { readonly detail: unknown };

export type DeliveryDeps = RecordDeps & { readonly now: () => Instant };

/**
 * Makes the handler. What is refused or not ours is counted and acknowledged: sending it again would not change it.
 * Throws {@link OutsideError} when the store does not answer, so that EventBridge delivers it again.
 */
export const makeRecordDelivery =
  (deps: DeliveryDeps) =>
  async ({ detail }: DeliveryEvent): Promise<{ readonly outcome: string; readonly reason?: string }> => {
    const told = translateDelivery(detail);
    const done = told.kind === 'facts' ? await recordFacts(deps, told.key, told.facts, deps.now()) : told;
    if (!('reason' in done)) return { outcome: done.kind };
    deps.telemetry.count('fact_ignored', { type: 'ses', why: done.reason });
    return { outcome: done.kind, reason: done.reason };
  };
