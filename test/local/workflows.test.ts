/** The workflows of the public host, as far as they can be checked without it. RELEASE.md says what is left. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { actionlintProgram } from './support/actionlint.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const paths = globSync('.github/workflows/*.yml', { cwd: root }).sort();
const workflows = paths.map((path): [string, Workflow] => [path, parse(read(path))]);
const steps = workflows.flatMap(([, { jobs }]) =>
  Object.values(jobs).flatMap((job) => job.steps ?? []),
);
const commands = steps.flatMap((step) => step.run ?? []);

test('there are those of every change and of a release', () => {
  expect(paths).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml']);
});

test('actionlint finds nothing wrong', async () => {
  const { stdout } = await run(await actionlintProgram(), ['-no-color', ...paths], { cwd: root });
  expect(stdout).toBe('');
});

test.each(workflows)(
  '%s takes no rights that its jobs do not name, and no endless time',
  (_, { permissions, jobs }) => {
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs))
      if (job.uses === undefined) expect(job['timeout-minutes']).toBeGreaterThan(0);
  },
);

test.each(paths)(
  'the actions of %s are pinned by commit, beside the version that it is',
  (path) => {
    const used = [...read(path).matchAll(/\buses: (.*)$/gm)].map(([, text = '']) => text);
    const others = used.filter((text) => !text.startsWith('./'));
    expect(others).not.toEqual([]);
    for (const text of others)
      expect(text).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  },
);

test('an action is the same commit everywhere', () => {
  const used = [...new Set(steps.flatMap(({ uses }) => uses ?? []))];
  const names = used.map((text) => text.replace(/@.*/, ''));
  expect(names).toEqual([...new Set(names)]);
});

/** What only the public host can run: it publishes. */
const HOST = ['cosign', 'gh', 'npm publish'];

test('every other command is npm ci or one of this repository, which is there', () => {
  const { scripts } = JSON.parse(read('package.json'));
  for (const command of commands) {
    if (HOST.some((program) => command.startsWith(`${program} `)) || command === 'npm ci') continue;
    const [, script] = /^npm run (?:--silent )?([\w:]+)( |$)/.exec(command) ?? [];
    const [, file] = /^(?:node )?((?:\.ci|scripts)\/[\w./-]+)( |$)/.exec(command) ?? [];
    expect(
      [script, file].filter((name) => name !== undefined),
      command,
    ).toHaveLength(1);
    if (script !== undefined) expect(scripts, command).toHaveProperty([script]);
    if (file !== undefined) expect(statSync(join(root, file)).isFile(), command).toBe(true);
    if (file?.startsWith('.ci/'))
      expect(statSync(join(root, file)).mode & 0o111, command).not.toBe(0);
  }
});

test('RELEASE.md names each command that was never run', () => {
  const release = read('RELEASE.md');
  const published = commands.filter((command) =>
    HOST.some((program) => command.startsWith(`${program} `)),
  );
  const programs = published.map((command) => command.split(' ').slice(0, 2).join(' '));
  expect(programs).not.toEqual([]);
  for (const program of programs) expect(release).toContain(`\`${program}`);
});

test('every run of the tests is .ci/run', () => {
  expect(commands).toContain('.ci/run');
  const [, release] = workflows.find(([path]) => path.endsWith('/release.yml')) ?? [];
  expect(release?.jobs.test?.uses).toBe('./.github/workflows/ci.yml');
});
