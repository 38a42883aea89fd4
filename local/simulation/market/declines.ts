// Why simulated payments fail, and when a further try would succeed: by kind of decline and by time.
import type { DeclineCodes } from '../../demo/objects.ts';
import type { Random } from '../../demo/random.ts';

const DAY_S = 86_400;

/** What stands behind a failed payment. Nobody in the code under test sees it. */
export type Course = {
  readonly codes: DeclineCodes;
  /** From this second on a try is likely to succeed; null = not with this card. */
  readonly readyAt: number | null;
  readonly chanceBefore: number;
  readonly chanceAfter: number;
};

type Decline = {
  readonly share: number;
  readonly codes: DeclineCodes;
  /** The share of these failures that a later try with the same card can heal at all. */
  readonly heals: number;
  readonly chanceBefore: number;
  readonly chanceAfter: number;
  readonly readyAt: (random: Random, second: number) => number;
};

const codes = (
  reason: string,
  failureCode = 'card_declined',
  advice: string | null = null,
): DeclineCodes => ({
  failureCode,
  reason,
  advice,
});

const within =
  (days: number) =>
  (random: Random, second: number): number =>
    second + Math.round(random.between(0, days) * DAY_S);

/** Money comes with a salary: the next 1st, 15th or, for some, simply within three weeks. */
const payday = (random: Random, second: number): number => {
  const at = new Date(second * 1000);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const next = [
    Date.UTC(year, month, 15, 9),
    Date.UTC(year, month + 1, 1, 9),
    Date.UTC(year, month + 1, 15, 9),
  ]
    .map((ms) => ms / 1000)
    .find((day) => day > second) as number;
  return random.chance(0.6) ? next : within(20)(random, second);
};

/** Round figures in the range that is published of soft, technical and hard declines. */
const DECLINES: readonly Decline[] = [
  {
    share: 0.4,
    codes: codes('insufficient_funds'),
    heals: 0.8,
    chanceBefore: 0.06,
    chanceAfter: 0.85,
    readyAt: payday,
  },
  {
    share: 0.22,
    codes: codes('do_not_honor'),
    heals: 0.6,
    chanceBefore: 0.12,
    chanceAfter: 0.4,
    readyAt: within(6),
  },
  {
    share: 0.08,
    codes: codes('generic_decline', 'card_declined', 'try_again_later'),
    heals: 0.7,
    chanceBefore: 0.1,
    chanceAfter: 0.5,
    readyAt: within(5),
  },
  {
    share: 0.05,
    codes: codes('processing_error', 'processing_error'),
    heals: 0.95,
    chanceBefore: 0.2,
    chanceAfter: 0.9,
    readyAt: within(0.5),
  },
  // Only the card network's own update heals an expired card without its holder.
  {
    share: 0.12,
    codes: codes('expired_card', 'expired_card'),
    heals: 0,
    chanceBefore: 0,
    chanceAfter: 0.9,
    readyAt: within(1),
  },
  {
    share: 0.05,
    codes: codes('stolen_card', 'card_declined', 'do_not_try_again'),
    heals: 0,
    chanceBefore: 0,
    chanceAfter: 0,
    readyAt: within(1),
  },
  {
    share: 0.08,
    codes: codes('authentication_required', 'authentication_required'),
    heals: 0,
    chanceBefore: 0,
    chanceAfter: 0,
    readyAt: within(1),
  },
];

/** Of bank debits most fail for want of money; the rest needs the customer. */
const DEBIT_DECLINES: readonly Decline[] = [
  {
    share: 0.6,
    codes: codes('insufficient_funds', 'insufficient_funds'),
    heals: 0.7,
    chanceBefore: 0.1,
    chanceAfter: 0.85,
    readyAt: within(12),
  },
  ...(['account_closed', 'debit_not_authorized', 'no_account', 'generic_decline'] as const).map((code) => ({
    share: 0.1,
    codes: codes(code, code),
    heals: 0,
    chanceBefore: 0,
    chanceAfter: 0,
    readyAt: within(1),
  })),
];

const pickDecline = (random: Random, declines: readonly Decline[]): Decline => {
  let left = random.next();
  for (const decline of declines) {
    left -= decline.share;
    if (left < 0) return decline;
  }
  return declines[0] as Decline;
};

/** The course of a new failure. */
export const pickCourse = (random: Random, second: number, isDebit = false): Course => {
  const decline = pickDecline(random, isDebit ? DEBIT_DECLINES : DECLINES);
  const { codes: told, heals, chanceBefore, chanceAfter, readyAt } = decline;
  return {
    codes: told,
    readyAt: random.chance(heals) ? readyAt(random, second) : null,
    chanceBefore,
    chanceAfter,
  };
};

/** With a new card, or one that the network has updated, a try is likely to succeed. */
export const freshCourse = (): Course => ({
  codes: codes('do_not_honor'),
  readyAt: 0,
  chanceBefore: 0.85,
  chanceAfter: 0.85,
});

/** Another card that has been on file all along: it works, or has troubles of its own. */
export const otherCourse = (random: Random, second: number): Course =>
  random.chance(0.55) ? freshCourse() : pickCourse(random, second);

/** Whether a try at `second` succeeds. */
export const succeeds = (
  { readyAt, chanceBefore, chanceAfter }: Course,
  random: Random,
  second: number,
): boolean => random.chance(readyAt !== null && second >= readyAt ? chanceAfter : chanceBefore);
