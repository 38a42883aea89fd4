// A worker thread that runs the groups it is sent, one at a time.
import { parentPort } from 'node:worker_threads';
import { simulate, type SimulateOptions } from './simulate.ts';

const runGroup = async (group: SimulateOptions): Promise<void> => {
  // While a group runs nothing else keeps the thread alive: what fails or never ends is told by its exit.
  parentPort?.unref();
  const result = await simulate(group);
  parentPort?.ref();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(result);
};

parentPort?.on('message', (group: SimulateOptions) => void runGroup(group));
