// Run in a process of its own: loads a bundle as Lambda does and calls its handler once.
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const [, , bundle = ''] = process.argv;

/** The provider's SDK knows one address only: what would go there goes to this machine instead, or nowhere. */
https.request = ((options: http.RequestOptions) => {
  const { agent: _, host: __, port: ___, ...rest } = options;
  const port = Number(process.env['TEST_PROVIDER_PORT'] ?? 1);
  return http.request({ ...rest, protocol: 'http:', host: '127.0.0.1', port });
}) as typeof https.request;

const context = { functionName: 'bundle-test', awsRequestId: 'request-1', memoryLimitInMB: '512' };

const call = async (event: unknown): Promise<object> => {
  try {
    const { handler } = createRequire(import.meta.url)(bundle) as { handler: Handler };
    return { result: await handler(event, context) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};

process.once('message', (event) => {
  void call(event).then((outcome) => process.send?.(outcome, () => process.disconnect()));
});
