import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrograms } from '../binaries.ts';
import { cacheFolder, ensureEntry, entryFolder, withCacheLock } from '../cache.ts';
import { installPackages, missingPackages } from '../debian.ts';
import { NoClusterError } from '../errors.ts';
import { type ClusterHandle, clusterEnvironment } from '../handle.ts';
import { saveArchive } from '../images/buildah.ts';
import { imageTemplate, importArchive } from '../images/template.ts';
import { until } from '../poll.ts';
import { succeeds } from '../process.ts';
import { say } from '../say.ts';
import { tell } from './control.ts';
import type { Daemon } from './daemons.ts';
import { type Layout, layoutOf } from './layout.ts';
import { inNetworkOf } from './namespaces.ts';
import { unmetNeeds } from './needs.ts';
import { isRunning } from './processes.ts';
import { insideCommand, nodeFingerprint, startNode } from './start.ts';
import { tearDown } from './teardown.ts';

const API_SERVER: Daemon = 'kube-apiserver';

/**
 * A whole Kubernetes node without Docker, in a network namespace without a way out. CHAOSGATE_TEST_NODE tells several
 * nodes on one machine apart.
 *
 * @param alternatives what else could have been, for the error
 * @throws {NoClusterError} where this machine cannot run one.
 */
export async function nodeCluster(alternatives: readonly string[]): Promise<ClusterHandle> {
  const layout = layoutOf(
    join(cacheFolder(), 'nodes'),
    process.env.CHAOSGATE_TEST_NODE ?? 'chaosgate',
  );
  const programs = await nodePrograms();
  const template = await imageTemplate();
  const needs = await unmetNeeds(layout, [...Object.values(programs), template]);
  if (needs.length > 0) throw new NoClusterError([...alternatives, ...needs]);

  const folders = {
    kubernetes: entryFolder(programs.kubernetes),
    coredns: entryFolder(programs.coredns),
  };
  const ingredients = { programs: folders, images: entryFolder(template) };
  const wanted = await nodeFingerprint(layout, ingredients);
  const isReady = async () => (await isFinished(layout, wanted)) && (await isHealthy(layout));

  return {
    kind: 'node',
    kubeconfig: layout.adminKubeconfig,
    env: clusterEnvironment(
      layout.adminKubeconfig,
      [folders.kubernetes, entryFolder(programs.helm)],
      join(layout.state, 'helm'),
    ),
    isRunning: () => isRunning(layout),
    isReady,
    start: () =>
      withCacheLock(async () => {
        if (await isReady()) return;
        const packages = missingPackages();
        if (packages.length > 0) await installPackages(packages);
        for (const entry of [...Object.values(programs), template]) await ensureEntry(entry);
        await tearDown(layout);
        say('Starting a Kubernetes node');
        await startNode(layout, ingredients);
        await writeFile(layout.ready, wanted);
      }),
    wrap: (command) => inNetworkOf(layout, command),
    load: (image) => withCacheLock(() => loadImage(layout, image)),
    down: () => withCacheLock(() => tearDown(layout)),
    async stopApiServer() {
      await tell(layout, 'stop', API_SERVER);
      await until('the API server is gone', { timeoutMs: 10_000, intervalMs: 20 }, () => {
        return !existsSync(join(layout.running, API_SERVER));
      });
    },
    async startApiServer() {
      await tell(layout, 'start', API_SERVER);
      await until('the API server answers', { timeoutMs: 60_000, intervalMs: 100 }, () =>
        isHealthy(layout),
      );
    },
  };
}

/** Whether a node of that fingerprint was started to the end, runs, and has lost no daemon since. */
async function isFinished(layout: Layout, wanted: string): Promise<boolean> {
  const ready = await readFile(layout.ready, 'utf8').catch(() => undefined);
  return ready === wanted && !existsSync(layout.exits) && (await isRunning(layout));
}

function isHealthy(layout: Layout): Promise<boolean> {
  return succeeds(inNetworkOf(layout, insideCommand(layout, 'check')));
}

async function loadImage(layout: Layout, image: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-load-'));
  try {
    const archive = join(folder, 'image.tar');
    await saveArchive(image, archive);
    await importArchive(layout.containerdSocket, archive);
  } finally {
    await rm(folder, { recursive: true });
  }
}
