import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { handedOn, strictSchema } from './chart-schema.ts';

const CHART = 'charts/chaosgate';
const root = join(import.meta.dirname, '..');
const generator = fileURLToPath(
  import.meta.resolve('@bitnami/readme-generator-for-helm/bin/index.js'),
);

/**
 * README.md with the table of values and values.schema.json, both from the comments in values.yaml, by their
 * paths in the repository. Rejects when a value has no comment or a comment no value.
 */
export async function generateChartDocs(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-chart-'));
  try {
    // The generator changes the README in place, so it gets a copy.
    await cp(join(root, CHART, 'README.md'), join(folder, 'README.md'));
    const values = join(root, CHART, 'values.yaml');
    const files = ['--values', values, '--readme', 'README.md', '--schema', 'schema.json'];
    await promisify(execFile)(process.execPath, [generator, ...files], { cwd: folder });
    const schema = JSON.parse(await readFile(join(folder, 'schema.json'), 'utf8'));
    const open = handedOn(await readFile(values, 'utf8'));
    return {
      [`${CHART}/README.md`]: await readFile(join(folder, 'README.md'), 'utf8'),
      [`${CHART}/values.schema.json`]: `${JSON.stringify(strictSchema(schema, open), null, 2)}\n`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
