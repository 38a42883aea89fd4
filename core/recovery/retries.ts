// When a retry of ours runs: the day is the campaign's, the hour the customer's morning, for empty accounts a payday.
import { addDays, addMs, HOUR_MS, startOfLocalDay, type Instant } from '../time.ts';
import type { DeclineReading } from './decline.ts';
import type { Policy } from './policy.ts';
import { localMorning, nextPayday } from './send-window.ts';

/** How long the last retry of a campaign waits for a payday at most. */
const PATIENCE_DAYS = 4;

/**
 * When a retry that its campaign puts at `dueAt` runs. What heals within hours is not kept waiting, and a wait that the
 * network set (Mastercard advice 24-30) is kept to the hour from `failedAt` on. Else it runs that day at the policy's hour;
 * after insufficient funds on the next payday, if that comes before the campaign's next retry (`nextAt`).
 */
export const retryTime = (
  dueAt: Instant,
  nextAt: Instant | null,
  failedAt: Instant | null,
  reading: DeclineReading,
  zone: string,
  { hour, paydays }: Pick<Policy['retries'], 'hour' | 'paydays'>,
): Instant => {
  if (reading.waitHours !== null && failedAt !== null) {
    const allowed = addMs(failedAt, reading.waitHours * HOUR_MS);
    return allowed > dueAt ? allowed : dueAt;
  }
  if (reading.retry === 'hours') return dueAt;
  if (paydays && reading.class === 'soft_funds') {
    const payday = nextPayday(startOfLocalDay(dueAt, zone), zone, hour);
    if (payday < (nextAt ?? addDays(dueAt, PATIENCE_DAYS))) return payday;
  }
  return localMorning(startOfLocalDay(dueAt, zone), zone, hour);
};
