// What an error of Stripe means: for a read, whether to ask again; for a charge or an end, what became of it.
import Stripe from 'stripe';
import { OutsideError, type ActOutcome } from '../../core/ports.ts';

/** What went wrong, by what it means to us. Only `declined` is the bank's word; no other 4xx ever is. */
export type FailureKind =
  | 'throttled'
  | 'unanswered'
  | 'in_progress'
  | 'key_reused'
  | 'unauthorized'
  | 'forbidden'
  | 'declined'
  | 'missing'
  | 'refused';

/**
 * An error of Stripe that was understood. `name` is its code or status; never its text, which may quote data.
 */
export type Failure = {
  readonly kind: FailureKind;
  readonly name: string;
  readonly error: InstanceType<typeof Stripe.errors.StripeError>;
};

type Row = {
  readonly status?: number | 'none' | '4xx' | '5xx';
  readonly type?: string;
  readonly code?: string;
  readonly is: FailureKind;
};

/**
 * The first row that fits decides. Without a status there was no answer, or none that could be read.
 * Source: docs.stripe.com/api/errors, docs.stripe.com/error-low-level.
 */
const ROWS: readonly Row[] = [
  { status: 429, is: 'throttled' },
  { code: 'rate_limit', is: 'throttled' },
  { status: 'none', is: 'unanswered' },
  { status: '5xx', is: 'unanswered' },
  { type: 'idempotency_error', is: 'key_reused' },
  { status: 409, is: 'in_progress' },
  { status: 401, is: 'unauthorized' },
  { status: 403, is: 'forbidden' },
  { status: 402, type: 'card_error', is: 'declined' },
  { code: 'resource_missing', is: 'missing' },
  { status: 404, is: 'missing' },
  { status: '4xx', is: 'refused' },
];

const statusFits = (row: Row['status'], status: number | undefined): boolean =>
  row === undefined ||
  (row === 'none'
    ? status === undefined
    : status !== undefined &&
      (typeof row === 'number' ? status === row : `${Math.floor(status / 100)}xx` === row));

const isWord = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_]{1,64}$/.test(value);

const nameOf = (error: Failure['error']): string => {
  const what = isWord(error.code) ? error.code : error.statusCode ? `HTTP ${error.statusCode}` : 'no answer';
  return isWord(error.requestId) ? `${what}, ${error.requestId}` : what;
};

/** What an error means; null when it is not one of Stripe's but a fault of ours. */
export const failureOf = (error: unknown): Failure | null => {
  if (!(error instanceof Stripe.errors.StripeError)) return null;
  const row = ROWS.find(
    ({ status, type, code }) =>
      statusFits(status, error.statusCode) &&
      (type === undefined || type === error.rawType) &&
      (code === undefined || code === error.code),
  );
  // A status outside 4xx and 5xx with an error in it is no answer we can go by.
  return { kind: row?.is ?? 'unanswered', name: nameOf(error), error };
};

const KEY = 'the API key is not accepted: put a valid one of this account and mode into its secret';
const READ_KEY =
  'the API key may not read this: let it read customers, subscriptions, invoices, payment intents, ' +
  'charges, payment methods and disputes';
const WRITE_KEY = 'the API key may not change this: let it write invoices and subscriptions';

type ReadMeaning = { readonly retry: 'later' | 'never'; readonly throttled?: true; readonly advice: string };

const NO_ANSWER = { retry: 'later', advice: 'it did not answer as it should' } as const;
const FAULT = 'the request was refused: look the error up in the log of requests, and report a fault';

/** What a failure of a read comes to. */
const READS: Readonly<Record<FailureKind, ReadMeaning>> = {
  throttled: { retry: 'later', throttled: true, advice: 'it asked us to slow down' },
  unanswered: NO_ANSWER,
  in_progress: NO_ANSWER,
  key_reused: NO_ANSWER,
  unauthorized: { retry: 'never', advice: KEY },
  forbidden: { retry: 'never', advice: READ_KEY },
  declined: { retry: 'never', advice: FAULT },
  missing: {
    retry: 'never',
    advice:
      'it is not there: check that the API key belongs to the account and mode that the events of this ' +
      'connection come from',
  },
  refused: { retry: 'never', advice: FAULT },
};

/**
 * The {@link OutsideError} of a failed read. It holds nothing of the error itself, whose text and payload may
 * hold addresses and keys.
 */
export const readError = (failure: Failure, doing: string): OutsideError => {
  const { retry, throttled = false, advice } = READS[failure.kind];
  return new OutsideError(`Stripe, ${doing}: ${advice} (${failure.name})`, retry, throttled);
};

/** Does a read; an error of Stripe comes out as an {@link OutsideError}. */
export const reading = async <T>(doing: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    const failure = failureOf(error);
    throw failure ? readError(failure, doing) : error;
  }
};

/** Does a read of something that may be gone: null when it is. */
export const readingMaybe = async <T>(doing: string, read: () => Promise<T>): Promise<T | null> => {
  try {
    return await read();
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.kind === 'missing') return null;
    throw failure ? readError(failure, doing) : error;
  }
};

type ActMeaning = { readonly kind: Exclude<ActOutcome['kind'], 'done'>; readonly why: string };

/**
 * What a failure of a charge or an end comes to. A key that is not accepted is our fault and not the
 * customer's: nothing was done, so the step is not spent (`refused` would skip it) but tried again once that
 * is put right.
 */
const ACTS: Readonly<Record<FailureKind, ActMeaning>> = {
  throttled: { kind: 'throttled', why: 'Stripe asked us to slow down' },
  unanswered: { kind: 'unknown', why: 'Stripe did not answer as it should' },
  in_progress: { kind: 'unknown', why: 'Stripe is still working on the same request' },
  key_reused: { kind: 'unknown', why: 'the same request was made before with other parameters' },
  unauthorized: { kind: 'throttled', why: KEY },
  forbidden: { kind: 'throttled', why: WRITE_KEY },
  declined: { kind: 'refused', why: 'Stripe wanted a payment that was declined' },
  missing: { kind: 'refused', why: 'Stripe does not know it (any more): nothing was done' },
  refused: { kind: 'refused', why: "Stripe refused the request: look it up in Stripe's log of requests" },
};

/** The outcome of a charge or an end that failed. */
export const outcomeOf = (failure: Failure): ActOutcome => {
  const { kind, why } = ACTS[failure.kind];
  return { kind, why: `${why} (${failure.name})` };
};
