/**
 * A Docker engine in namespaces of its own, for machines that have none and can reach no registry. What it makes of
 * bridges, rules and mounts is in there, and vanishes with it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, ensureEntry, entryFolder, withCacheLock } from '../cache.ts';
import { installPackages, missingPackages } from '../debian.ts';
import { NoClusterError } from '../errors.ts';
import { makeCgroups } from '../node/cgroups.ts';
import { type Layout, layoutOf } from '../node/layout.ts';
import { inNetworkOf, startNamespaces } from '../node/namespaces.ts';
import { INIT_PID, isRunning, MARKER, WAY_OUT_PID } from '../node/processes.ts';
import { tearDown } from '../node/teardown.ts';
import { until } from '../poll.ts';
import { succeeds, which } from '../process.ts';
import { say } from '../say.ts';
import { KIND_NODE, loadImages } from './images.ts';
import { docker, ensurePrograms, programFolders } from './programs.ts';

const INIT = fileURLToPath(new URL('init.sh', import.meta.url));

/** It reports to nobody. */
const SKAFFOLD_CONFIG =
  'global: { collect-metrics: false, survey: { disable-prompt: true }, update-check: false }\n';

/** See the head of this file. */
export interface Engine {
  /** Whether it runs, with its images. */
  isAnswering(): Promise<boolean>;
  /** Starts it, unless it answers, and puts images on it that stand in for those of registries. */
  start(): Promise<void>;
  /** The command that runs `command` in the engine's network, where ports of its containers are on 127.0.0.1. */
  wrap(command: readonly string[]): string[];
  /** For programs that use it: DOCKER_HOST, a PATH with docker, kind and skaffold, KUBECONFIG. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it with all that it runs, and leaves nothing of it. */
  down(): Promise<void>;
}

/** The engine of CHAOSGATE_TEST_ENGINE, which tells several on one machine apart. */
export function engine(): Engine {
  const name = process.env.CHAOSGATE_TEST_ENGINE ?? 'chaosgate-engine';
  const layout = layoutOf(join(cacheFolder(), 'engines'), name);
  const address = `unix://${join(layout.state, 'docker.sock')}`;
  const client = [join(entryFolder(docker), 'usr/bin/docker'), '--host', address];
  const answers = () => succeeds([...client, 'version']);
  // The file says that the images are on it, too.
  const isAnswering = async () =>
    existsSync(layout.ready) && (await isRunning(layout)) && (await answers());
  return {
    isAnswering,
    start: () =>
      withCacheLock(async () => {
        if (await isAnswering()) return;
        if (process.getuid?.() !== 0)
          throw new NoClusterError(['A Docker engine of our own needs root on Debian 12 (amd64).']);
        const packages = [...missingPackages(), ...(which('iptables') ? [] : ['iptables'])];
        if (packages.length > 0) await installPackages(packages);
        await ensurePrograms();
        await tearDown(layout);
        say('Starting a Docker engine');
        await startEngine(layout, answers);
        await loadImages(client);
        await writeFile(join(layout.state, 'skaffold'), SKAFFOLD_CONFIG);
        await writeFile(layout.ready, '');
      }),
    wrap: (command) => inNetworkOf(layout, command),
    env: {
      DOCKER_HOST: address,
      DOCKER_CONFIG: join(layout.state, 'docker-config'),
      KUBECONFIG: join(layout.state, 'kubeconfig'),
      SKAFFOLD_CONFIG: join(layout.state, 'skaffold'),
      SKAFFOLD_CACHE_FILE: join(layout.state, 'skaffold-cache'),
      CHAOSGATE_KIND_IMAGE: KIND_NODE.image,
      PATH: [...programFolders(), process.env.PATH].join(':'),
    },
    down: () => withCacheLock(() => tearDown(layout)),
  };
}

async function startEngine(layout: Layout, answers: () => Promise<boolean>): Promise<void> {
  await mkdir(layout.logs, { recursive: true, mode: 0o700 });
  const programs = await ensureEntry(docker);
  // Without the folder containers would start in a cpuset without processors.
  await makeCgroups(layout.name);
  const command = [INIT, layout.state, layout.name, programs];
  await startNamespaces(layout, join(layout.logs, 'dockerd.log'), command);
  await startWayOut(layout, programs);
  try {
    await until('Docker answers', { timeoutMs: 60_000, intervalMs: 200 }, async () => {
      if (!(await isRunning(layout))) throw new Error('dockerd has ended');
      return answers();
    });
  } catch (error) {
    throw new Error(`No Docker engine came up; its log is in ${layout.logs}`, { cause: error });
  }
}

/** Builds fetch packages: a user-mode network, so that no rule and no route of this machine changes. */
async function startWayOut(layout: Layout, programs: string): Promise<void> {
  const init = (await readFile(join(layout.state, INIT_PID), 'utf8')).trim();
  const log = await open(join(layout.logs, 'way-out.log'), 'a');
  const command = [
    'slirp4netns',
    '--configure',
    '--mtu=65520',
    '--disable-host-loopback',
    init,
    'tap0',
  ];
  const recordAndBecome = `echo $$ >"$0" && exec "$@"`;
  const child = spawn('sh', ['-c', recordAndBecome, join(layout.state, WAY_OUT_PID), ...command], {
    detached: true,
    cwd: '/',
    env: {
      PATH: `${join(programs, 'usr/bin')}:${process.env.PATH}`,
      LD_LIBRARY_PATH: join(programs, 'usr/lib', 'x86_64-linux-gnu'),
      [MARKER]: layout.state,
    },
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(child, 'spawn');
  child.unref();
  await log.close();
  await until('the engine has a network', { timeoutMs: 10_000, intervalMs: 50 }, () =>
    succeeds(inNetworkOf(layout, ['ip', 'route', 'get', '192.0.2.1'])),
  );
}
