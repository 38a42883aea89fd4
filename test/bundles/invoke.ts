// Run in a process of its own: loads a bundle as Lambda does and calls its handler once.
import { createRequire } from 'node:module';

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const [, , bundle = ''] = process.argv;

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
