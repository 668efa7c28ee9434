import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // Sockets and processes are shared by nothing, but the machine has few cores: timing tests run one file at a time.
    projects: [
      { test: { name: 'checks', include: ['test/checks/**/*.test.ts'], testTimeout: 120_000 } },
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
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
          name: 'local',
          include: ['test/local/**/*.test.ts'],
          // Processes are started, which takes seconds on a busy machine.
          testTimeout: 60_000,
          // kubectl may have to be built.
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'bench',
          include: ['test/bench/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'torture',
          include: ['test/torture/tests/**/*.test.ts'],
          fileParallelism: false,
          // The minute of the campaign, and what it waits for at its end.
          testTimeout: 300_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'client',
          include: ['test/client/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // As its users have it: the package by its name, which is src/ here.
        resolve: { conditions: ['chaosgate-source'] },
        ssr: { resolve: { conditions: ['chaosgate-source'] } },
        test: {
          name: 'examples',
          include: ['examples/**/*.test.ts'],
          globalSetup: [
            'test/examples/postgres.ts',
            'examples/service-under-test/test/postgres.ts',
          ],
          testTimeout: 30_000,
          // PostgreSQL may have to be installed.
          hookTimeout: 300_000,
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
