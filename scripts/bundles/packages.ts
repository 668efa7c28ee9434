import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { command, commonJsLibrary } from './bundles.ts';

/** A package of which a bundle holds code. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Empty if the package does not say. */
  readonly author: string;
  /** The texts that its authors want to have handed on with it. */
  readonly texts: readonly string[];
}

const TEXTS = /^(licen[cs]e|copying|notice)\b/i;

/** The packages in all bundles that are published. Takes a second: it bundles without writing. */
export async function publishedPackages(root: string): Promise<readonly BundledPackage[]> {
  const options = [command, commonJsLibrary];
  const results = options.map((each) => build({ ...each, sourcemap: false, write: false }));
  return packagesIn(
    (await Promise.all(results)).map(({ metafile }) => metafile),
    root,
  );
}

/** The packages of which there is code in what esbuild wrote, by name and version. Rejects for one without a licence. */
export async function packagesIn(
  metafiles: readonly Metafile[],
  root: string,
): Promise<readonly BundledPackage[]> {
  const folders = new Set(
    metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(foldersOf)),
  );
  const packages = await Promise.all([...folders].map((folder) => packageIn(join(root, folder))));
  const byText = packages.map((each) => [`${each.name} ${each.version}`, each] as const);
  return [...new Map(byText)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function foldersOf({ inputs }: Metafile['outputs'][string]): string[] {
  return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
    return folder === undefined || bytesInOutput === 0 ? [] : [folder];
  });
}

async function packageIn(folder: string): Promise<BundledPackage> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const { name, version, license, author = '' } = manifest;
  if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence`);
  const files = (await readdir(folder)).filter((file) => TEXTS.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return {
    name,
    version,
    license,
    author: typeof author === 'string' ? author : author.name,
    texts: texts.map((text) => text.replaceAll('\r', '').trim()),
  };
}
