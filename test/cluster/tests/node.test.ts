/** The node of our own, where that is what the tests run on: it leaves nothing behind, however it ends. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../cache.ts';
import { chooseCluster } from '../cluster.ts';
import type { ClusterHandle } from '../handle.ts';
import { layoutOf } from '../node/layout.ts';
import { endProcesses } from '../node/processes.ts';
import { run } from '../process.ts';

const NAME = 'chaosgate-second';
const layout = layoutOf(join(cacheFolder(), 'nodes'), NAME);
const { kind } = await chooseCluster();

let second: ClusterHandle;

/** What a node could leave on the machine. */
function traces() {
  return {
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').sort(),
    networkNamespaces: readdirSync('/run/netns').sort(),
    cgroups: globSync(`/sys/fs/cgroup/{,*/}${NAME}*`),
    folders: readdirSync(join(cacheFolder(), 'nodes')).sort(),
    settings: readFileSync('/proc/sys/vm/overcommit_memory', 'utf8'),
  };
}

async function nodes(): Promise<string> {
  const command = second.wrap(['kubectl', 'get', 'nodes', '--no-headers']);
  return run(command, { env: second.env });
}

describe.runIf(kind === 'node')('a second node', () => {
  let before: ReturnType<typeof traces>;

  beforeAll(async () => {
    process.env.CHAOSGATE_TEST_NODE = NAME;
    second = await chooseCluster();
    await second.down();
    before = traces();
  });

  afterAll(async () => {
    await second.down();
    delete process.env.CHAOSGATE_TEST_NODE;
  });

  test('runs beside the first', async () => {
    await second.start();
    expect(await second.isReady()).toBe(true);
    expect(await nodes()).toContain(' Ready ');
  });

  test('is not started again when it is ready', async () => {
    const pid = readFileSync(join(layout.state, 'init.pid'), 'utf8');
    await second.start();
    expect(readFileSync(join(layout.state, 'init.pid'), 'utf8')).toBe(pid);
  });

  test('is cleaned away by the next start when its processes were killed', async () => {
    await endProcesses(layout);
    expect(await second.isReady()).toBe(false);
    await second.start();
    expect(await nodes()).toContain(' Ready ');
  });

  test('leaves nothing behind', async () => {
    await second.down();
    expect(existsSync(layout.state)).toBe(false);
    expect(traces()).toEqual(before);
  });
});
