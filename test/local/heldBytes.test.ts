import { expect, test } from 'vitest';
import { Child } from '../gate/support/child.ts';

const MEBIBYTE = 2 ** 20;

/**
 * A process whose control groups say that it may have so much memory: of version 2 and, where the kernel has both, of
 * version 1, which Node.js asks then.
 */
const limitedTo = (limit: string) => [
  ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
  `root=/sys/fs/cgroup
  own=$root$(sed -n 's/^0:://p' /proc/self/cgroup)
  mount -t tmpfs none $root && mkdir -p $root/memory $own &&
  for file in $own/memory.max $own/memory.high $root/memory/memory.limit_in_bytes $root/memory/memory.soft_limit_in_bytes
  do echo ${limit} >$file || exit 1
  done
  exec "$0" "$@"`,
];

test.each([
  ['half of what a limit of 128 MiB leaves beside 96 MiB', `${128 * MEBIBYTE}`, 8, 24],
  ['what each connection may hold, where a limit leaves enough', `${1_024 * MEBIBYTE}`, 56, 80],
])('`chaosgate up` holds %s', async (_, limit, least, most) => {
  const child = Child.start('../../local/processes/heldBytes.ts', [], limitedTo(limit));
  const [, bytes] = await child.says(/held (\d+)/, 60_000);
  expect(Number(bytes) / MEBIBYTE).toBeGreaterThan(least);
  expect(Number(bytes) / MEBIBYTE).toBeLessThan(most);
});
