import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { say } from './say.ts';

/**
 * The folder that outlives checkouts and clusters: binaries, images, and the running node's state. Everything in it can
 * be built again, so deleting it (after `down`) is safe.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.CHAOSGATE_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chaosgate');
}

/** A short name for everything that goes into a cache entry: other ingredients, other name. */
export function fingerprint(...ingredients: readonly string[]): string {
  const hash = createHash('sha256');
  for (const ingredient of ingredients) hash.update(ingredient).update('\0');
  return hash.digest('hex').slice(0, 12);
}

/** Something that is built once. */
export interface CacheEntry {
  /** Its folder's name; it must change with what the entry is made from. */
  readonly name: string;
  /** What a person is told before it is built. */
  readonly narration: string;
  build(folder: string): Promise<void>;
}

/** Where an entry is, or will be. */
export function entryFolder({ name }: CacheEntry): string {
  return join(cacheFolder(), name);
}

/**
 * The entry's folder, built first when it is not there. A build that fails or is killed leaves no entry: it works in a
 * folder of its own, which takes the entry's name when it is complete. Call it under `withCacheLock`.
 */
export async function ensureEntry(entry: CacheEntry): Promise<string> {
  const folder = entryFolder(entry);
  if (existsSync(folder)) return folder;
  say(entry.narration);
  const unfinished = join(unfinishedFolder(), entry.name);
  await mkdir(unfinished, { recursive: true });
  await entry.build(unfinished);
  await rename(unfinished, folder);
  return folder;
}

/** The same for callers without the lock, which they need only where it has to be built. */
export async function sharedEntry(entry: CacheEntry): Promise<string> {
  const folder = entryFolder(entry);
  return existsSync(folder) ? folder : withCacheLock(() => ensureEntry(entry));
}

/**
 * Runs `work` while no other process on this machine works on the cache or on its nodes. The lock is the kernel's, held
 * by a child that ends with this process, so a killed run leaves no lock behind.
 */
export async function withCacheLock<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(cacheFolder(), { recursive: true });
  const holder = spawn(
    'flock',
    [join(cacheFolder(), 'lock'), 'sh', '-c', 'echo locked; exec cat'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const told = setTimeout(() => say('Waiting for another run to finish with the cache'), 1000);
  try {
    const failed = once(holder, 'close').then(([code]) => {
      throw new Error(`flock ended with code ${code}`);
    });
    await Promise.race([once(holder.stdout, 'data'), failed]).finally(() => clearTimeout(told));
    failed.catch(() => {});
    // Anyone who left something here was killed: only the holder of the lock builds.
    await rm(unfinishedFolder(), { recursive: true, force: true });
    return await work();
  } finally {
    holder.stdin.end();
  }
}

function unfinishedFolder(): string {
  return join(cacheFolder(), 'unfinished');
}
