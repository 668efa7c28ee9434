/** Everything that says which version this is. */
export interface VersionedFiles {
  readonly 'package.json': string;
  readonly 'package-lock.json': string;
  readonly 'charts/chaosgate/Chart.yaml': string;
  readonly 'CHANGELOG.md': string;
}

export type VersionedPath = keyof VersionedFiles;

export const VERSIONED: readonly VersionedPath[] = [
  'package.json',
  'package-lock.json',
  'charts/chaosgate/Chart.yaml',
  'CHANGELOG.md',
];

/** https://semver.org without build metadata, for which neither tags of images nor npm have a place. */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

const UNRELEASED = '## Unreleased\n';

/**
 * The files with the version that is to be released: what is unreleased in the changelog becomes its section.
 *
 * @param date as 2026-01-31
 * @throws RangeError if it is no version, or already in the changelog
 */
export function withVersion(files: VersionedFiles, version: string, date: string): VersionedFiles {
  if (!VERSION.test(version))
    throw new RangeError(`${version} is no version such as 1.2.3 or 1.2.3-rc.1`);
  const changelog = files['CHANGELOG.md'];
  if (notesOf(changelog, version) !== undefined)
    throw new RangeError(`CHANGELOG.md has ${version} already`);
  const isPrerelease = version.includes('-') || version.startsWith('0.');
  const chart = files['charts/chaosgate/Chart.yaml']
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: "${version}"`)
    .replace(/^( +artifacthub\.io\/prerelease: ).*$/m, `$1"${isPrerelease}"`)
    .replace(/^( +image: [^:\s]+):.*$/m, `$1:${version}`);
  const [before = '', after = ''] = changelog.split(UNRELEASED);
  return {
    'package.json': withJsonVersion(files['package.json'], version),
    // The second one is that of the package itself, under `packages`.
    'package-lock.json': withJsonVersion(
      withJsonVersion(files['package-lock.json'], version),
      version,
      2,
    ),
    'charts/chaosgate/Chart.yaml': chart,
    'CHANGELOG.md': `${before}${UNRELEASED}\n## ${version} - ${date}\n${after}`,
  };
}

/** What keeps a tag such as v1.2.3 from being released; empty if nothing does. */
export function releaseProblems(files: VersionedFiles, tag: string): string[] {
  const version = tag.replace(/^v/, '');
  if (!tag.startsWith('v') || !VERSION.test(version))
    return [`The tag ${tag} is not "v" and a version, such as v1.2.3`];
  const lock = JSON.parse(files['package-lock.json']);
  const chart = files['charts/chaosgate/Chart.yaml'];
  const found = {
    'package.json: version': JSON.parse(files['package.json']).version,
    'package-lock.json: version': lock.version,
    'package-lock.json: packages[""].version': lock.packages[''].version,
    'Chart.yaml: version': /^version: (.*)$/m.exec(chart)?.[1],
    'Chart.yaml: appVersion': /^appVersion: "(.*)"$/m.exec(chart)?.[1],
    'Chart.yaml: artifacthub.io/images': /^ +image: [^:\s]+:(.*)$/m.exec(chart)?.[1],
  };
  const wrong = Object.entries(found).flatMap(([where, value]) =>
    value === version ? [] : [`${where} is ${value}, and the tag ${tag}`],
  );
  const notes = notesOf(files['CHANGELOG.md'], version);
  return notes ? wrong : [...wrong, `CHANGELOG.md says nothing under "## ${version} - DATE"`];
}

/** What the changelog says of a version; undefined if it has no section. */
export function notesOf(changelog: string, version: string): string | undefined {
  const section = changelog.split(/^## /m).find((each) => each.startsWith(`${version} - `));
  return section?.replace(/^.*\n/, '').trim();
}

/** Replaces the first, or the nth, field of that name, and leaves the rest as it is written. */
function withJsonVersion(json: string, version: string, nth = 1): string {
  let seen = 0;
  return json.replaceAll(/^( +"version": )"[^"]*"/gm, (field, start: string) => {
    seen += 1;
    return seen === nth ? `${start}"${version}"` : field;
  });
}
