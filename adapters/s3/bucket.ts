// A bucket of S3 that whole objects are put into.
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { OutsideError } from '../../core/ports.ts';

/** Puts an object under a name, over what is there. Throws {@link OutsideError}. */
export type PutObject = (name: string, body: Uint8Array) => Promise<void>;

const ADVICE: Readonly<Record<string, string>> = {
  AccessDenied:
    'access was denied: let this role put objects there (s3:PutObject), in the bucket’s policy too',
  NoSuchBucket: 'the bucket is not there: correct its name in lib/config.ts',
  PermanentRedirect: 'the bucket is in another region: name one in the region of the stack',
  InvalidAccessKeyId: 'the AWS credentials are not accepted',
};

type SdkError = Error & {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

const fromS3 = (thrown: unknown, bucket: string): unknown => {
  if (!(thrown instanceof Error)) return thrown;
  const error: SdkError = thrown;
  const at = `S3, putting into "${bucket}": `;
  const advice = Object.hasOwn(ADVICE, error.name) ? ADVICE[error.name] : undefined;
  if (advice !== undefined) return new OutsideError(`${at}${advice} (${error.name})`, 'never', false, error);
  const status = error.$metadata?.httpStatusCode;
  if (status === undefined && typeof error.code !== 'string' && error.name !== 'TimeoutError') return thrown;
  const name = typeof error.code === 'string' ? error.code : error.name;
  const isRefused = status !== undefined && status >= 400 && status < 500 && status !== 429;
  return new OutsideError(
    `${at}${isRefused ? 'the request was refused' : 'it did not answer as it should'} (${name})`,
    isRefused ? 'never' : 'later',
    status === 429 || name === 'SlowDown',
    error,
  );
};

/**
 * Puts into one bucket. What is put is gzip by its name, and stays so: no header has a reader unpack it on
 * the way.
 */
export const createPutObject =
  (client: S3Client, bucket: string): PutObject =>
  async (name, body) => {
    try {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: name, Body: body, ContentType: 'application/gzip' }),
      );
    } catch (error) {
      throw fromS3(error, bucket);
    }
  };
