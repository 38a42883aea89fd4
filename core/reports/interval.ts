// How sure a share is: the interval of Wilson, which holds for few cases and for shares near 0 and 1 too.

/** The two-sided 95 % point of the normal distribution. */
export const Z_95 = 1.959964;

/** A share and the bounds between which it lies with 95 % confidence; null when there is nothing to take a share of. */
export type Share = { readonly share: number; readonly low: number; readonly high: number };

/**
 * The share of `hits` in `all` with its 95 % interval. Source: E. B. Wilson, Probable inference, the law of succession, and
 * statistical inference, JASA 22 (1927).
 */
export const wilson = (hits: number, all: number): Share | null => {
  if (all === 0) return null;
  const share = hits / all;
  const z2 = Z_95 ** 2;
  const centre = (share + z2 / (2 * all)) / (1 + z2 / all);
  const spread = (Z_95 / (1 + z2 / all)) * Math.sqrt((share * (1 - share)) / all + z2 / (4 * all ** 2));
  return { share, low: Math.max(0, centre - spread), high: Math.min(1, centre + spread) };
};

/** The difference of two shares with its 95 % interval. */
export type Difference = { readonly difference: number; readonly low: number; readonly high: number };

/**
 * The difference between two independent shares, `a` less `b`, with its 95 % interval; null when one of them is of nothing.
 * Source: R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of eleven methods,
 * Statistics in Medicine 17 (1998), method 10.
 */
export const newcombe = (
  a: { readonly hits: number; readonly all: number },
  b: { readonly hits: number; readonly all: number },
): Difference | null => {
  const [one, other] = [wilson(a.hits, a.all), wilson(b.hits, b.all)];
  if (one === null || other === null) return null;
  const difference = one.share - other.share;
  return {
    difference,
    low: difference - Math.hypot(one.share - one.low, other.high - other.share),
    high: difference + Math.hypot(one.high - one.share, other.share - other.low),
  };
};
