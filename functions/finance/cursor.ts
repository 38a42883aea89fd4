// Where a list goes on: a place of it as one word of a query, which only this door reads.
import * as v from 'valibot';
import { faultOf } from './codes.ts';
import { invalid } from './problem.ts';

/** The parts of a place as one word. */
export const cursorOf = (parts: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** The parts of a place that was handed out before. Throws a {@link ProblemError}. */
export const partsOf = <T>(shape: v.GenericSchema<unknown, T>, after: string): T => {
  let told: unknown;
  try {
    told = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
  } catch {
    told = null;
  }
  const place = v.safeParse(shape, told);
  if (place.success) return place.output;
  throw invalid('query', faultOf('after', 'place'));
};
