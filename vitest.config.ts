import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // Sockets and processes are shared by nothing, but the machine has few cores: timing tests run one file at a time.
    projects: [
      { test: { name: 'checks', include: ['test/checks/**/*.test.ts'], testTimeout: 120_000 } },
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'gate',
          include: ['test/gate/**/*.test.ts'],
          testTimeout: 30_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/tests/**/*.test.ts'],
          globalSetup: ['test/cluster/tests/support/install.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    reporters: ['default', './test/support/tally.ts'],
  },
});
