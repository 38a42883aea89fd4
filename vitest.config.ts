// Tests run on the same Node as the Lambdas, in an order that changes every time.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { shuffle: true },
    testTimeout: 30_000,
    maxWorkers: '100%',
  },
});
