// What a user of the command can put right: told in words, without a stack.

/** Ends the command with exit code 1 and its message. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
