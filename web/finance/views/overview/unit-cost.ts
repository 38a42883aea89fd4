// What recovering money costs, told of so much of it that the figure can be read. Pure.

/** A cost in US dollars of so many major units of a currency. */
export type UnitCost = { readonly units: number; readonly dollars: number };

/** A cent: what is less than that says nothing to anybody. */
const LEAST_DOLLARS = 0.01;
const MOST_UNITS = 1e9;

/** The cost of one unit, told of the least power of ten of them that costs a cent or more; of a thousand million at most. */
export const unitCostOf = (aUnit: number): UnitCost => {
  let units = 1;
  while (units < MOST_UNITS && aUnit * units < LEAST_DOLLARS) units *= 10;
  return { units, dollars: aUnit * units };
};
