/** What is released: the package in a project that has nothing else (types, run time, the fixture), and the rest. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import installPostgres from '../examples/postgres.ts';
import { kubectlProgram } from '../local/support/kubectl.ts';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'node_modules/.bin');
const exec = promisify(execFile);

/** What a project has that uses the library with vitest and TypeScript, and the example on top of that. */
const OF_THE_PROJECT = ['@types/node', 'jest', 'pg', 'typescript', 'vitest'];

let project: string;
/** What a release consists of besides the image. */
let assets: string;
let manifest: {
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly files: readonly string[];
};

/** What it prints. A failure says all of it. */
async function run(
  file: string,
  args: readonly string[],
  cwd = project,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  try {
    const options = { cwd, maxBuffer: 2 ** 26, env: { ...process.env, ...env } };
    return (await exec(file, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
}

/** What the vitest of the project reports of the tests in a file. */
async function vitestReport(folder: string, file: string): Promise<Report> {
  const report = join(folder, 'report.json');
  const vitest = join(project, 'node_modules/vitest/vitest.mjs');
  // The default reporter says what failed; the time is for a busy machine.
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = [vitest, 'run', file, ...reporters, '--testTimeout=30000', '--hookTimeout=30000'];
  await run(process.execPath, args, folder);
  return JSON.parse(await readFile(report, 'utf8'));
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'chaosgate-project-'));
  assets = join(project, 'assets');
  await run(process.execPath, ['scripts/release/assets.ts', assets], root);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const tarball = join(assets, `chaosgate-npm-${version}.tgz`);
  manifest = JSON.parse(await run('tar', ['-xzOf', tarball, 'package/package.json']));
  // A registry would give the same packages: this test asks none.
  const names = [...Object.keys(manifest.dependencies), ...OF_THE_PROJECT];
  const here = names.map((name) => [name, `file:${join(root, 'node_modules', name)}`]);
  const dependencies = { ...Object.fromEntries(here), chaosgate: `file:${tarball}` };
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
  await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit']);
  await cp(join(import.meta.dirname, 'project'), project, { recursive: true });
  // Helm may have to be built.
}, 600_000);

afterAll(() => rm(project, { recursive: true }));

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('its types are right, and complete, for module %s', async (module, moduleResolution) => {
  const options = ['--noEmit', '--strict', '--target', 'esnext', '--lib', 'esnext'];
  const resolution = ['--module', module, '--moduleResolution', moduleResolution];
  const strictness = ['--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
  await run(join(bin, 'tsc'), [
    ...options,
    ...resolution,
    ...strictness,
    '--types',
    'node',
    'types.ts',
  ]);
  // The declarations of vitest itself do not pass without skipLibCheck.
  await run(join(bin, 'tsc'), [...options, ...resolution, '--skipLibCheck', 'fixture.test.ts']);
});

test('its declarations show nothing of the client of Kubernetes', async () => {
  const listed = await run(join(bin, 'tsc'), [
    ...['--noEmit', '--listFilesOnly', '--target', 'esnext', '--module', 'nodenext'],
    'types.ts',
  ]);
  expect(listed).toContain('zod');
  expect(listed).not.toContain('@kubernetes/client-node');
});

test('it runs', async () => {
  expect(await run(process.execPath, ['run.ts'])).toBe('ok\n');
});

test('its fixture runs in vitest', async () => {
  expect(await vitestReport(project, 'fixture.test.ts')).toMatchObject({
    numPassedTests: 1,
    numTotalTests: 1,
  });
});

test('it runs in Jest, which knows no ES modules', async () => {
  const jest = join(project, 'node_modules/jest/bin/jest.js');
  const { stderr } = await exec(process.execPath, [jest, '--ci', '--no-cache'], {
    cwd: join(project, 'commonjs'),
  });
  expect(stderr).toMatch(/^Tests: +2 passed, 2 total$/m);
});

test('its types are right for CommonJS', async () => {
  const code = `
    import { ChaosError, connect, type Gate } from 'chaosgate/client';
    export const isOurs = (error: unknown): boolean => error instanceof ChaosError;
    export const slow = async (gate: Gate) => gate.toClient.delay(100, { jitterMilliseconds: 5 });
    // @ts-expect-error an option that there is not
    export const wrong = () => connect({ kubeConfig: 'x' });
  `;
  await writeFile(join(project, 'commonjs/types.ts'), code);
  await run(join(bin, 'tsc'), [
    ...['--noEmit', '--strict', '--target', 'esnext', '--module', 'nodenext'],
    ...['--types', 'node', '--skipLibCheck', 'false', 'commonjs/types.ts'],
  ]);
});

test.each([
  ['client', 'import'],
  ['client', 'require'],
  ['vitest', 'import'],
])('an older Node.js is told by chaosgate/%s which one is needed: %s', async (entry, how) => {
  const old = join(project, 'old.cjs');
  await writeFile(
    old,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });",
  );
  const load = how === 'import' ? '--input-type=module' : '--input-type=commonjs';
  const code = how === 'import' ? `import 'chaosgate/${entry}'` : `require('chaosgate/${entry}')`;
  await expect(run(process.execPath, ['--require', old, load, '--eval', code])).rejects.toThrow(
    /Error: chaosgate needs Node\.js 24 or later; this is v/,
  );
});

test('`npx chaosgate up` and `kubectl chaosgate` run', async () => {
  const upstream = { host: 'localhost', port: 9 };
  const gate = { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', metadata: { name: 'db' } };
  await writeFile(join(project, 'gate.yaml'), JSON.stringify({ ...gate, spec: { upstream } }));
  // Its exit ends the gates, so that nothing stays behind whatever fails.
  const script = `
    set -e
    npx chaosgate patch tg db -p '{"spec":{"toClient":{"drop":{}}}}'
    export PATH="$PWD/node_modules/.bin:$PATH"
    "$KUBECTL" chaosgate wait tg/db --for=condition=Programmed --timeout=10s
    "$KUBECTL" chaosgate get tg db -o 'jsonpath={.status.faults}'`;
  const output = await run(
    'npx',
    ['chaosgate', 'up', '-f', 'gate.yaml', '--exit-with', 'sh', '-c', script],
    project,
    {
      HOME: project,
      KUBECTL: await kubectlProgram(),
    },
  );
  expect(output).toContain('tcpgate.chaosgate.dev/db patched\n');
  expect(output).toContain('tcpgate.chaosgate.dev/db condition met\n');
  expect(output).toContain('toClient drop');
});

test('the example of its library passes', async () => {
  await installPostgres();
  const example = join(project, 'example');
  await cp(join(root, 'examples/service-under-test'), example, { recursive: true });
  const { numPassedTests, numTotalTests } = await vitestReport(example, 'test/chaos.test.ts');
  expect(numTotalTests).toBeGreaterThan(10);
  expect(numPassedTests).toBe(numTotalTests);
}, 300_000);

test('npm installs with it what its library imports, and no more', async () => {
  const dist = join(project, 'node_modules/chaosgate/dist');
  const specifier = /\b(?:from|import) ?\(?"((?:@[\w.-]+\/)?(?!node:)[\w-][\w.-]*)[^"]*"/g;
  const imported = new Set<string>();
  for (const file of globSync('{client,vitest,chunks/*}.js', { cwd: dist }))
    for (const [, name = ''] of readFileSync(join(dist, file), 'utf8').matchAll(specifier))
      imported.add(name);
  const { dependencies, peerDependencies } = manifest;
  expect([...imported].sort()).toEqual(
    Object.keys({ ...dependencies, ...peerDependencies }).sort(),
  );
});

test('it hands on the licences of what its bundles hold, and lists it', async () => {
  const dist = join(project, 'node_modules/chaosgate/dist');
  const notice = await readFile(join(dist, 'NOTICE'), 'utf8');
  expect(notice).toBe(await readFile(join(root, 'NOTICE'), 'utf8'));
  const { components } = JSON.parse(await readFile(join(dist, 'sbom.cdx.json'), 'utf8'));
  expect(components.length).toBeGreaterThan(50);
  for (const { name, version } of components) expect(notice).toContain(`\n${name} ${version} (`);
});

test('it has no sources, tests or tools in it', () => {
  expect(manifest.files).toEqual(['bin', 'dist', 'lib']);
});

describe('beside the package, a release has', () => {
  const text = (name: string) => readFile(join(assets, name), 'utf8');

  test('sums of everything, which sha256sum checks', async () => {
    const sums = await text('SHA256SUMS');
    const names = sums
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\w+ {2}/, ''));
    expect([...names, 'SHA256SUMS'].sort()).toEqual((await readdir(assets)).sort());
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], assets);
    await appendFile(join(assets, 'install.yaml'), '#');
    await expect(run('sha256sum', ['--check', 'SHA256SUMS'], assets)).rejects.toThrow();
  });

  test('the chart as one file, in its namespace, with the image of its version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const documents = parseAllDocuments(await text('install.yaml')).map((each) => each.toJS());
    const kinds = documents.map(({ kind }) => kind);
    expect(kinds[0]).toBe('Namespace');
    expect(kinds).toEqual(expect.arrayContaining(['CustomResourceDefinition', 'Deployment']));
    const { spec } = documents.find(({ kind }) => kind === 'Deployment');
    const [{ image }] = spec.template.spec.containers;
    expect(image).toBe(`ghcr.io/chaosgate/chaosgate:${version}`);
    const cluster = /^(Cluster|Namespace$|CustomResource)/;
    for (const { kind, metadata } of documents)
      if (!cluster.test(kind)) expect(metadata.namespace).toBe('chaosgate-system');
    expect(await text('install.yaml')).not.toContain('managed-by: Helm');
  });

  test('the chart as helm packs it', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const chart = join(assets, `chaosgate-chart-${version}.tgz`);
    const packed = await run('tar', ['-xzOf', chart, 'chaosgate/Chart.yaml']);
    expect(packed).toContain(`\nversion: ${version}\n`);
  });
});
