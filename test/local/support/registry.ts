import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CacheEntry, fingerprint, sharedEntry } from '../../cluster/cache.ts';
import { runGo } from '../../cluster/go.ts';

const SOURCE = join(import.meta.dirname, '../registry');
const BUILD = ['build', '-trimpath', '-ldflags', '-s -w'];

/** A registry for images and charts on loopback, over plain HTTP. */
export interface Registry {
  /** host:port */
  readonly address: string;
  stop(): Promise<void>;
}

/** Builds the program the first time; see test/local/registry/main.go. */
export async function registryProgram(): Promise<string> {
  const texts = ['main.go', 'go.mod', 'go.sum'].map((file) => readFile(join(SOURCE, file), 'utf8'));
  const entry: CacheEntry = {
    name: `registry-${fingerprint(...BUILD, ...(await Promise.all(texts)))}`,
    narration: 'Building a registry for charts from its Go module, once',
    async build(folder) {
      const env = { CGO_ENABLED: '0' };
      await runGo([...BUILD, '-o', join(folder, 'registry'), '.'], { cwd: SOURCE, env });
    },
  };
  return join(await sharedEntry(entry), 'registry');
}

export async function startRegistry(): Promise<Registry> {
  const child = spawn(await registryProgram(), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [address] = await once(createInterface(child.stdout), 'line');
  return {
    address,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
