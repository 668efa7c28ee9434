import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');

/** What any controller could use: it is told of its kinds, and knows none of ours. */
const GENERAL = ['kube', 'kubeapi', 'schema', 'json', 'yaml', 'async', 'files', 'limits', 'time'];

/** `propagate` and `aggregate` are words of Kubernetes. */
const OURS = /(?<!propa|aggre)gate|chaos/i;

test.each(GENERAL)('src/%s has no word of gates', (folder) => {
  const files = globSync(`${folder}/**/*.ts`, { cwd: src });
  expect(files).not.toEqual([]);
  const lines = files.flatMap((file) =>
    readFileSync(join(src, file), 'utf8')
      .split('\n')
      .filter((line) => OURS.test(line) || OURS.test(file))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(lines).toEqual([]);
});
