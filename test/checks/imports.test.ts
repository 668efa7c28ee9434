import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');

/** What each folder may import besides itself. `kube` and `observe` stand beside the line. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  gate: [],
  api: ['gate'],
  control: ['api', 'gate'],
  proxy: ['control', 'api', 'gate', 'observe'],
  operator: ['control', 'api', 'gate', 'kube', 'observe'],
  kube: [],
  observe: [],
  cli: ['operator', 'proxy', 'api', 'kube', 'observe'],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const imports: Import[] = globSync('**/*.ts', { cwd: src }).flatMap((file) => {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map(([, path = '']) => ({
    file,
    from: file.split('/')[0] ?? '',
    to: relative(src, join(src, dirname(file), path)).split('/')[0] ?? '',
  }));
});

test('imports between the folders of src point one way', () => {
  expect(imports.length).toBeGreaterThan(20);
  const wrong = imports.filter(
    ({ from, to }) => from !== to && !(MAY_IMPORT[from] ?? []).includes(to),
  );
  expect(wrong).toEqual([]);
});

test('every folder of src has its place in the order', () => {
  const folders = new Set(globSync('*/', { cwd: src }).map((path) => path.replace(/\/$/, '')));
  expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});
