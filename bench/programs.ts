import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CacheEntry, ensureEntry, fingerprint, withCacheLock } from '../test/cluster/cache.ts';
import { installPackages } from '../test/cluster/debian.ts';
import { runGo } from '../test/cluster/go.ts';
import { which } from '../test/cluster/process.ts';

/** The newest that `go install` builds. */
export const TOXIPROXY_VERSION = '2.12.0';

const SOURCE = join(import.meta.dirname, 'load');
const BUILD = ['-trimpath', '-ldflags', '-s -w'];

/** Programs of Debian packages, by the package's name. */
const PACKAGES = { haproxy: 'haproxy', socat: 'socat' } as const;

/** Paths of the programs that a benchmark runs. */
export interface Programs {
  readonly load: string;
  readonly toxiproxy: string;
  /** undefined where it is not installed and cannot be. */
  readonly haproxy: string | undefined;
  readonly socat: string | undefined;
}

/** Builds and installs what is not there yet; takes a minute the first time. */
export function ensurePrograms(): Promise<Programs> {
  return withCacheLock(async () => {
    await installMissing();
    return {
      load: join(await ensureEntry(await loadGenerator()), 'load'),
      toxiproxy: join(await ensureEntry(toxiproxy), 'server'),
      haproxy: which(PACKAGES.haproxy),
      socat: which(PACKAGES.socat),
    };
  });
}

const toxiproxy: CacheEntry = {
  name: `toxiproxy-${TOXIPROXY_VERSION}`,
  narration: `Building Toxiproxy ${TOXIPROXY_VERSION} from its Go module, once`,
  async build(folder) {
    const module = `github.com/Shopify/toxiproxy/v2/cmd/server@v${TOXIPROXY_VERSION}`;
    await runGo(['install', ...BUILD, module], { env: { GOBIN: folder, CGO_ENABLED: '0' } });
  },
};

async function loadGenerator(): Promise<CacheEntry> {
  const files = (await Array.fromAsync(glob('*', { cwd: SOURCE }))).sort();
  const texts = files.map((file) => readFile(join(SOURCE, file), 'utf8'));
  return {
    name: `load-${fingerprint(...BUILD, ...(await Promise.all(texts)))}`,
    narration: 'Building the load generator, once',
    async build(folder) {
      const env = { CGO_ENABLED: '0' };
      await runGo(['build', ...BUILD, '-o', join(folder, 'load'), '.'], { cwd: SOURCE, env });
    },
  };
}

/** Without root or without Debian those peers are left out, and the report says so. */
async function installMissing(): Promise<void> {
  const missing = Object.entries(PACKAGES).flatMap(([name, program]) =>
    which(program) === undefined ? [name] : [],
  );
  const canInstall = process.getuid?.() === 0 && which('apt-get') !== undefined;
  if (missing.length > 0 && canInstall) await installPackages(missing);
}
