// Secrets by name from AWS Secrets Manager: asked for seldom, never written anywhere.
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { OutsideError } from '../../core/ports.ts';
import { addMs, HOUR_MS, MINUTE_MS, type Instant } from '../../core/time.ts';

/** What the secrets need. `onStale` is told when an old value serves because no new one could be had. */
export type SecretsOptions = {
  readonly client: SecretsManagerClient;
  readonly now: () => Instant;
  /** How long a value is used before it is asked for again; five minutes unless told otherwise. */
  readonly ttlMs?: number;
  readonly onStale?: (name: string) => void;
};

/** Reads a secret by its name, as what its text was understood to be. */
export type SecretsOf<T> = { readonly read: (name: string) => Promise<T> };

/** Reads the values of a secret: one a line, two while one is rolled, the first being the one to use. */
export type Secrets = SecretsOf<readonly string[]>;

/** What a secret holds: how its text is understood, and how a person is to store it. */
export type SecretForm<T> = {
  /** The value, or what is wrong with the text, in words that never quote it. */
  readonly parse: (text: string) => { readonly value: T } | { readonly wrong: string };
  /** What to do: `store it as …`. */
  readonly how: string;
};

/** An old value serves for this long after it was read, while Secrets Manager does not answer. */
const STALE_MS = HOUR_MS;
/** While an old value serves, a new one is asked for this often. */
const RETRY_MS = MINUTE_MS / 2;
/** More lines than this are a file, not a secret that is being rolled. */
const MAX_VALUES = 10;

const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
]);

const CREDENTIALS = 'the AWS credentials are missing or not accepted: sign in again, or correct them';

/** Answers that asking again does not change, and what to do. */
const ADVICE: Readonly<Record<string, string>> = {
  AccessDeniedException: 'access was denied: let this role read it, and decrypt with its key',
  DecryptionFailure: 'it could not be decrypted: let this role use its key, or enable the key again',
  InvalidRequestException: 'it cannot be read now: if it is marked for deletion, restore it',
  CredentialsProviderError: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  UnrecognizedClientException: CREDENTIALS,
};

type SdkError = Error & {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/** The {@link OutsideError} of a failed read; what is no error from outside comes back unchanged. */
const outsideError = (thrown: unknown, name: string, how: string): unknown => {
  if (!(thrown instanceof Error) || thrown instanceof OutsideError) return thrown;
  const error: SdkError = thrown;
  const status = error.$metadata?.httpStatusCode;
  const what = typeof error.code === 'string' ? error.code : error.name;
  const say = (advice: string) => `secret "${name}": ${advice} (${what})`;
  if (THROTTLED.has(error.name) || status === 429) {
    return new OutsideError(say('Secrets Manager asked us to slow down'), 'later', true);
  }
  const isMissing = error.name === 'ResourceNotFoundException';
  if (isMissing)
    return new OutsideError(say(`it is not there: create it in this account and region and ${how}`), 'never');
  const advice = Object.hasOwn(ADVICE, error.name) ? ADVICE[error.name] : undefined;
  if (advice !== undefined) return new OutsideError(say(advice), 'never');
  const isOutside = status !== undefined || typeof error.code === 'string' || error.name === 'TimeoutError';
  return isOutside ? new OutsideError(say('Secrets Manager did not answer as it should'), 'later') : thrown;
};

/** One value a line. */
const LINES: SecretForm<readonly string[]> = {
  how: 'store it as plain text, one value a line',
  parse: (text) => {
    const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
    const values = [...new Set(lines.filter((line) => line !== ''))];
    if (values[0]?.startsWith('{')) return { wrong: 'it holds JSON' };
    if (values.length > MAX_VALUES) return { wrong: `it holds more than ${MAX_VALUES} values` };
    return values.length === 0 ? { wrong: 'it holds no text' } : { value: values };
  },
};

type Entry<T> = {
  readonly value: T;
  readonly readAt: Instant;
  /** When it is asked for again. */
  readonly freshUntil: Instant;
};

/**
 * Makes the reader of secrets of a form. A value is kept for `ttlMs`; callers that come together ask once. When no
 * answer comes, an older value serves for up to an hour; an answer that there is none, or that it may not be read,
 * is not passed over. Throws {@link OutsideError}, which names the secret and what to do, and never what it holds.
 */
export const createSecretsOf = <T>(
  { parse, how }: SecretForm<T>,
  { client, now, ttlMs = 5 * MINUTE_MS, onStale = () => {} }: SecretsOptions,
): SecretsOf<T> => {
  const kept = new Map<string, Entry<T>>();
  const asking = new Map<string, Promise<T>>();

  const ask = async (name: string): Promise<T> => {
    const at = now();
    try {
      const answer = await client.send(new GetSecretValueCommand({ SecretId: name }));
      const parsed = parse(answer.SecretString ?? '');
      if ('wrong' in parsed) throw new OutsideError(`secret "${name}": ${parsed.wrong}: ${how}`, 'never');
      kept.set(name, { value: parsed.value, readAt: at, freshUntil: addMs(at, ttlMs) });
      return parsed.value;
    } catch (thrown) {
      const error = outsideError(thrown, name, how);
      const old = kept.get(name);
      const serves = old !== undefined && addMs(old.readAt, STALE_MS) > at;
      if (!serves || !(error instanceof OutsideError) || error.retry === 'never') throw error;
      kept.set(name, { ...old, freshUntil: addMs(at, RETRY_MS) });
      onStale(name);
      return old.value;
    }
  };

  return {
    read: async (name) => {
      const held = kept.get(name);
      if (held && held.freshUntil > now()) return held.value;
      const under = asking.get(name) ?? ask(name).finally(() => asking.delete(name));
      asking.set(name, under);
      return under;
    },
  };
};

/** Makes the reader of secrets that hold one value a line. See {@link createSecretsOf}. */
export const createSecrets = (options: SecretsOptions): Secrets => createSecretsOf(LINES, options);
