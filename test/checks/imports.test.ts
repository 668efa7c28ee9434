import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Small tools that import nothing. */
const FOR_ALL = ['async', 'files', 'json', 'limits', 'time'];

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
  time: [],
  cli: ['operator', 'proxy', 'local', 'client', 'api', 'kube', 'schema', 'observe', 'yaml'],
};

/** What each folder may load when it is asked for, and not before. */
const MAY_LOAD: Record<string, readonly string[]> = { client: ['local'] };

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isLazy: boolean;
}

/** All imports of these files, those of types included; paths from the root of the repository. */
function importsOf(files: readonly string[]): Import[] {
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const found = text.matchAll(/(?:from|import)\s*(\(?)'(\.[^']+)'/g);
    return [...found].map(([, lazy, path = '']) => ({
      file,
      target: join(dirname(file), path),
      isLazy: lazy === '(',
    }));
  });
}

const imports = importsOf(globSync('src/**/*.ts', { cwd: root })).map((each) => ({
  ...each,
  from: folderOf(each.file),
  to: folderOf(each.target),
}));

/** The folder of src that a file is in. */
function folderOf(file: string): string {
  return file.split('/')[1] ?? '';
}

/** A way along the arrows that ends where it began; undefined when there is none. */
function circleIn(arrows: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const follow = (from: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(from)) return [...way.slice(way.indexOf(from)), from];
    if (done.has(from)) return undefined;
    for (const to of arrows.get(from) ?? []) {
      const circle = follow(to, [...way, from]);
      if (circle !== undefined) return circle;
    }
    done.add(from);
    return undefined;
  };
  for (const from of arrows.keys()) {
    const circle = follow(from, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

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
  const folders = new Set(globSync('src/*/', { cwd: root }).map(folderOf));
  expect([...folders].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

test('the order of the folders has no circle, what is loaded when asked for included', () => {
  const arrows = Object.entries(MAY_IMPORT).map(
    ([from, to]) => [from, [...to, ...(MAY_LOAD[from] ?? [])]] as const,
  );
  expect(circleIn(new Map(arrows))).toBeUndefined();
});

test('no file comes back to itself by its imports, those of types included', () => {
  const files = globSync('{src,scripts,bench,test}/**/*.ts', { cwd: root });
  const arrows = Map.groupBy(importsOf(files), ({ file }) => file);
  const targets = [...arrows].map(
    ([file, found]) => [file, found.map(({ target }) => target)] as const,
  );
  expect(circleIn(new Map(targets))).toBeUndefined();
});

test('a circle is found, and two ways to one end are none', () => {
  const diamond = [
    ['a', ['b', 'c']],
    ['b', ['d']],
    ['c', ['d']],
  ] as const;
  expect(circleIn(new Map<string, readonly string[]>(diamond))).toBeUndefined();
  expect(circleIn(new Map<string, readonly string[]>([...diamond, ['d', ['c']]]))).toEqual([
    'd',
    'c',
    'd',
  ]);
});
