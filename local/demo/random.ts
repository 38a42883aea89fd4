// Chance that can be repeated: the same seed gives the same numbers, on every machine.
import { hash32 } from '../../core/ids.ts';

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A stream of numbers that only its seed decides. */
export type Random = {
  /** From 0 up to but not including 1. */
  next(): number;
  /** A number between two others. */
  between(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** An id as Stripe makes them: a prefix and letters and digits. */
  id(prefix: string): string;
  /** A stream of its own, which what is drawn from this one does not change. */
  fork(label: string): Random;
};

/** Mulberry32: 32 bits of state, spread well enough for a demonstration. Not for secrets. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    between: (low, high) => low + next() * (high - low),
    chance: (share) => next() < share,
    pick: (from) => from[whole(0, from.length - 1)] as (typeof from)[number],
    shuffle: (items) => {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i -= 1) {
        const j = whole(0, i);
        [copy[i], copy[j]] = [copy[j] as (typeof items)[number], copy[i] as (typeof items)[number]];
      }
      return copy;
    },
    id: (prefix) => `${prefix}_${Array.from({ length: 14 }, () => BASE_62[whole(0, 61)]).join('')}`,
    fork: (label) => createRandom(hash32(`${seed} ${label}`)),
  };
};
