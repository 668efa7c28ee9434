import { defineConfig } from 'vitest/config';

/**
 * Cluster tests that leave the operator, the API server and what holds for all namespaces alone. They wait most of the time,
 * so they run at the same time.
 */
const SIDE_BY_SIDE = [
  'admission',
  'examples',
  'frontReal',
  'frontTools',
  'input',
  'ownership',
  'postgres',
  'redis',
  'security',
  'trouble',
].map((name) => `test/cluster/tests/${name}.test.ts`);

const cluster = {
  globalSetup: ['test/cluster/tests/support/globalSetup.ts'],
  testTimeout: 120_000,
  hookTimeout: 180_000,
};

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
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'torture',
          include: ['test/torture/tests/**/*.test.ts'],
          fileParallelism: false,
          // The minute of the campaign, and what it waits for at its end.
          testTimeout: 300_000,
          sequence: { groupOrder: 5 },
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
          ...cluster,
          name: 'cluster',
          include: ['test/cluster/tests/**/*.test.ts'],
          exclude: SIDE_BY_SIDE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...cluster,
          name: 'cluster-side-by-side',
          include: SIDE_BY_SIDE,
          sequence: { groupOrder: 3 },
        },
      },
    ],
    reporters: ['default', './test/support/tally.ts'],
  },
});
