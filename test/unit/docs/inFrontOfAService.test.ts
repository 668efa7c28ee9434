import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'src/operator/front');

/** The reason in a problem that is made. */
const REASON = /\b(?:problem|lasting|passing)\(\s*'([A-Z][A-Za-z]+)'/g;

test('the pages name every reason for which a gate is not in front of its Service', () => {
  const pages = ['in-front-of-a-service.md', 'tcpgate.md']
    .map((page) => readFileSync(join(root, 'docs', page), 'utf8'))
    .join();
  const reasons = readdirSync(folder)
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(REASON)])
    .map(([, reason]) => reason);
  expect(reasons).toContain('Headless');
  expect(reasons).toContain('Draining');
  for (const reason of reasons) expect(pages).toContain(`\`${reason}\``);
});
