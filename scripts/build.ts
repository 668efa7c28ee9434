/** Builds what is in `dist`: the command and the library. With `--command`, the command alone: the image needs no more. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { command, commonJsLibrary, library } from './bundles/bundles.ts';
import { noticeText } from './bundles/notice.ts';
import { packagesIn } from './bundles/packages.ts';
import { sbomText } from './bundles/sbom.ts';
import { writeDeclarations } from './declarations.ts';

const root = join(import.meta.dirname, '..');
const isCommandAlone = process.argv.includes('--command');

const bundles: readonly (BuildOptions & { metafile: true })[] = isCommandAlone
  ? [{ ...command, sourcemap: false }]
  : [command, library, commonJsLibrary];

await rm(join(root, 'dist'), { recursive: true, force: true });
const metafiles = [];
for (const options of bundles) metafiles.push((await build(options)).metafile);
const program = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const packages = await packagesIn(metafiles, root);
await writeFile(join(root, 'dist/NOTICE'), noticeText(packages));
await writeFile(join(root, 'dist/sbom.cdx.json'), sbomText(program, packages));
if (!isCommandAlone) await writeDeclarations(root, ['client/client.d.ts', 'client/vitest.d.ts']);
