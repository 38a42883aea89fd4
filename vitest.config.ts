// Tests run on the same Node as the Lambdas, in an order that changes every time.
import { defineConfig } from 'vitest/config';

const MUTANTS = 'test/simulation/mutants.test.ts';

const sequence = { shuffle: true };
const shared = { sequence, testTimeout: 30_000 };

export default defineConfig({
  test: {
    maxWorkers: '100%',
    sequence,
    projects: [
      { test: { ...shared, name: 'tests', include: ['test/**/*.test.ts'], exclude: [MUTANTS] } },
      // A guard taken out of the code at a time, in the simulated world: a line of its own in CI.
      { test: { ...shared, name: 'mutants', include: [MUTANTS] } },
    ],
  },
});
