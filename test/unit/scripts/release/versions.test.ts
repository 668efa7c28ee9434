import { expect, test } from 'vitest';
import { readVersioned } from '../../../../scripts/release/files.ts';
import {
  notesOf,
  releaseProblems,
  type VersionedPath,
  withVersion,
} from '../../../../scripts/release/versions.ts';

const DATE = '2026-12-24';
const files = await readVersioned();
const prepared = withVersion(files, '7.8.9', DATE);

test('what was prepared for a version can be released under its tag, and under no other', () => {
  expect(releaseProblems(prepared, 'v7.8.9')).toEqual([]);
  expect(releaseProblems(prepared, 'v7.8.8')).not.toEqual([]);
  expect(releaseProblems(prepared, '7.8.9')).toEqual([
    'The tag 7.8.9 is not "v" and a version, such as v1.2.3',
  ]);
});

test.each<[VersionedPath, string]>([
  ['package.json', 'package.json: version is'],
  ['package-lock.json', 'package-lock.json: version is'],
  ['package-lock.json', 'package-lock.json: packages[""].version is'],
  ['charts/chaosgate/Chart.yaml', 'Chart.yaml: version is'],
  ['charts/chaosgate/Chart.yaml', 'Chart.yaml: appVersion is'],
  ['charts/chaosgate/Chart.yaml', 'Chart.yaml: artifacthub.io/images is'],
  ['CHANGELOG.md', 'CHANGELOG.md says nothing under'],
])('a %s of another version is reported: %s', (path, problem) => {
  const problems = releaseProblems({ ...prepared, [path]: files[path] }, 'v7.8.9');
  expect(problems).toContainEqual(expect.stringContaining(problem));
});

test('only versions change', () => {
  const back = (text: string, path: VersionedPath): string => {
    const { version } = JSON.parse(files['package.json']);
    if (path === 'CHANGELOG.md') return text.replace(`\n## 7.8.9 - ${DATE}\n`, '');
    return text.replaceAll('7.8.9', version).replace('prerelease: "false"', 'prerelease: "true"');
  };
  for (const [path, text] of Object.entries(prepared)) {
    expect(back(text, path as VersionedPath)).toBe(files[path as VersionedPath]);
  }
});

test.each([
  ['7.8.9', false],
  ['0.9.0', true],
  ['7.8.9-rc.1', true],
])('Artifact Hub is told whether %s is a prerelease: %s', (version, isPrerelease) => {
  const { 'charts/chaosgate/Chart.yaml': chart } = withVersion(files, version, DATE);
  expect(chart).toContain(`\n  artifacthub.io/prerelease: "${isPrerelease}"\n`);
});

test.each(['', '1.2', 'v1.2.3', '01.2.3', '1.2.3+build', '1.2.3-'])(
  '%j is no version',
  (version) => {
    expect(() => withVersion(files, version, DATE)).toThrow(/is no version such as/);
  },
);

test('a version is prepared once', () => {
  expect(() => withVersion(prepared, '7.8.9', DATE)).toThrow('CHANGELOG.md has 7.8.9 already');
});

test('the notes of a release are its section of the changelog', () => {
  const changelog =
    '# Changelog\n\n## Unreleased\n\n## 1.1.0 - 2026-02-01\n\n### Added\n\n- A\n\n## 1.0.0 - 2026-01-01\n\n- B\n';
  expect(notesOf(changelog, '1.1.0')).toBe('### Added\n\n- A');
  expect(notesOf(changelog, '1.0.0')).toBe('- B');
  expect(notesOf(changelog, '1')).toBeUndefined();
});
