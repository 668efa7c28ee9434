import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint } from '../cache.ts';
import { until } from '../poll.ts';
import { run } from '../process.ts';
import { NODE_ADDRESS, SERVICE_RANGE } from './addresses.ts';
import { makeCgroups } from './cgroups.ts';
import { configFiles } from './configs.ts';
import { isListening } from './control.ts';
import { commandLines, type ProgramFolders } from './daemons.ts';
import { IDENTITIES, type Identity, kubeconfig, tokenFile } from './identities.ts';
import type { Layout } from './layout.ts';
import { inNetworkOf, startNamespaces } from './namespaces.ts';
import { writePki } from './pki.ts';
import { isRunning } from './processes.ts';

const INIT = fileURLToPath(new URL('init.sh', import.meta.url));
const INSIDE = fileURLToPath(new URL('inside.ts', import.meta.url));

/** What a node is made from. */
export interface Ingredients {
  readonly programs: ProgramFolders;
  /** A containerd root that holds the fixed images, unpacked. */
  readonly images: string;
}

/** Changes with everything that shapes a node: one of another fingerprint is not the one that is wanted. */
export async function nodeFingerprint(
  layout: Layout,
  { programs, images }: Ingredients,
): Promise<string> {
  const init = await readFile(INIT, 'utf8');
  const configs = JSON.stringify([...configFiles(layout)]);
  return fingerprint(images, init, configs, JSON.stringify(commandLines(layout, programs)));
}

/**
 * Starts a node where none is (see `tearDown`) and returns when its cluster is ready.
 *
 * @throws when it does not get ready; its processes may be there still, and its logs are.
 */
export async function startNode(layout: Layout, { programs, images }: Ingredients): Promise<void> {
  await writeFolder(layout, programs);
  await copyImages(images, join(layout.state, 'containerd'));
  await makeCgroups(layout.name);
  await startNamespaces(layout, join(layout.logs, 'init.log'), [
    INIT,
    layout.state,
    NODE_ADDRESS,
    SERVICE_RANGE,
  ]);
  try {
    await until('init.sh listens', { timeoutMs: 10_000, intervalMs: 10 }, async () => {
      if (!(await isRunning(layout))) throw new Error('init.sh has ended');
      return isListening(layout);
    });
    await run(inNetworkOf(layout, insideCommand(layout, 'start')));
  } catch (error) {
    throw new Error(`The node did not get ready; its logs are in ${layout.logs}`, { cause: error });
  }
}

/** The command line of inside.ts. */
export function insideCommand(layout: Layout, verb: 'start' | 'check'): string[] {
  return [process.execPath, INSIDE, verb, dirname(layout.state), layout.name];
}

async function writeFolder(layout: Layout, programs: ProgramFolders): Promise<void> {
  await mkdir(dirname(layout.state), { recursive: true });
  await mkdir(layout.state, { mode: 0o700 });
  const folders = ['cni', 'cni-state', 'container-logs', 'kubelet', 'stopped', 'sysctl'];
  await Promise.all(
    [layout.kubeconfigs, layout.daemons, layout.logs, layout.running]
      .concat(folders.map((folder) => join(layout.state, folder)))
      .map((folder) => mkdir(folder)),
  );
  await run(['mkfifo', '-m', '600', layout.control]);

  await writePki(layout.pki);
  const ca = await readFile(join(layout.pki, 'ca.crt'), 'utf8');
  const tokens = new Map<Identity, string>(
    IDENTITIES.map((identity) => [identity, randomBytes(24).toString('base64url')]),
  );
  await writeFile(join(layout.pki, 'tokens.csv'), tokenFile(tokens));
  for (const [{ name }, token] of tokens) {
    await writeFile(join(layout.kubeconfigs, name), kubeconfig(token, ca), { mode: 0o600 });
  }
  for (const [path, content] of configFiles(layout)) {
    await writeFile(join(layout.state, path), content);
  }
  for (const [daemon, command] of Object.entries(commandLines(layout, programs))) {
    await writeFile(join(layout.daemons, daemon), `${command.join('\n')}\n`);
  }
}

/** Blobs and snapshots are never written again, so links do; the databases are, so they are copied. */
async function copyImages(from: string, to: string): Promise<void> {
  await run(['cp', '-al', from, to]);
  const databases = (await run(['find', from, '-name', '*.db', '-printf', '%P\\n'])).split('\n');
  for (const database of databases.filter(Boolean)) {
    await run(['cp', '--remove-destination', join(from, database), join(to, database)]);
  }
}
