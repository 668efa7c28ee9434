/** Files that `chaosgate up -f` follows. */
import { mkdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kubeconfigOf } from '../../../src/local/kubeconfig.ts';
import { Peer } from '../../gate/support/peer.ts';
import { TestServer } from '../../gate/support/server.ts';
import { stays } from '../../gate/support/time.ts';
import { aFolder, aGate, Chaosgate, portIn, startUp } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };
const dropping = { upstream, toClient: { drop: {} } };
const isDropping = ({ faults }: { faults?: string }) => faults === 'toClient drop';

describe('a saved file', () => {
  test('is in force on open connections', async () => {
    const server = await TestServer.listen();
    const spec = { upstream: { host: '127.0.0.1', port: server.port } };
    const { up, file } = await startUp({ gates: aGate('db', spec) });
    const port = portIn(await up.untilReady('db'));
    const [client, end] = await Promise.all([Peer.connect(port), server.accept()]);
    await writeFile(file, aGate('db', { ...spec, toServer: { drop: {} } }));
    await up.untilGate('db', ({ faults, ready }) => faults === 'toServer drop' && ready === true);
    client.send('lost');
    await end.seesNothingMore();
    await writeFile(file, aGate('db', spec));
    await up.untilGate('db', ({ faults, ready }) => faults === 'none' && ready === true);
    client.send('found');
    await end.receives('found');
  });

  test('may be another file that an editor puts in its place', async () => {
    const { up, file } = await startUp({ gates: aGate('db', { upstream }) });
    for (const spec of [dropping, { upstream }, dropping]) {
      await writeFile(`${file}.new`, aGate('db', spec));
      await rename(`${file}.new`, file);
      await up.untilGate('db', (gate) => isDropping(gate) === (spec === dropping));
    }
  });

  test('adds the gate of a new document, and removes that of one that is gone', async () => {
    const gates = aGate('one', { upstream });
    const { up, file, kubectl } = await startUp({ gates });
    await writeFile(file, gates + aGate('two', { upstream }));
    await up.untilReady('two');
    await writeFile(file, aGate('two', { upstream }));
    await up.untilLine(
      'the first is gone',
      ({ type, name }) => type === 'removed' && name === 'one',
    );
    expect(await kubectl.run('get', 'tg', '-o', 'name')).toBe('tcpgate.chaosgate.dev/two\n');
  });

  test('leaves gates alone that kubectl made', async () => {
    const { up, file, kubectl } = await startUp({ gates: aGate('one', { upstream }) });
    await kubectl.pipe(aGate('own', { upstream }), 'create', '-f', '-');
    await writeFile(file, aGate('two', { upstream }));
    await up.untilLine(
      'the first is gone',
      ({ type, name }) => type === 'removed' && name === 'one',
    );
    expect(await kubectl.run('get', 'tg', '-o', 'name')).toBe(
      'tcpgate.chaosgate.dev/own\ntcpgate.chaosgate.dev/two\n',
    );
  });

  test('leaves gates alone of which it says the same as before, whatever was patched', async () => {
    const { up, file, kubectl } = await startUp({ gates: aGate('one', { upstream }) });
    await kubectl.run(
      'patch',
      'tg',
      'one',
      '--type=merge',
      '-p',
      '{"spec":{"toClient":{"drop":{}}}}',
    );
    await up.untilGate('one', isDropping);
    await writeFile(file, aGate('one', { upstream }) + aGate('two', { upstream }));
    await up.untilReady('two');
    expect(up.gate('one')).toMatchObject({ faults: 'toClient drop' });
  });

  test('does not bring a gate back that kubectl deleted, until it says something new of it', async () => {
    const { up, file, kubectl } = await startUp({ gates: aGate('one', { upstream }) });
    await kubectl.run('delete', 'tg', 'one');
    await writeFile(file, aGate('one', { upstream }) + aGate('two', { upstream }));
    await up.untilReady('two');
    expect(up.gate('one')).toBeUndefined();
    await writeFile(file, aGate('one', dropping) + aGate('two', { upstream }));
    await up.untilGate('one', isDropping);
  });
});

describe('a broken file', () => {
  test('keeps what it was last, and says what is wrong where', async () => {
    const { up, file, kubectl } = await startUp({ gates: aGate('db', dropping) });
    await writeFile(
      file,
      `# Two documents
apiVersion: v1
kind: ConfigMap
metadata: { name: other }
---
apiVersion: chaosgate.dev/v1alpha1
kind: TcpGate
metadata:
  name: db
spec:
  upstream: { host: localhost, port: 9 }
  toClient:
    delay:
      miliseconds: 300
  seed: -1
`,
    );
    const { problems, isKept } = await up.untilLine(
      'what is wrong',
      ({ type, problems: found }) => type === 'file' && found?.length === 3,
    );
    const delay = { file, document: 2, field: 'spec.toClient.delay.miliseconds', line: 14 };
    expect(problems).toMatchObject([
      { ...delay, message: 'Unknown field' },
      { document: 2, field: 'spec.toClient.delay.milliseconds', line: 13 },
      { document: 2, field: 'spec.seed', line: 15, message: expect.stringContaining('-1') },
    ]);
    expect(isKept).toBe(true);
    expect(await kubectl.run('get', 'tg', 'db', '-o', 'jsonpath={.status.faults}')).toBe(
      'toClient drop',
    );
    await writeFile(file, aGate('db', { upstream }));
    await up.untilGate('db', ({ faults }) => faults === 'none');
    const last = up.lines.findLast(({ type }) => type === 'file');
    expect(last?.problems).toEqual([]);
  });

  test.each([
    ['of which the YAML ends too early', 'a: [1,\n2', 2, /flow/i],
    ['with a key twice', 'a: 1\na: 2\n', 2, /already set|twice|The key/i],
    ['that is no object', '- 1\n', 1, /not an object/],
    ['of another version', 'apiVersion: chaosgate.dev/v9\nkind: TcpGate\n', 1, /v1alpha1/],
    ['without a kind', 'apiVersion: chaosgate.dev/v1alpha1\n', 1, /Required/],
  ])('%s is reported with its line', async (_, text, line, message) => {
    const { up, file } = await startUp({ gates: aGate('db', dropping) });
    await writeFile(file, text);
    // Before, it may tell of the file that is empty while it is written.
    const told = await up.untilLine('what is wrong', ({ problems = [] }) =>
      problems.some((problem) => message.test(String(problem.message))),
    );
    expect(told.problems).toMatchObject([{ document: 1, line }]);
    expect(up.gate('db')).toMatchObject({ faults: 'toClient drop' });
  });

  test('that is empty for a moment, or gone, loses no gate', async () => {
    const { up, file } = await startUp({ gates: aGate('db', dropping) });
    await writeFile(file, '');
    await up.untilLine('that it is empty', ({ problems }) =>
      JSON.stringify(problems ?? '').includes('It is empty'),
    );
    await unlink(file);
    await up.untilLine('that it is gone', ({ problems }) =>
      JSON.stringify(problems ?? '').includes('does not exist'),
    );
    expect(up.gate('db')).toMatchObject({ faults: 'toClient drop' });
    await writeFile(file, aGate('db', { upstream }));
    await up.untilGate('db', ({ faults }) => faults === 'none');
  });

  test('at the start is the end', async () => {
    const home = await aFolder();
    await writeFile(join(home, 'gate.yaml'), aGate('db', { upstream: { host: 'a' }, seed: -1 }));
    const up = new Chaosgate(['up', '-f', 'gate.yaml'], { home });
    expect(await up.exit()).toBe(1);
    expect(up.stderr).toContain('gate.yaml:2: document 1: spec.upstream.port: Required value\n');
    expect(up.stderr).toMatch(/gate\.yaml:2: document 1: spec\.seed: Invalid value: -1/);
  });

  test('that is not there is the end, too', async () => {
    const up = new Chaosgate(['up', '-f', 'nowhere.yaml'], { home: await aFolder() });
    expect(await up.exit()).toBe(1);
    expect(up.stderr).toBe('nowhere.yaml: The file does not exist\n');
  });
});

describe('a folder', () => {
  async function startFolder(names: Record<string, string>) {
    const home = await aFolder();
    const folder = join(home, 'gates');
    await mkdir(folder);
    for (const [name, text] of Object.entries(names)) await writeFile(join(folder, name), text);
    return { ...(await startUp({ home, args: ['-f', folder] })), folder };
  }

  test('brings the gates of its YAML and JSON files, and follows files that come and go', async () => {
    const { up, folder } = await startFolder({
      'a.yaml': aGate('a', { upstream }),
      'b.json': aGate('b', { upstream }).replace('---', ''),
      'notes.txt': 'Dear diary',
    });
    await up.untilReady('a');
    await up.untilReady('b');
    await writeFile(join(folder, 'c.yml'), aGate('c', { upstream }));
    await up.untilReady('c');
    await unlink(join(folder, 'a.yaml'));
    await up.untilLine('a is gone', ({ type, name }) => type === 'removed' && name === 'a');
  });

  test('tells of a gate that two files have, and of the other kinds that it leaves out', async () => {
    const { up, folder } = await startFolder({
      'a.yaml': aGate('a', { upstream }),
      'b.yaml': `---\n${JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } })}\n`,
    });
    await up.untilLine('the Service', ({ others }) => JSON.stringify(others) === '["Service s"]');
    await writeFile(join(folder, 'c.yaml'), aGate('a', dropping));
    const message = `The gate default/a is in ${join(folder, 'a.yaml')}:2 already`;
    await up.untilLine(
      'the gate twice',
      ({ problems }) => problems?.length === 1 && problems[0]?.message === message,
    );
    // It moves from one file to the other without being removed in between.
    await unlink(join(folder, 'a.yaml'));
    await up.untilGate('a', isDropping);
    expect(up.lines.some(({ type }) => type === 'removed')).toBe(false);
  });

  test('that is away for a while loses no gate', async () => {
    const { up, folder } = await startFolder({ 'a.yaml': aGate('a', { upstream }) });
    await rename(folder, `${folder}.away`);
    await up.untilLine('that it is away', ({ problems }) => (problems?.length ?? 0) > 0);
    await stays('the gate is there', () => up.gate('a') !== undefined, 300);
    await rename(`${folder}.away`, folder);
    await writeFile(join(folder, 'a.yaml'), aGate('a', dropping));
    await up.untilGate('a', isDropping);
  });

  test('removes the gates of a file that went while nobody looked', async () => {
    const state = ['--state', 'state.json'];
    const home = await aFolder();
    const folder = join(home, 'gates');
    await mkdir(folder);
    await writeFile(join(folder, 'a.yaml'), aGate('a', { upstream }));
    await writeFile(join(folder, 'b.yaml'), aGate('b', { upstream }));
    const first = await startUp({ home, args: [...state, '-f', folder] });
    await first.kubectl.pipe(aGate('own', { upstream }), 'create', '-f', '-');
    await first.up.stop();
    await rm(join(folder, 'a.yaml'));
    const second = await startUp({ home, args: [...state, '-f', folder] });
    await second.up.untilReady('b');
    expect(await second.kubectl.run('get', 'tg', '-o', 'name')).toBe(
      'tcpgate.chaosgate.dev/b\ntcpgate.chaosgate.dev/own\n',
    );
  });
});

describe('-f', () => {
  test('takes several files with commas between them', async () => {
    const home = await aFolder();
    await writeFile(join(home, 'a.yaml'), aGate('a', { upstream }));
    await writeFile(join(home, 'b.yaml'), aGate('b', { upstream }));
    const { up } = await startUp({ home, args: ['-f', 'a.yaml,b.yaml'] });
    await up.untilReady('a');
    await up.untilReady('b');
  });

  test('takes what is in folders of folders with -R, and follows it', async () => {
    const home = await aFolder();
    const deep = join(home, 'gates', 'deep');
    await mkdir(deep, { recursive: true });
    await writeFile(join(home, 'gates', 'a.yaml'), aGate('a', { upstream }));
    await writeFile(join(deep, 'b.yaml'), aGate('b', { upstream }));
    const { up } = await startUp({ home, args: ['-R', '-f', 'gates'] });
    await up.untilReady('a');
    await up.untilReady('b');
    await mkdir(join(deep, 'deeper'));
    await writeFile(join(deep, 'deeper', 'c.yaml'), aGate('c', { upstream }));
    await up.untilReady('c');
    await rm(deep, { recursive: true });
    for (const name of ['b', 'c']) {
      await up.untilLine(
        `${name} is gone`,
        (line) => line.type === 'removed' && line.name === name,
      );
    }
    expect(up.gate('a')).toBeDefined();
  });

  test('leaves folders of folders alone without it', async () => {
    const home = await aFolder();
    await mkdir(join(home, 'gates', 'deep'), { recursive: true });
    await writeFile(join(home, 'gates', 'deep', 'a.yaml'), 'nothing: here');
    await writeFile(join(home, 'gates', 'b.yaml'), aGate('b', { upstream }));
    const { up } = await startUp({ home, args: ['-f', 'gates'] });
    await up.untilReady('b');
    expect(up.lines.filter(({ type }) => type === 'file')).toEqual([]);
  });

  test.each(['up', 'apply', 'delete'])(
    'of %s reads no URL, and says how to do it',
    async (command) => {
      const url = 'https://192.0.2.1/a.yaml?b=1,2';
      const home = await aFolder();
      const asked = new Chaosgate([command, '-f', url], {
        home,
        env: { KUBECONFIG: await unreachable(home) },
      });
      expect(await asked.exit()).toBe(1);
      expect(asked.stderr).toBe(
        `error: -f does not read URLs. Pipe it in:  curl -fsSL ${url} | ... -f -\n`,
      );
    },
  );

  test('takes a pipe, as <(...) of a shell is one', async () => {
    const home = await aFolder();
    await writeFile(join(home, 'a.yaml'), aGate('a', dropping));
    const line = `exec "$0" "$1" up --output json -f <(cat a.yaml)`;
    const up = new Chaosgate([], { home, shell: line });
    await up.untilGate('a', isDropping);
    // Nobody can read it again, and nothing is said to be wrong with that.
    await up.untilReady('a');
    expect(up.lines.filter(({ type }) => type === 'file')).toEqual([]);
  });
});

/** A kubeconfig of a server that nobody asks, because what is asked for is wrong before. */
async function unreachable(home: string): Promise<string> {
  const file = join(home, 'nowhere');
  const access = { url: 'https://127.0.0.1:1', certificate: '', token: 'none' };
  await writeFile(file, kubeconfigOf(access));
  return file;
}

test('standard input is read to its end', async () => {
  const input = aGate('a', { upstream }) + aGate('b', dropping);
  const { up } = await startUp({ args: ['-f', '-'], input });
  await up.untilReady('a');
  await up.untilGate('b', isDropping);
});

test('what `kubectl get -o yaml` prints can be a file', async () => {
  const first = await startUp({ gates: aGate('a', dropping) + aGate('b', { upstream }) });
  await first.up.untilReady('a');
  const text = await first.kubectl.run('get', 'tg', '-o', 'yaml');
  await first.up.stop();
  const second = await startUp({ gates: text });
  await second.up.untilGate('a', isDropping);
  await second.up.untilReady('b');
});
