/** Files that are none, files that are in the way, and text that steers a terminal. */
import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FULL } from '../support/fullDisk.ts';
import { runHere } from './support/here.ts';
import { aFolder, aGate, Chaosgate, startUp } from './support/up.ts';

const upstream = { host: '127.0.0.1', port: 9 };

function makeFifo(path: string): void {
  execFileSync('mkfifo', [path]);
}

test('a FIFO in a folder is reported; the other files are followed, and a signal is answered', async () => {
  const home = await aFolder();
  const folder = join(home, 'gates');
  await mkdir(folder);
  await writeFile(join(folder, 'a.yaml'), aGate('a', { upstream }));
  const { up } = await startUp({ home, args: ['-f', 'gates'] });
  // More than there are threads for the work with files.
  for (let index = 0; index < 5; index += 1) makeFifo(join(folder, `fifo${index}.yaml`));
  const told = await up.untilLine('the FIFO', ({ file }) => file?.endsWith('fifo4.yaml') ?? false);
  expect(told.problems).toMatchObject([{ message: 'It is not a regular file, and is not read' }]);
  await writeFile(join(folder, 'a.yaml'), aGate('a', { upstream, toClient: { drop: {} } }));
  await up.untilGate('a', ({ faults }) => faults === 'toClient drop');
  expect(await up.stop()).toBe(0);
});

test('a FIFO that is named is read like standard input', async () => {
  const home = await aFolder();
  const fifo = join(home, 'fifo');
  makeFifo(fifo);
  const up = new Chaosgate(['up', '-f', 'fifo', '--output', 'json'], { home });
  await writeFile(fifo, aGate('a', { upstream }));
  await up.untilReady('a');
});

test('while a FIFO is waited for, a signal is answered', async () => {
  const home = await aFolder();
  const fifo = join(home, 'fifo');
  makeFifo(fifo);
  const up = new Chaosgate(['up', '-f', 'fifo', '--output', 'json'], { home });
  // Opens when somebody reads.
  const writer = await open(fifo, 'w');
  expect(await up.stop()).toBe(0);
  await writer.close();
});

test('what a process left behind that was killed while it wrote is taken away', async () => {
  const home = await aFolder();
  const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  await mkdir(join(home, '.chaosgate'));
  const drafts = [
    `.chaosgate/.kubeconfig.${dead}.00ff.draft`,
    `.state.json.${dead}.00ff.draft`,
    `.state.json.owner.${dead}.00ff.draft`,
  ];
  for (const draft of drafts) await writeFile(join(home, draft), 'half a token');
  const { up } = await startUp({ home, args: ['--state', 'state.json'] });
  expect((await readdir(home)).sort()).toEqual(['.chaosgate', 'state.json.owner']);
  expect(await readdir(join(home, '.chaosgate'))).toEqual(['kubeconfig']);
  expect((await stat(join(home, 'state.json.owner'))).mode & 0o777).toBe(0o600);
  await up.stop();
});

test('a full disk at the start is reported, with the file and what to do', async () => {
  const home = await aFolder();
  const shell = 'ulimit -f 0; exec "$0" "$1" up --state state.json';
  const up = new Chaosgate([], { home, shell });
  expect(await up.exit()).toBe(1);
  expect(up.stderr).toMatch(/Cannot write .*state\.json\.owner: /);
  expect(up.stderr).toMatch(/Cannot write .*kubeconfig: .*: use another file with --kubeconfig\n$/);
  expect(up.stderr).toMatch(FULL);
  expect(up.stderr).not.toMatch(/\bE[A-Z]{4,}\b/);
});

test.each(['--state', '--kubeconfig', '--listen', '-f'])(
  'an empty %s, as of a variable that is not set, is a mistake',
  async (option) => {
    const up = new Chaosgate(['up', option, ''], { home: await aFolder() });
    expect(await up.exit()).toBe(1);
    expect(up.stderr).toMatch(/^error: .*(empty|got "")/);
  },
);

test('text of a file or an error does not steer the terminal', async () => {
  const home = await aFolder();
  const evil = '\x1b]0;owned\x07\x9b2J\u202e';
  const document = { apiVersion: 'v1', kind: `Kind${evil}`, metadata: { name: evil } };
  const misspelt = { upstream, [`seed${evil}`]: 1 };
  const text = `---\n${JSON.stringify(document)}\n${aGate('a', misspelt)}`;
  await writeFile(join(home, 'evil.yaml'), text);
  const { up } = await startUp({ home });
  await writeFile(
    join(home, 'good.yaml'),
    `---\n${JSON.stringify(document)}\n${aGate('b', { upstream })}`,
  );
  const second = new Chaosgate(['up', '-f', 'evil.yaml', '--kubeconfig', 'other'], { home });
  await second.exit();
  expectHarmless(second.stdout + second.stderr);
  const commands = [
    ['apply', '-f', join(home, 'evil.yaml')],
    ['apply', '-f', join(home, 'good.yaml')],
    ['get', 'tg', evil],
    ['get', 'tg', '-l', evil],
    ['wait', 'tg/a', `--for=${evil}`],
    ['patch', 'tg', 'a', '-p', JSON.stringify({ spec: { [evil]: 1 } })],
    ['get', `--${evil}`],
    [evil],
  ];
  const env = { KUBECONFIG: join(home, '.chaosgate', 'kubeconfig') };
  for (const args of commands) {
    const { stdout, stderr } = await runHere(args, env);
    expectHarmless(stdout + stderr);
  }
  await up.stop();
});

/** It is there, and shown. */
function expectHarmless(said: string): void {
  expect(said).toMatch(/\\u001b|\\u009b/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(said).not.toMatch(/[\x1b\x07\x9b\u202e]/);
}
