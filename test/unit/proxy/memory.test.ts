import { expect, test } from 'vitest';
import { defaultProcessBytes } from '../../../src/proxy/memory.ts';

test.each([
  ['half of the memory limit', 512 * 2 ** 20, 256 * 2 ** 20],
  ['half of an odd one', 131_073 * 2 + 1, 131_073],
  ['256 MiB where cgroup v2 says "max"', 2 ** 64, 256 * 2 ** 20],
  ['256 MiB where cgroup v1 has its largest number', 2 ** 63, 256 * 2 ** 20],
  ['256 MiB where there is no cgroup', 0, 256 * 2 ** 20],
])('a proxy holds %s', (_, limit, bytes) => {
  expect(defaultProcessBytes(limit)).toBe(bytes);
});
