import { createHash } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CacheEntry, ensureEntry } from './cache.ts';
import { installPackages } from './debian.ts';
import { type RunOptions, run, which } from './process.ts';
import { GO_VERSION } from './versions.ts';

/** What the module proxy serves as a toolchain (https://go.dev/doc/toolchain), by Node's name of the processor. */
const ARCHIVES: Partial<Record<NodeJS.Architecture, { name: string; sha256: string }>> = {
  x64: {
    name: 'linux-amd64',
    sha256: '30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7',
  },
  arm64: {
    name: 'linux-arm64',
    sha256: '02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99',
  },
};

const DEFAULT_PROXY = 'https://proxy.golang.org';

const toolchain: CacheEntry = {
  name: `go-${GO_VERSION}`,
  narration: `Fetching Go ${GO_VERSION} from the Go module proxy, once`,
  async build(folder) {
    const archive = ARCHIVES[process.arch];
    if (archive === undefined) throw new Error(`There is no Go for ${process.arch} to fetch`);
    const version = `v0.0.1-go${GO_VERSION}.${archive.name}`;
    const zip = join(folder, 'go.zip');
    await writeFile(zip, await fetchArchive(version, archive.sha256));
    if (which('unzip') === undefined) await installPackages(['unzip']);
    await run(['unzip', '-q', zip, '-d', folder]);
    await rm(zip);
    await rename(join(folder, `golang.org/toolchain@${version}`), join(folder, 'go'));
    // Archives of modules carry no permissions.
    for (const programs of ['bin', 'pkg/tool'])
      await run(['chmod', '-R', '+x', join(folder, 'go', programs)]);
  },
};

/** Whether `runGo` will do: Go is here, or can be fetched for this processor. */
export function canHaveGo(): boolean {
  return which('go') !== undefined || ARCHIVES[process.arch] !== undefined;
}

/**
 * Runs Go: the one on PATH, else one that is fetched once and kept in the cache. One that is older than the modules ask
 * for fetches a newer one itself. Call it under `withCacheLock`.
 */
export async function runGo(args: readonly string[], options: RunOptions = {}): Promise<string> {
  if (which('go') !== undefined) return run(['go', ...args], options);
  const PATH = [join(await ensureEntry(toolchain), 'go/bin'), process.env.PATH].join(':');
  return run(['go', ...args], { ...options, env: { ...options.env, PATH } });
}

/** Rejects when what came is not what is pinned. */
async function fetchArchive(version: string, sha256: string): Promise<Buffer> {
  const proxy = (process.env.GOPROXY ?? '').split(/[,|]/).find((url) => url.startsWith('http'));
  const url = `${proxy ?? DEFAULT_PROXY}/golang.org/toolchain/@v/${version}.zip`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Go could not be fetched: HTTP ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got !== sha256) throw new Error(`Go ${version} has sha256 ${got} instead of ${sha256}`);
  return bytes;
}
