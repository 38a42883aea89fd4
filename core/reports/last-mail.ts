// The last mail of a case before something came about, whichever failure it was about: each says everything that is owed.
import type { FailureRecord, StepRecord } from '../recovery/customer.ts';
import type { Instant } from '../time.ts';

/** The last of the mails that asked for money from `since` to `until` (null = so far); null = there was none. */
export const lastMailOf = (
  steps: readonly StepRecord[],
  since: Instant,
  until: Instant | null,
): FailureRecord['afterMail'] => {
  const last = steps
    .filter(
      ({ kind, status, at, message }) =>
        kind === 'email' &&
        status !== 'skipped' &&
        message !== 'recovered' &&
        at >= since &&
        (until === null || at <= until),
    )
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .at(-1);
  return last ? { stepId: last.id, message: last.message ?? last.id } : null;
};
