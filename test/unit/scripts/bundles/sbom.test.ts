import { expect, test } from 'vitest';
import { sbomText } from '../../../../scripts/bundles/sbom.ts';

test('a bill of materials names the program and each package by a URL that scanners know', () => {
  const program = { name: 'chaosgate', version: '1.2.3', license: 'Apache-2.0' };
  const common = { author: '', texts: [], version: '4.0.0' };
  const sbom = JSON.parse(
    sbomText(program, [
      { ...common, name: '@a/b', license: 'MIT' },
      { ...common, name: 'c', license: '(MIT OR 0BSD)' },
    ]),
  );
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { type: 'application', purl: 'pkg:npm/chaosgate@1.2.3' } },
    components: [
      { purl: 'pkg:npm/%40a/b@4.0.0', licenses: [{ license: { id: 'MIT' } }] },
      { purl: 'pkg:npm/c@4.0.0', licenses: [{ expression: '(MIT OR 0BSD)' }] },
    ],
    dependencies: [
      {
        ref: 'pkg:npm/chaosgate@1.2.3',
        dependsOn: ['pkg:npm/%40a/b@4.0.0', 'pkg:npm/c@4.0.0'],
      },
    ],
  });
});
