/** The last release, out of this repository's history: its sources with the chart, and its image. */
import { join } from 'node:path';
import { ROOT } from '../../scripts/release/files.ts';
import { lastRelease } from '../../scripts/release/lastRelease.ts';
import { type CacheEntry, sharedEntry } from './cache.ts';
import { buildImage, hasImage } from './image.ts';
import { run, succeeds } from './process.ts';

export interface LastRelease {
  /** Folder of its chart. */
  readonly chart: string;
  /** Name of its image, which `buildLastRelease` has built. */
  readonly image: string;
}

/**
 * Builds the image, once. A clone without the history has nothing to build it from: the test that wants it says so.
 */
export async function buildLastRelease(): Promise<void> {
  const commit = await knownCommit();
  if (commit === undefined) return;
  const image = imageOf(commit);
  if (!(await hasImage(image))) await buildImage(image, await sharedEntry(sources(commit)));
}

/** @throws where this clone has not got the last release. */
export async function builtLastRelease(): Promise<LastRelease> {
  const commit = await knownCommit();
  if (commit === undefined) {
    throw new Error(
      `This clone has no ${await lastRelease()}, the last release (scripts/release/last/ref). ` +
        'Fetch the history: git fetch --unshallow --tags',
    );
  }
  const folder = await sharedEntry(sources(commit));
  return { chart: join(folder, 'charts/chaosgate'), image: imageOf(commit) };
}

async function knownCommit(): Promise<string | undefined> {
  const name = `${await lastRelease()}^{commit}`;
  const git = ['git', '-C', ROOT, 'rev-parse', '--quiet', '--verify', name];
  return (await succeeds(git)) ? (await run(git)).trim() : undefined;
}

function imageOf(commit: string): string {
  return `localhost/chaosgate-test/last-release:${commit.slice(0, 12)}`;
}

function sources(commit: string): CacheEntry {
  return {
    name: `sources-${commit.slice(0, 12)}`,
    narration: 'Unpacking the last release, once',
    async build(folder) {
      const archive = join(folder, 'sources.tar');
      await run(['git', '-C', ROOT, 'archive', '--output', archive, commit]);
      await run(['tar', '--extract', '--file', archive, '--directory', folder]);
      await run(['rm', archive]);
    },
  };
}
