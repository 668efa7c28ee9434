import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CacheEntry, fingerprint } from '../cache.ts';
import { until } from '../poll.ts';
import { run } from '../process.ts';
import { saveArchive } from './buildah.ts';
import { CLUSTER_RECIPES, ensureImage, recipeKey } from './recipes.ts';

/**
 * A containerd root with the fixed images in it, unpacked, which every node starts from: importing them into each node
 * would take several seconds.
 */
export async function imageTemplate(): Promise<CacheEntry> {
  const keys = await Promise.all(CLUSTER_RECIPES.map(recipeKey));
  return {
    name: `containerd-${fingerprint(...keys)}`,
    narration: 'Building the images that every cluster has, once',
    async build(root) {
      for (const recipe of CLUSTER_RECIPES) await ensureImage(recipe);
      const work = await mkdtemp(join(tmpdir(), 'chaosgate-containerd-'));
      try {
        await withContainerd(root, work, (socket) => importAll(socket, join(work, 'image.tar')));
      } finally {
        await rm(work, { recursive: true });
      }
    },
  };
}

async function importAll(socket: string, archive: string): Promise<void> {
  for (const { image } of CLUSTER_RECIPES) {
    await saveArchive(image, archive);
    await importArchive(socket, archive);
    // buildah adds to an archive that is there.
    await rm(archive);
  }
}

/** Puts an archive's image where the kubelet looks for images. @param socket containerd's, reachable from any network */
export async function importArchive(socket: string, archive: string): Promise<void> {
  await run(['ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive]);
}

/** Runs a containerd without a cluster, in mount namespaces of its own; it ends with `work`, or with this process. */
async function withContainerd(
  root: string,
  folder: string,
  work: (socket: string) => Promise<void>,
): Promise<void> {
  const socket = join(folder, 'containerd.sock');
  const config = join(folder, 'containerd.toml');
  await writeFile(
    config,
    `version = 2
root = "${root}"
state = "${join(folder, 'state')}"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "${socket}"
`,
  );
  const alone = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'];
  const child = spawn('setpriv', [...alone, 'containerd', '--config', config], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    await until('containerd answers', { timeoutMs: 20_000, intervalMs: 50 }, () => {
      if (child.exitCode !== null) throw new Error(`containerd ended with code ${child.exitCode}`);
      return existsSync(socket);
    });
    await work(socket);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
