import { existsSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CacheEntry, entryFolder } from '../cache.ts';
import { missingPackages } from '../debian.ts';
import { canHaveGo } from '../go.ts';
import { which } from '../process.ts';
import type { Layout } from './layout.ts';

/** OVERLAYFS_SUPER_MAGIC of statfs(2): containerd's own overlays cannot lie on one. */
const OVERLAYFS = 0x794c7630;
/** A unix socket's path has at most 107 bytes, see unix(7). */
const MAX_SOCKET_PATH = 107;

/**
 * What this machine lacks for a node, one sentence each.
 *
 * @param built what Go builds, where it is not in the cache
 */
export async function unmetNeeds(layout: Layout, built: readonly CacheEntry[]): Promise<string[]> {
  if (process.platform !== 'linux') return ['A node of our own takes Linux.'];
  if (process.getuid?.() !== 0) return ['A node of our own takes root.'];
  const needs: string[] = [];
  const packages = missingPackages();
  if (packages.length > 0 && which('apt-get') === undefined) {
    needs.push(`A node of our own takes these Debian packages: ${packages.join(', ')}.`);
  }
  const unbuilt = built.filter((entry) => !existsSync(entryFolder(entry)));
  if (unbuilt.length > 0 && !canHaveGo()) {
    needs.push('A node of our own takes Go 1.26 or newer on PATH (https://go.dev/dl).');
  }
  return [...needs, ...(await folderNeeds(layout))];
}

async function folderNeeds({ state, containerdSocket }: Layout): Promise<string[]> {
  const needs: string[] = [];
  await mkdir(dirname(state), { recursive: true });
  if ((await statfs(dirname(state))).type === OVERLAYFS) {
    needs.push(`CHAOSGATE_CACHE must name a folder that is not on overlayfs; ${state} is.`);
  }
  if (Buffer.byteLength(containerdSocket) > MAX_SOCKET_PATH) {
    needs.push(
      `CHAOSGATE_CACHE must name a shorter path; ${containerdSocket} is too long for a socket.`,
    );
  }
  return needs;
}
