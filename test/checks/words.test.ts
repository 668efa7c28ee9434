import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');

/** What any controller could use: it gets its kinds as parameters, and knows none of ours. */
const GENERAL = ['kube', 'kubeapi', 'schema', 'json', 'yaml', 'async', 'files', 'limits', 'time'];

/** `propagate` and `aggregate` are words of Kubernetes. */
const OURS = /(?<!propa|aggre)gate|chaos/i;

/** Where the data plane runs is nothing that it knows. */
const WHERE = /\b(?:pods?|operators?|clusters?|crds?)\b/i;

/** Rules stand beside the schema that they belong to, in the API server's language too: so no file forgets the other. */
const RULES = /\bCEL\b|x-kubernetes-validations|kubectl/;

test.each(GENERAL)('src/%s has no word of gates', (folder) => {
  expect(linesOf(folder, (line, file) => OURS.test(line) || OURS.test(file))).toEqual([]);
});

test('src/gate has no word of Kubernetes but for the rules of its schemas and where they show', () => {
  const isForeign = (line: string) => WHERE.test(line) || (/kube/i.test(line) && !RULES.test(line));
  expect(linesOf('gate', isForeign)).toEqual([]);
});

/** Lines of a folder's files, behind the name of the file. */
function linesOf(folder: string, isMeant: (line: string, file: string) => boolean): string[] {
  const files = globSync(`${folder}/**/*.ts`, { cwd: src });
  expect(files).not.toEqual([]);
  return files.flatMap((file) =>
    readFileSync(join(src, file), 'utf8')
      .split('\n')
      .filter((line) => isMeant(line, file))
      .map((line) => `${file}: ${line.trim()}`),
  );
}
