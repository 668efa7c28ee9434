/** `chaosgate get|patch|wait|apply|delete` beside the commands of kubectl that they stand in for. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { aFolder, aGate, Chaosgate, startUp, type Up } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };

interface Said {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function chaosgate({ home }: Up, ...args: readonly string[]): Promise<Said> {
  const process = new Chaosgate(args, { home });
  const code = await process.exit();
  return { code, stdout: process.stdout, stderr: process.stderr };
}

let up: Up;

beforeEach(async () => {
  const gates = aGate('db', { upstream }) + aGate('other', { upstream }, { namespace: 'staging' });
  up = await startUp({ gates });
  // The last thing that is written of a gate that nobody uses.
  for (const wait of [['tg/db'], ['tg/other', '-n', 'staging']]) {
    await up.kubectl.run('wait', ...wait, '--for=condition=Ready', '--timeout=10s');
  }
});

const COMMANDS = [
  'get tg',
  'get tg/db -o wide',
  'get tcpgates -A',
  'get tg -A -o yaml',
  'get tg db -o json',
  'get tg -o name',
  'get tg db nothing',
  'get tg nothing -o yaml',
  'get tg -n nowhere',
  'get tg -n nowhere -o json',
  'get tg -A -l a=b',
  'wait tg/db --for=condition=Ready',
  'wait tg db --for=condition=Connected=false',
  'wait tg --all --for=condition=programmed',
  'wait tg/db --for=condition=Connected --timeout=200ms',
  'wait tg/nothing --for=condition=Ready',
  'wait tg/db --for=jsonpath={.status.connections.active}=0',
  'wait tg/db --for=jsonpath={.status.faults}=all --timeout=200ms',
  'wait tg/db --for=create',
  'patch tg nothing --type=merge -p {}',
  'patch tg db --type=merge -p {"spec":{"seed":-1}}',
  'delete tg nothing',
];

/** Without what may differ: the second in which it was asked, and how a library breaks and quotes YAML. */
function meaning({ stdout, ...rest }: Said, line: string): object {
  const isYaml = line.endsWith('yaml');
  return { ...rest, stdout: isYaml ? parse(stdout) : stdout.replaceAll(/\d+s$/gm, 'AGE') };
}

describe('says the same as kubectl', () => {
  test('of what there is and what is wrong', { timeout: 120_000 }, async () => {
    for (const line of COMMANDS) {
      const args = line.split(' ');
      const [ours, theirs] = [await chaosgate(up, ...args), await up.kubectl.attempt(args)];
      expect(meaning(ours, line), line).toEqual(meaning(theirs, line));
    }
  });

  test('of what it has changed', async () => {
    const patch = ['patch', 'tg', 'db', '--type=merge', '-p', '{"spec":{"toClient":{"drop":{}}}}'];
    const lift = ['patch', 'tg', 'db', '--type=merge', '-p', '{"spec":{"toClient":null}}'];
    const ours = [await chaosgate(up, ...patch), await chaosgate(up, ...patch)];
    expect(await up.kubectl.run('get', 'tg', 'db', '-o', 'jsonpath={.spec.toClient.drop}')).toBe(
      '{}',
    );
    await up.kubectl.run(...lift);
    const theirs = [await up.kubectl.attempt(patch), await up.kubectl.attempt(patch)];
    expect(ours).toEqual(theirs);
  });

  test('of what it has applied and deleted', async () => {
    const file = join(up.home, 'more.yaml');
    await writeFile(file, aGate('more', { upstream }));
    const steps = [
      ['apply', '-f', file],
      ['apply', '-f', file],
      ['delete', '-f', file],
      ['apply', '-f', file],
      ['delete', 'tg/more'],
    ];
    const ours: Said[] = [];
    for (const step of steps) ours.push(await chaosgate(up, ...step));
    const theirs: Said[] = [];
    for (const step of steps) theirs.push(await up.kubectl.attempt(step));
    expect(ours).toEqual(theirs);
  });
});

test('get -w goes on with what changes', async () => {
  const watching = new Chaosgate(['get', 'tg', 'db', '-w'], { home: up.home });
  await watching.says(/^db .*none/m);
  await chaosgate(up, 'patch', 'tg', 'db', '-p', '{"spec":{"toClient":{"drop":{}}}}');
  await watching.says(/^db .*toClient drop/m);
  await up.kubectl.run(
    'patch',
    'tg',
    'other',
    '-n',
    'staging',
    '--type=merge',
    '-p',
    '{"spec":{"seed":7}}',
  );
  await up.up.stop();
  expect(await watching.exit()).toBe(1);
  expect(watching.stdout).not.toContain('other');
  expect(watching.stderr).toContain('Unable to connect to the server');
});

test('wait hears of what comes true later', async () => {
  const waiting = new Chaosgate(['wait', 'tg/db', '--for=delete'], { home: up.home });
  const dropping = new Chaosgate(
    ['wait', 'tg/db', '--for=jsonpath={.status.faults}=toClient drop'],
    { home: up.home },
  );
  await chaosgate(up, 'patch', 'tg', 'db', '-p', 'spec: { toClient: { drop: {} } }');
  expect(await dropping.exit()).toBe(0);
  await chaosgate(up, 'delete', 'tg', '--all');
  expect(await waiting.exit()).toBe(0);
  expect(waiting.stdout).toBe('tcpgate.chaosgate.dev/db condition met\n');
});

test('patch refuses a field that there is not, of which kubectl only warns', async () => {
  const typo = await chaosgate(up, 'patch', 'tg', 'db', '-p', '{"spec":{"toClient":{"delai":{}}}}');
  expect(typo).toMatchObject({
    code: 1,
    stderr: 'error: there is no field spec.toClient.delai in a gate\n',
  });
  const broken = await chaosgate(up, 'patch', 'tg', 'db', '-p', '{"spec":');
  expect(broken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: the patch can not be read/),
  });
});

test('apply takes standard input, and says all that is wrong with a file', async () => {
  const piped = new Chaosgate(['apply', '-f', '-', '-n', 'staging'], {
    home: up.home,
    input: aGate('piped', { upstream }),
  });
  expect(await piped.exit()).toBe(0);
  expect(await up.kubectl.run('get', 'tg', 'piped', '-n', 'staging', '-o', 'name')).toBe(
    'tcpgate.chaosgate.dev/piped\n',
  );
  await writeFile(join(up.home, 'bad.yaml'), aGate('bad', { upstrem: {} }));
  const { code, stderr } = await chaosgate(up, 'apply', '-f', 'bad.yaml');
  expect(code).toBe(1);
  expect(stderr).toBe(`\
error: bad.yaml:2: document 1: spec.upstrem: Unknown field
bad.yaml:2: document 1: spec.upstream: Required value
`);
});

test('other resources, and nobody to ask, are told of', async () => {
  expect(await chaosgate(up, 'get', 'pods')).toMatchObject({
    code: 1,
    stderr: 'error: the only resource here is tg (tcpgates), and not "pods"\n',
  });
  const alone = { ...up, home: await aFolder() };
  const { code, stderr } = await chaosgate(alone, 'get');
  expect(code).toBe(1);
  expect(stderr).toContain('start "chaosgate up"');
  await up.up.stop('SIGKILL');
  expect((await chaosgate(up, 'get')).stderr).toMatch(/Unable to connect.*Does "chaosgate up" run/);
});
