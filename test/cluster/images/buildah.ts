import { join } from 'node:path';
import { cacheFolder, fingerprint } from '../cache.ts';
import { run, succeeds } from '../process.ts';

/** The label that says from which recipe an image was built. */
const RECIPE_LABEL = 'chaosgate.dev/recipe';

/** What `buildah build` is told. */
export interface Build {
  readonly image: string;
  /** The folder that the recipe copies from. */
  readonly context: string;
  /** The recipe's path. */
  readonly file: string;
  readonly args?: Readonly<Record<string, string>>;
  /** Files that RUN lines may mount and that never get into the image: id and path. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** See `isBuiltFrom`. */
  readonly recipe?: string;
}

/** Builds an image into the cache's own storage; base images must be in there already. */
export async function build({ image, context, file, args, secrets, recipe }: Build): Promise<void> {
  await buildah(
    ...['build', '--pull-never', '--layers', '--tag', image, '--file', file],
    ...Object.entries(args ?? {}).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...[...(secrets ?? [])].flatMap(([id, path]) => ['--secret', `id=${id},src=${path}`]),
    ...(recipe === undefined ? [] : ['--label', `${RECIPE_LABEL}=${recipe}`]),
    context,
  );
}

/** Whether the storage holds the image. */
export function isBuilt(image: string): Promise<boolean> {
  return succeeds([...command(), 'inspect', '--type', 'image', image], ENVIRONMENT);
}

/** Whether the storage holds the image, built from that recipe. */
export async function isBuiltFrom(image: string, recipe: string): Promise<boolean> {
  if (!(await isBuilt(image))) return false;
  const format = `{{index .OCIv1.Config.Labels "${RECIPE_LABEL}"}}`;
  const label = await buildah('inspect', '--type', 'image', '--format', format, image);
  return label.trim() === recipe;
}

/** Writes the image to an archive that `ctr images import` reads. */
export async function saveArchive(image: string, path: string): Promise<void> {
  await buildah('push', image, `docker-archive:${path}:${image}`);
}

/** Without it buildah wants more of the kernel than a container or a small VM may have. */
const ENVIRONMENT = { env: { BUILDAH_ISOLATION: 'chroot' } };

function buildah(...args: readonly string[]): Promise<string> {
  return run([...command(), ...args], ENVIRONMENT);
}

function command(): string[] {
  const cache = cacheFolder();
  const storage = ['--root', join(cache, 'buildah'), '--storage-driver', 'overlay'];
  // What a reboot must clear; two caches must not share it.
  return ['buildah', ...storage, '--runroot', `/run/chaosgate-buildah-${fingerprint(cache)}`];
}
