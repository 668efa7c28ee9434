import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** With the values of the image on the next line. */
const INSTALL = /^\$ helm install chaosgate .* \\\n {4}--set image\..*$/m;

test("the README installs by the line of the chart's README, which the cluster tests play", () => {
  const [line] = INSTALL.exec(read('charts/chaosgate/README.md')) ?? [];
  expect(line).toBeDefined();
  expect(read('README.md')).toContain(line);
});
