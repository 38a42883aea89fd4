// What must be true, said where it is relied upon.

/** Thrown when something that cannot happen has happened: a fault in Recoup, never bad input. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws an {@link InvariantError} with `message` unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
