// Secrets: how seldom they are asked for, what happens when they cannot be had, and what errors say.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { TARGET_SECRET } from '../../../adapters/operator/webhook.ts';
import { createSecrets, createSecretsOf } from '../../../adapters/secrets-manager/secrets.ts';
import { OutsideError } from '../../../core/ports.ts';
import { addMs, HOUR_MS, MINUTE_MS } from '../../../core/time.ts';
import { at } from '../../support/customers.ts';

const sdkError = (name: string, more: object = {}): Error =>
  Object.assign(new Error('the words of AWS'), { name, $metadata: { httpStatusCode: 400 }, ...more });

/** A reader whose clock and whose secrets the test sets. */
const setUp = (ttlMs?: number) => {
  const world = {
    now: at('2026-03-01T09:00Z'),
    held: 'whsec_1' as string | undefined | Error,
    asked: [] as (string | undefined)[],
    stale: [] as string[],
  };
  const client = new SecretsManagerClient({ region: 'eu-central-1' });
  client.send = async (command: unknown) => {
    world.asked.push((command as GetSecretValueCommand).input.SecretId);
    await Promise.resolve();
    if (world.held instanceof Error) throw world.held;
    return { SecretString: world.held };
  };
  const options = {
    client,
    now: () => world.now,
    ...(ttlMs !== undefined && { ttlMs }),
    onStale: (name: string) => world.stale.push(name),
  };
  const { read } = createSecrets(options);
  const { read: readTarget } = createSecretsOf(TARGET_SECRET, options);
  const wait = (ms: number): void => {
    world.now = addMs(world.now, ms);
  };
  return { world, read, readTarget, wait };
};

const errorOf = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: Error) => error,
  );

describe('the values of a secret', () => {
  test.each([
    ['one', 'whsec_1', ['whsec_1']],
    ['two while it is rolled', 'whsec_2\nwhsec_1', ['whsec_2', 'whsec_1']],
    ['with blank lines and spaces around', '\n whsec_2 \r\n\r\nwhsec_1\n', ['whsec_2', 'whsec_1']],
    ['the same twice', 'whsec_1\nwhsec_1', ['whsec_1']],
  ])('%s', async (_, held, values) => {
    const { world, read } = setUp();
    world.held = held;
    expect(await read('recoup/stripe')).toEqual(values);
    expect(world.asked).toEqual(['recoup/stripe']);
  });

  test.each([
    ['nothing', '', 'it holds no text'],
    ['bytes only', undefined, 'it holds no text'],
    ['JSON, as the console makes it', '{"key":"whsec_1"}', 'it holds JSON'],
    ['a file', Array.from({ length: 11 }, (_, i) => `whsec_${i}`).join('\n'), 'it holds more than 10 values'],
  ])('%s: an error that says what to do and not what it holds', async (_, held, words) => {
    const { world, read } = setUp();
    world.held = held;
    const error = await errorOf(read('recoup/stripe'));
    expect(error).toMatchObject({ name: 'OutsideError', retry: 'never' });
    expect(error.message).toContain(`secret "recoup/stripe": ${words}`);
    expect(error.message).toContain('one value a line');
    expect(error.message).not.toContain('whsec_');
  });
});

describe('a secret of another form', () => {
  const TARGET = { url: 'https://hooks.example/very-secret', signingSecret: 'very-secret-indeed' };

  test('is understood by that form, and asked for as seldom', async () => {
    const { world, readTarget, wait } = setUp();
    world.held = `${JSON.stringify(TARGET)}\n`;
    expect(await readTarget('recoup/hook')).toEqual(TARGET);
    wait(MINUTE_MS);
    expect(await readTarget('recoup/hook')).toEqual(TARGET);
    expect(world.asked).toEqual(['recoup/hook']);
  });

  test.each([
    ['what does not fit', 'https://hooks.example/very-secret', 'it holds no JSON object'],
    ['nothing', undefined, 'it holds no JSON object'],
    ['no such secret', sdkError('ResourceNotFoundException'), 'it is not there: create it in this account'],
  ])('%s: an error that says how to store it, and not what it holds', async (_, held, words) => {
    const { world, readTarget } = setUp();
    world.held = held;
    const error = await errorOf(readTarget('recoup/hook'));
    expect(error).toMatchObject({ name: 'OutsideError', retry: 'never' });
    expect(error.message).toContain(`secret "recoup/hook": ${words}`);
    expect(error.message).toContain('store it as JSON, {"url": "https://…", "signingSecret": "…"}');
    expect(error.message).not.toContain('very-secret');
  });
});

describe('asking seldom', () => {
  test('a value serves for five minutes', async () => {
    const { world, read, wait } = setUp();
    await read('a');
    wait(5 * MINUTE_MS - 1);
    world.held = 'whsec_2';
    expect(await read('a')).toEqual(['whsec_1']);
    wait(1);
    expect(await read('a')).toEqual(['whsec_2']);
    expect(world.asked).toHaveLength(2);
  });

  test('or as long as it is told', async () => {
    const { world, read, wait } = setUp(1000);
    await read('a');
    wait(1000);
    await read('a');
    expect(world.asked).toHaveLength(2);
  });

  test('callers that come together ask once, for each secret', async () => {
    const { world, read } = setUp();
    const all = await Promise.all([read('a'), read('b'), read('a'), read('a')]);
    expect(all).toEqual([['whsec_1'], ['whsec_1'], ['whsec_1'], ['whsec_1']]);
    expect(world.asked).toEqual(['a', 'b']);
  });

  test('a failure is not kept', async () => {
    const { world, read } = setUp();
    world.held = sdkError('ResourceNotFoundException');
    await errorOf(read('a'));
    world.held = 'whsec_1';
    expect(await read('a')).toEqual(['whsec_1']);
  });
});

describe('when it does not answer', () => {
  const down = sdkError('InternalServiceError', { $metadata: { httpStatusCode: 500 } });

  test('the old value serves, is counted, and a new one is asked for each half minute', async () => {
    const { world, read, wait } = setUp();
    await read('a');
    wait(6 * MINUTE_MS);
    world.held = down;
    expect(await read('a')).toEqual(['whsec_1']);
    expect(await read('a')).toEqual(['whsec_1']);
    expect(world.stale).toEqual(['a']);
    expect(world.asked).toHaveLength(2);
    wait(MINUTE_MS / 2);
    world.held = 'whsec_2';
    expect(await read('a')).toEqual(['whsec_2']);
  });

  test('for an hour and no longer', async () => {
    const { world, read, wait } = setUp();
    await read('a');
    world.held = down;
    wait(HOUR_MS - 1);
    expect(await read('a')).toEqual(['whsec_1']);
    wait(MINUTE_MS);
    expect(await errorOf(read('a'))).toMatchObject({ retry: 'later' });
  });

  test.each(['ResourceNotFoundException', 'AccessDeniedException'])(
    'a definite no is not passed over: %s',
    async (name) => {
      const { world, read, wait } = setUp();
      await read('a');
      wait(6 * MINUTE_MS);
      world.held = sdkError(name);
      expect(await errorOf(read('a'))).toMatchObject({ retry: 'never' });
      expect(world.stale).toEqual([]);
    },
  );

  test.each<[string, Error, object, string]>([
    [
      'missing',
      sdkError('ResourceNotFoundException'),
      { retry: 'never' },
      'create it in this account and region',
    ],
    ['denied', sdkError('AccessDeniedException'), { retry: 'never' }, 'let this role read it'],
    ['key', sdkError('DecryptionFailure'), { retry: 'never' }, 'let this role use its key'],
    ['deleted', sdkError('InvalidRequestException'), { retry: 'never' }, 'restore it'],
    [
      'credentials',
      sdkError('CredentialsProviderError', { $metadata: undefined }),
      { retry: 'never' },
      'sign in',
    ],
    ['throttled', sdkError('ThrottlingException'), { retry: 'later', throttled: true }, 'slow down'],
    ['500', down, { retry: 'later', throttled: false }, 'did not answer'],
    ['time-out', sdkError('TimeoutError', { $metadata: undefined }), { retry: 'later' }, 'TimeoutError'],
    [
      'network',
      sdkError('Error', { $metadata: undefined, code: 'ECONNRESET' }),
      { retry: 'later' },
      'ECONNRESET',
    ],
  ])('%s: names the secret and what to do', async (_, held, expected, words) => {
    const { world, read } = setUp();
    world.held = held;
    const error = await errorOf(read('recoup/stripe'));
    expect(error).toBeInstanceOf(OutsideError);
    expect(error).toMatchObject(expected);
    expect(error.message).toContain('secret "recoup/stripe"');
    expect(error.message).toContain(words);
  });

  test('a fault of ours stays one', async () => {
    const { world, read } = setUp();
    world.held = new TypeError('a fault');
    expect(await errorOf(read('a'))).toBeInstanceOf(TypeError);
  });
});
