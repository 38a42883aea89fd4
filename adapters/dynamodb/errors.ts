// What an error of the AWS SDK means to us: slow down, try later, or never, and what a person should do.
import { OutsideError } from '../../core/ports.ts';

const THROTTLED: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
]);

/** Refused now, though nothing is wrong with the request. */
const PASSING: ReadonlySet<string> = new Set([
  'AbortError',
  'ExpiredTokenException',
  'LimitExceededException',
  'ReplicatedWriteConflictException',
  'RequestExpired',
  'RequestTimeout',
  'TimeoutError',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

const CREDENTIALS = 'the AWS credentials are missing or not accepted: sign in again, or correct them';

const ADVICE = new Map<string, (table: string) => string>([
  [
    'AccessDeniedException',
    (table) => `access was denied: let this role read and write the table "${table}" and query its indexes`,
  ],
  [
    'ResourceNotFoundException',
    (table) =>
      `the table "${table}" or one of its indexes is not there: ` +
      "deploy the stack, or correct the table's name and region",
  ],
  [
    'ValidationException',
    (table) =>
      `the request does not fit the table "${table}": ` +
      'deploy the stack of this version, and report a fault if that is done',
  ],
  ['CredentialsProviderError', () => CREDENTIALS],
  ['IncompleteSignatureException', () => CREDENTIALS],
  ['InvalidSignatureException', () => CREDENTIALS],
  ['MissingAuthenticationTokenException', () => CREDENTIALS],
  ['UnrecognizedClientException', () => CREDENTIALS],
]);

const TOO_LARGE =
  'the item is over 400 KB: look at which of its lists has grown without bound, and shorten it';

type SdkError = Error & {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/** Whether a condition of a write did not hold. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

const adviceFor = (error: SdkError, table: string): string => {
  if (error.name === 'ValidationException' && /item size/i.test(error.message)) return TOO_LARGE;
  return (
    ADVICE.get(error.name)?.(table) ??
    'the request was refused: look the name of the error up, and report a fault'
  );
};

/**
 * The {@link OutsideError} for an error met `doing` something with the table. What did not come from outside
 * (a fault of ours, an error that is already an {@link OutsideError}) comes back unchanged.
 */
export const fromSdk = (thrown: unknown, doing: string, table: string): unknown => {
  if (!(thrown instanceof Error) || thrown instanceof OutsideError) return thrown;
  const error: SdkError = thrown;
  const status = error.$metadata?.httpStatusCode;
  const at = `DynamoDB, ${doing}: `;
  if (THROTTLED.has(error.name) || status === 429) {
    return new OutsideError(`${at}it asked us to slow down (${error.name})`, 'later', true, error);
  }
  if (
    ADVICE.has(error.name) ||
    (status !== undefined && status >= 400 && status < 500 && !PASSING.has(error.name))
  ) {
    return new OutsideError(`${at}${adviceFor(error, table)} (${error.name})`, 'never', false, error);
  }
  // Without a status there was no answer: the network's errors carry a code such as ECONNRESET.
  if (PASSING.has(error.name) || error.$metadata !== undefined || typeof error.code === 'string') {
    const name = typeof error.code === 'string' ? error.code : error.name;
    return new OutsideError(`${at}it did not answer as it should (${name})`, 'later', false, error);
  }
  return thrown;
};
