// A ladder as other systems have it: the same tries and mails for every decline, then a notice, then the end.
import type { PolicyInput } from '../../core/recovery/policy.ts';

/** One campaign with retries on these days, a mail with each of the first three, and the subscription cancelled at the end. */
export const ladder = (retryDays: readonly number[]): PolicyInput['campaigns'] => {
  const last = Math.max(...retryDays);
  const mails = retryDays.slice(0, 3).map((delayDays, i) => ({
    id: i === 0 ? 'opening' : `reminder-${i}`,
    kind: 'email' as const,
    message: i === 0 ? ('payment-failed' as const) : ('reminder' as const),
    delayDays,
  }));
  const retries = retryDays.map((delayDays, i) => ({
    id: `retry-${i + 1}`,
    kind: 'retry' as const,
    delayDays,
  }));
  return [
    {
      id: 'ladder',
      declines: 'any',
      steps: [...mails, ...retries].sort((a, b) => a.delayDays - b.delayDays),
      finalNotice: { id: 'final-notice', delayDays: last + 1, atLastAttempt: false },
      end: { action: 'cancel', daysAfterNotice: 3, latestDay: last + 10 },
    },
  ];
};
