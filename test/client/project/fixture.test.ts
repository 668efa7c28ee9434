/** Run by vitest in a project that has the package alone. */
import { ChaosError } from 'chaosgate/client';
import { chaosTest } from 'chaosgate/vitest';
import { expect } from 'vitest';

const test = chaosTest({
  local: true,
  gates: { nowhere: { upstream: { host: '127.0.0.1', port: 1 } } },
});

test('both entries of the package share their classes', async ({ nowhere }) => {
  const error: unknown = await nowhere.toServer.delay(-1).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ChaosError);
});
