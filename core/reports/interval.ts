// How sure a share is: the interval of Wilson, which holds for few cases and for shares near 0 and 1 too.

/** The two-sided 95 % point of the normal distribution. */
const Z_95 = 1.959964;

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
