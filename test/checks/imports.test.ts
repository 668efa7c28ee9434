import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');

/** Small tools that import nothing. */
const FOR_ALL = ['async', 'files', 'json', 'limits'];

/** What each folder may import besides itself and those of `FOR_ALL`. `kube`, `kubeapi`, `schema`, `observe` and `yaml` stand beside the line. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  async: [],
  gate: [],
  api: ['gate'],
  control: ['api', 'gate'],
  proxy: ['control', 'api', 'gate', 'observe'],
  operator: ['control', 'api', 'gate', 'kube', 'observe'],
  local: [
    'operator',
    'proxy',
    'control',
    'api',
    'gate',
    'kube',
    'kubeapi',
    'schema',
    'observe',
    'yaml',
  ],
  client: ['control', 'api', 'gate', 'kube', 'observe'],
  kube: [],
  kubeapi: ['schema', 'yaml'],
  schema: [],
  json: [],
  observe: [],
  yaml: [],
  files: [],
  limits: [],
  cli: ['operator', 'proxy', 'local', 'client', 'api', 'kube', 'schema', 'observe', 'yaml'],
};

/** What each folder may load when it is asked for, and not before. */
const MAY_LOAD: Record<string, readonly string[]> = { client: ['local'] };

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly isLazy: boolean;
}

const imports: Import[] = globSync('**/*.ts', { cwd: src }).flatMap((file) => {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*(\(?)'(\.[^']+)'/g)].map(([, lazy, path = '']) => ({
    file,
    from: file.split('/')[0] ?? '',
    to: relative(src, join(src, dirname(file), path)).split('/')[0] ?? '',
    isLazy: lazy === '(',
  }));
});

test('imports between the folders of src point one way', () => {
  expect(imports.length).toBeGreaterThan(20);
  const wrong = imports.filter(
    ({ from, to, isLazy }) =>
      from !== to &&
      !FOR_ALL.includes(to) &&
      !(MAY_IMPORT[from] ?? []).includes(to) &&
      !(isLazy && (MAY_LOAD[from] ?? []).includes(to)),
  );
  expect(wrong).toEqual([]);
});

test('every folder of src has its place in the order', () => {
  const folders = new Set(globSync('*/', { cwd: src }).map((path) => path.replace(/\/$/, '')));
  expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});
