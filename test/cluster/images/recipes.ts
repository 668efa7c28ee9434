import { copyFile, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fingerprint } from '../cache.ts';
import { runGo } from '../go.ts';
import { PAUSE_IMAGE } from '../node/configs.ts';
import { run } from '../process.ts';
import { say } from '../say.ts';
import { NODE_VERSION, NPM_VERSION, POSTGRES_VERSION, REDIS_VERSION } from '../versions.ts';
import { build, isBuiltFrom } from './buildah.ts';

/** An image that is built once: its folder here holds the Containerfile and what else goes in. */
export interface Recipe {
  readonly image: string;
  readonly folder: string;
  readonly from: readonly Recipe[];
  readonly args: Readonly<Record<string, string>>;
  readonly narration: string;
  /** Adds to the build context what is too large, or not ours, to lie in the folder. */
  prepare(context: string): Promise<void>;
}

const SOURCES = dirname(fileURLToPath(import.meta.url));
const DEBIAN_RELEASE = 'bookworm';

const pause: Recipe = {
  image: PAUSE_IMAGE,
  folder: 'pause',
  from: [],
  args: {},
  narration: 'Building the pause image, once',
  async prepare(context) {
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', 'pause'];
    await runGo(['build', ...flags, 'main.go'], { cwd: context, env: { CGO_ENABLED: '0' } });
  },
};

export const debian: Recipe = {
  image: 'localhost/chaosgate-test/debian:12',
  folder: 'debian',
  from: [],
  args: { RELEASE: DEBIAN_RELEASE },
  narration: 'Building a Debian base image with debootstrap, about half a minute, once',
  async prepare(context) {
    const root = join(context, 'root');
    const options = ['--variant=minbase', '--include=ca-certificates'];
    await run(['debootstrap', ...options, DEBIAN_RELEASE, root]);
    const surplus = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/cache/apt'];
    for (const path of surplus) await rm(join(root, path), { recursive: true });
    await run(['tar', '-C', root, '-cf', join(context, 'root.tar'), '.']);
    await run(['rm', '-rf', '--one-file-system', root]);
  },
};

const nodeBuild: Recipe = {
  image: 'localhost/chaosgate-test/node-build:24',
  folder: 'node-build',
  from: [debian],
  args: { NODE_VERSION, NPM_VERSION },
  narration: 'Building the image that stands in for an official Node.js image, once',
  async prepare(context) {
    await copyNode(context);
    await run(['npm', 'pack', `npm@${NPM_VERSION}`], { cwd: context });
    await run(['tar', '-xzf', `npm-${NPM_VERSION}.tgz`], { cwd: context });
  },
};

const nodeRuntime: Recipe = {
  image: 'localhost/chaosgate-test/node-runtime:24',
  folder: 'node-runtime',
  from: [debian],
  args: { NODE_VERSION },
  narration: 'Building the image that stands in for a distroless Node.js image, once',
  prepare: copyNode,
};

const postgres: Recipe = {
  image: `localhost/chaosgate-test/postgres:${POSTGRES_VERSION}`,
  folder: 'postgres',
  from: [debian],
  args: { VERSION: POSTGRES_VERSION },
  narration: `Building a PostgreSQL ${POSTGRES_VERSION} image from Debian's packages, about half a minute, once`,
  async prepare() {},
};

const redis: Recipe = {
  image: `localhost/chaosgate-test/redis:${REDIS_VERSION}`,
  folder: 'redis',
  from: [debian],
  args: {},
  narration: `Building a Redis ${REDIS_VERSION} image from Debian's packages, a few seconds, once`,
  async prepare() {},
};

/** What pods run besides the image under test. */
export const CLUSTER_RECIPES: readonly Recipe[] = [pause, postgres, redis];
/** The Dockerfile's BUILD_BASE and RUNTIME_BASE. */
export const BUILD_BASE = nodeBuild;
export const RUNTIME_BASE = nodeRuntime;

/** Changes with everything that the image is made from, other images included. */
export async function recipeKey(recipe: Recipe): Promise<string> {
  const folder = join(SOURCES, recipe.folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const contents = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const bases = await Promise.all(recipe.from.map(recipeKey));
  return fingerprint(...files, ...contents, JSON.stringify(recipe.args), ...bases);
}

/** Builds the image and those it is made from, where they are not there yet. Call it under `withCacheLock`. */
export async function ensureImage(recipe: Recipe): Promise<void> {
  const key = await recipeKey(recipe);
  if (await isBuiltFrom(recipe.image, key)) return;
  for (const base of recipe.from) await ensureImage(base);
  say(recipe.narration);
  const context = await mkdtemp(join(tmpdir(), 'chaosgate-image-'));
  try {
    await cp(join(SOURCES, recipe.folder), context, { recursive: true });
    await recipe.prepare(context);
    const { image, args } = recipe;
    await build({ image, context, file: join(context, 'Containerfile'), args, recipe: key });
  } finally {
    await rm(context, { recursive: true });
  }
}

/** The program of the npm package `node`, which is also what runs this repository's scripts. */
async function copyNode(context: string): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve('node/package.json');
  await copyFile(join(dirname(manifest), 'bin/node'), join(context, 'node'));
}
