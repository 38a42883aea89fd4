// What is put into a bucket, and what errors of S3 say to do.
import { S3Client, type PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { createPutObject } from '../../../adapters/s3/bucket.ts';
import { OutsideError } from '../../../core/ports.ts';

const put = async (error?: Error): Promise<PutObjectCommand['input'] | undefined> => {
  let input: PutObjectCommand['input'] | undefined;
  const client = new S3Client({ region: 'eu-central-1' });
  client.send = async (command: unknown) => {
    ({ input } = command as PutObjectCommand);
    if (error) throw error;
    return {};
  };
  await createPutObject(client, 'acme-cases')('cases/v1/x.gz', Buffer.from('x'));
  return input;
};

const sdkError = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error('the words of AWS'), { name, $metadata: { httpStatusCode } });

test('an object is put as it is, and no reader is told to unpack it', async () => {
  expect(await put()).toEqual({
    Bucket: 'acme-cases',
    Key: 'cases/v1/x.gz',
    Body: Buffer.from('x'),
    ContentType: 'application/gzip',
  });
});

describe('an error', () => {
  test.each<[string, Error, string, OutsideError['retry']]>([
    ['a missing permission', sdkError('AccessDenied', 403), 'let this role put objects there', 'never'],
    [
      'a bucket that is not there',
      sdkError('NoSuchBucket', 404),
      'correct its name in lib/config.ts',
      'never',
    ],
    ['another refusal', sdkError('InvalidRequest', 400), 'the request was refused (InvalidRequest)', 'never'],
    ['a bucket that is busy', sdkError('SlowDown', 503), 'did not answer as it should (SlowDown)', 'later'],
    [
      'a network that is away',
      Object.assign(new Error('x'), { code: 'ECONNRESET' }),
      'did not answer as it should (ECONNRESET)',
      'later',
    ],
  ])('of %s says where, what to do, and whether later helps', async (_, error, words, retry) => {
    const thrown = await put(error).catch((one: unknown) => one);
    expect(thrown).toBeInstanceOf(OutsideError);
    expect(thrown).toMatchObject({ retry, message: expect.stringContaining(words) });
    expect((thrown as Error).message).toMatch(/^S3, putting into "acme-cases": /);
  });

  test('of ours stays what it is', async () => {
    const fault = new TypeError('a fault');
    await expect(put(fault)).rejects.toBe(fault);
  });
});
