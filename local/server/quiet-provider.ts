// A provider that is only read: what would change anything there is written down and refused.
import { OutsideError, type ActOutcome, type Provider } from '../../core/ports.ts';
import type { CustomerKey } from '../../core/ids.ts';
import type { ArmedAction } from '../../core/recovery/customer.ts';
import type { Instant } from '../../core/time.ts';
import type { Withheld } from './folder.ts';

const words = (action: ArmedAction): string =>
  action.kind === 'end'
    ? `${action.endAction ?? 'end'} the subscription of ${action.subjectId}`
    : `charge ${action.subjectId}`;

/** Wraps a provider: reads pass through, a charge or an end is told to `withhold` and answered with a no. */
export const quietProvider = (
  provider: Provider,
  now: () => Instant,
  withhold: (entry: Withheld) => void,
): Provider => {
  const refuse = async (
    what: Withheld['what'],
    customerKey: CustomerKey,
    action: ArmedAction,
  ): Promise<ActOutcome> => {
    const { key, caseId, subjectId, why } = action;
    withhold({ at: now(), what, key, customerKey, caseId, subjectId, why, words: words(action) });
    return { kind: 'refused', why: `local: would have asked the provider to ${words(action)}` };
  };
  return {
    ...provider,
    retry: (key, action) => refuse('retry', key, action),
    end: (key, action) => refuse('end', key, action),
    portal: async () => {
      throw new OutsideError('local: would have asked the provider for a portal session', 'never');
    },
  };
};
