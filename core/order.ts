// The one order of texts and numbers, the same in every language and on every machine.

/** For `sort`: texts by their UTF-16 units, which for instants is the order of time; numbers by their size. */
export const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
