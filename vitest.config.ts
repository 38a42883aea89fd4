// Tests run on the same Node as the Lambdas, in an order that changes every time.
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const MUTANTS = 'test/simulation/mutants.test.ts';
const TRUTH = 'test/simulation/truth.test.ts';
const BROWSER = 'test/browser/*.test.ts';

const sequence = { shuffle: true };
const shared = { sequence, testTimeout: 60_000 };

// Every process that the tests start finds there what the ones before it have compiled.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node-compile');

/** Node loads the code as it does in production, and the tests of a worker share it: none keeps state in a module. */
const light = { isolate: false, experimental: { viteModuleRunner: false } };

export default defineConfig({
  test: {
    maxWorkers: '100%',
    sequence,
    projects: [
      {
        test: {
          ...shared,
          ...light,
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: [MUTANTS, TRUTH, BROWSER],
        },
      },
      // A guard taken out of the code at a time, in the simulated world: a line of its own in CI.
      { test: { ...shared, testTimeout: 120_000, name: 'mutants', include: [MUTANTS] } },
      // Two hundred worlds: minutes, and a line of its own in CI.
      { test: { ...shared, hookTimeout: 1_800_000, name: 'truth', include: [TRUTH] } },
      // What customers see, in the Chromium of this machine.
      {
        test: {
          ...shared,
          ...light,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          name: 'browser',
          include: [BROWSER],
        },
      },
    ],
  },
});
