/**
 * `npm run release:assets -- FOLDER`: everything that a release consists of besides its image, and its checksums.
 * Builds the package; needs no registry once Helm is built (test/cluster/binaries.ts).
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { helmProgram } from '../../test/cluster/binaries.ts';
import { ROOT } from './files.ts';
import { installYaml } from './installYaml.ts';

const run = promisify(execFile);
const [given] = process.argv.slice(2);
if (given === undefined) throw new TypeError('Which folder? npm run release:assets -- FOLDER');
const folder = resolve(given);
await mkdir(folder);

const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const helm = await helmProgram();

// npm and Helm give their packages the same name.
await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
await rename(
  join(folder, `chaosgate-${version}.tgz`),
  join(folder, `chaosgate-npm-${version}.tgz`),
);
await run(helm, ['package', join(ROOT, 'charts/chaosgate'), '--destination', folder]);
await rename(
  join(folder, `chaosgate-${version}.tgz`),
  join(folder, `chaosgate-chart-${version}.tgz`),
);
await writeFile(join(folder, 'install.yaml'), await installYaml(helm));
await copyFile(join(ROOT, 'crds/chaosgate.dev_tcpgates.yaml'), join(folder, 'crds.yaml'));
await copyFile(join(ROOT, 'dist/sbom.cdx.json'), join(folder, 'sbom.cdx.json'));

const sums = await Promise.all(
  (await readdir(folder)).sort().map(async (name) => {
    const sum = createHash('sha256').update(await readFile(join(folder, name)));
    return `${sum.digest('hex')}  ${name}\n`;
  }),
);
await writeFile(join(folder, 'SHA256SUMS'), sums.join(''));
