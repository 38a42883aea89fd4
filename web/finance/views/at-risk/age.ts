// How old a failure is. Pure.

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whole days from one instant to another, as the bands of age count them; never below 0. */
export const daysSince = (failedAt: string, now: string): number =>
  Math.max(0, Math.floor((Date.parse(now) - Date.parse(failedAt)) / DAY_MS));
