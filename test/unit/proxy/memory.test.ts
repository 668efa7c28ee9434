import { expect, test } from 'vitest';
import { defaultProcessBytes } from '../../../src/proxy/memory.ts';

const MEBIBYTE = 2 ** 20;

test.each([
  ['half of what 512 MiB leave beside the process', 512 * MEBIBYTE, 208 * MEBIBYTE],
  ['half of what 256 MiB leave', 256 * MEBIBYTE, 80 * MEBIBYTE],
  ['half of what 128 MiB leave, the least that a proxy may have', 128 * MEBIBYTE, 16 * MEBIBYTE],
  ['8 MiB where the limit leaves nothing', 64 * MEBIBYTE, 8 * MEBIBYTE],
  ['256 MiB where cgroup v2 says "max"', 2 ** 64, 256 * MEBIBYTE],
  ['256 MiB where cgroup v1 has its largest number', 2 ** 63, 256 * MEBIBYTE],
  ['256 MiB where there is no cgroup', 0, 256 * MEBIBYTE],
])('a proxy holds %s', (_, limit, bytes) => {
  expect(defaultProcessBytes(limit)).toBe(bytes);
});
