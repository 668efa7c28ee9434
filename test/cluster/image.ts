/** `npm run image`: builds the image from Dockerfile with docker, or where no engine answers with buildah. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withCacheLock } from './cache.ts';
import { installPackages, missingPackages } from './debian.ts';
import { build, isBuilt } from './images/buildah.ts';
import { writeNpmSecrets } from './images/npm-secrets.ts';
import { BUILD_BASE, ensureImage, RUNTIME_BASE } from './images/recipes.ts';
import { isDockerAnswering } from './kind.ts';
import { run, succeeds, which } from './process.ts';
import { say } from './say.ts';

/** The image under test. Checkouts that are tested beside each other need a name each: CHAOSGATE_TEST_IMAGE. */
export const IMAGE = process.env.CHAOSGATE_TEST_IMAGE ?? 'localhost/chaosgate:dev';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

if (import.meta.main) process.stdout.write(`${await buildImage(IMAGE)}\n`);

/**
 * Builds the image from this checkout, or from another folder that holds one.
 *
 * @returns its name, for `Cluster.load`
 */
export async function buildImage(image: string, root = ROOT): Promise<string> {
  say(`Building ${image}`);
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-secrets-'));
  try {
    const secrets = await writeNpmSecrets(folder);
    if (await isDockerAnswering()) await buildWithDocker(image, secrets, root);
    else await withCacheLock(() => buildWithBuildah(image, secrets, root));
    return image;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether the image is where `Cluster.load` takes it from. */
export async function hasImage(image: string): Promise<boolean> {
  return (await isDockerAnswering())
    ? succeeds(['docker', 'image', 'inspect', image])
    : isBuilt(image);
}

async function buildWithDocker(
  image: string,
  secrets: ReadonlyMap<string, string>,
  root: string,
): Promise<void> {
  const options = [...secrets].flatMap(([id, path]) => ['--secret', `id=${id},src=${path}`]);
  const env = { DOCKER_BUILDKIT: '1' };
  await run(['docker', 'build', '--tag', image, ...options, root], { env });
}

/** Without an engine there may be no registry either, so images of our own stand in for the bases. */
async function buildWithBuildah(
  image: string,
  secrets: ReadonlyMap<string, string>,
  root: string,
): Promise<void> {
  if (which('buildah') === undefined) await installPackages(missingPackages());
  await ensureImage(BUILD_BASE);
  await ensureImage(RUNTIME_BASE);
  const args = { BUILD_BASE: BUILD_BASE.image, RUNTIME_BASE: RUNTIME_BASE.image };
  await build({ image, context: root, file: join(root, 'Dockerfile'), args, secrets });
}
