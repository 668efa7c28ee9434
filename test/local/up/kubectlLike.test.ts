/** `chaosgate get|patch|wait|apply|delete` beside the commands of kubectl that they stand in for. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runHere } from './support/here.ts';
import { aFolder, aGate, Chaosgate, startUp, type Up } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };

interface Said {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
function chaosgate({ home }: Up, ...args: readonly string[]): Promise<Said> {
  return runHere(args, { HOME: home, KUBECONFIG: '' });
}

/** The same in a process of its own, in its home. */
async function chaosgateProcess({ home }: Up, ...args: readonly string[]): Promise<Said> {
  const process = new Chaosgate(args, { home });
  const code = await process.exit();
  return { code, stdout: process.stdout, stderr: process.stderr };
}

let up: Up;

beforeEach(async () => {
  const gates = aGate('db', { upstream }) + aGate('other', { upstream }, { namespace: 'staging' });
  up = await startUp({ gates });
  await up.kubectl.run('wait', 'tg', '--all', '-A', '--for=condition=Ready', '--timeout=10s');
});

describe('says the same as kubectl', () => {
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

describe('apply', () => {
  const dropping = { upstream, toClient: { drop: {} } };
  const faults = () => up.kubectl.run('get', 'tg', 'more', '-o', 'jsonpath={.spec.toClient}');
  let file: string;

  beforeEach(() => {
    file = join(up.home, 'more.yaml');
  });

  test.each([
    ['kubectl apply', ['apply', '-f']],
    ['kubectl apply --server-side', ['apply', '--server-side', '-f']],
    [
      'an earlier version of chaosgate',
      ['apply', '--server-side', '--field-manager=chaosgate-apply', '-f'],
    ],
  ])(
    'takes away what the file does not name any more, no matter who applied it: %s',
    async (_, before) => {
      await writeFile(file, aGate('more', dropping, { labels: { team: 'a' } }));
      await up.kubectl.run(...before, file);
      expect(JSON.parse(await faults())).toMatchObject({ drop: {} });
      await writeFile(file, aGate('more', { upstream }));
      expect(await chaosgate(up, 'apply', '-f', file)).toMatchObject({
        code: 0,
        stdout: 'tcpgate.chaosgate.dev/more configured\n',
      });
      expect(JSON.parse(await faults())).toEqual({ connectionsPercent: 100 });
      const labels = await up.kubectl.run('get', 'tg', 'more', '-o', 'jsonpath={.metadata.labels}');
      expect(labels).toBe('');
      expect(await chaosgate(up, 'apply', '-f', file)).toMatchObject({
        stdout: 'tcpgate.chaosgate.dev/more unchanged\n',
      });
    },
  );

  test('leaves what others set beside the file', async () => {
    await writeFile(file, aGate('more', { upstream }));
    await up.kubectl.run('apply', '-f', file);
    const patch = JSON.stringify({ spec: { toServer: { stall: {} } } });
    await up.kubectl.run('patch', 'tg', 'more', '--type=merge', '-p', patch);
    await chaosgate(up, 'apply', '-f', file);
    const left = await up.kubectl.run('get', 'tg', 'more', '-o', 'jsonpath={.spec.toServer.stall}');
    expect(left).toBe('{}');
  });

  test('is gone on with by kubectl', async () => {
    await writeFile(file, aGate('more', dropping));
    await up.kubectl.run('apply', '-f', file);
    await chaosgate(up, 'apply', '-f', file);
    await writeFile(file, aGate('more', { upstream }));
    await up.kubectl.run('apply', '--server-side', '-f', file);
    expect(JSON.parse(await faults())).toEqual({ connectionsPercent: 100 });
    await writeFile(file, aGate('more', dropping));
    await up.kubectl.run('apply', '-f', file);
    expect(JSON.parse(await faults())).toMatchObject({ drop: {} });
    await writeFile(file, aGate('more', { upstream }));
    await up.kubectl.run('apply', '-f', file);
    expect(JSON.parse(await faults())).toEqual({ connectionsPercent: 100 });
  });
});

test('delete waits for finalizers, unless it is told not to', async () => {
  const patch = (finalizers: readonly string[]) =>
    up.kubectl.run(
      ...['patch', 'tg', 'db', '--type=merge', '-p', JSON.stringify({ metadata: { finalizers } })],
    );
  await patch(['example.com/slow']);
  expect(await chaosgate(up, 'delete', 'tg', 'db', '--wait=false')).toMatchObject({ code: 0 });
  expect(await chaosgate(up, 'delete', 'tg', 'db', '--timeout=100ms')).toEqual({
    code: 1,
    stdout: 'tcpgate.chaosgate.dev "db" deleted from default namespace\n',
    stderr: 'error: timed out waiting for the condition on tcpgates/db\n',
  });
  const deleting = new Chaosgate(['delete', 'tg', 'db'], { home: up.home });
  await deleting.says(/deleted/);
  await patch([]);
  expect(await deleting.exit()).toBe(0);
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
    stderr: 'error: a gate has no field spec.toClient.delai\n',
  });
  const broken = await chaosgate(up, 'patch', 'tg', 'db', '-p', '{"spec":');
  expect(broken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: cannot read the patch/),
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
  const { code, stderr } = await chaosgateProcess(up, 'apply', '-f', 'bad.yaml');
  expect(code).toBe(1);
  expect(stderr).toBe(`\
error: bad.yaml:2: document 1: spec.upstrem: Unknown field
bad.yaml:2: document 1: spec: Invalid value: "object": spec.upstream is required: set it to the host and port of the server, or set spec.service to put the gate in front of a Service
`);
});

test('other resources, and nobody to ask, are reported', async () => {
  expect(await chaosgate(up, 'get', 'pods')).toMatchObject({
    code: 1,
    stderr: 'error: the only resource here is tg (tcpgates), not "pods"\n',
  });
  const alone = { ...up, home: await aFolder() };
  const { code, stderr } = await chaosgate(alone, 'get');
  expect(code).toBe(1);
  expect(stderr).toContain('start "chaosgate up"');
  await up.up.stop('SIGKILL');
  expect((await chaosgate(up, 'get')).stderr).toMatch(/Unable to connect.*Does "chaosgate up" run/);
});
