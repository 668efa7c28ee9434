/** What `chaosgate up` says where its output is no terminal. */
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atEnd } from '../../gate/support/atEnd.ts';
import { Peer } from '../../gate/support/peer.ts';
import { freePort } from '../../gate/support/ports.ts';
import { TestServer } from '../../gate/support/server.ts';
import { Kubectl, kubectlProgram } from '../support/kubectl.ts';
import { aFolder, aGate, Chaosgate, portIn, startUp } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };

test('--output json has a document per line for each change', async () => {
  const server = await TestServer.listen();
  const spec = { upstream: { host: '127.0.0.1', port: server.port } };
  const { up, kubectl, home, file } = await startUp({ gates: aGate('db', spec) });
  const ready = await up.untilReady('db');
  const { listen } = ready;
  await Promise.all([Peer.connect(portIn(ready)), server.accept()]);
  await up.untilGate('db', ({ connections }) => connections?.active === 1);
  await kubectl.run(
    'patch',
    'tg',
    'db',
    '--type=merge',
    '-p',
    '{"spec":{"newConnections":"Hold"}}',
  );
  await up.untilGate('db', (gate) => gate.generation === 2 && gate.programmed === true);
  await kubectl.run('delete', 'tg', 'db');
  await up.untilLine('the gate is gone', ({ type }) => type === 'removed');
  await up.stop();
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  const db = { time, namespace: 'default', name: 'db' };
  expect(up.lines[0]).toEqual({
    time,
    type: 'started',
    listen: '127.0.0.1',
    kubeconfig: join(home, '.chaosgate', 'kubeconfig'),
    api: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
  });
  expect(up.lines.filter(({ type }) => type === 'gate').at(-1)).toEqual({
    ...db,
    type: 'gate',
    generation: 2,
    ready: true,
    programmed: true,
    message: '',
    listen,
    upstream: `127.0.0.1:${server.port}`,
    upstreamReachable: 'True',
    upstreamMessage: '',
    newConnections: 'Hold',
    faults: 'none',
    faultsEndTime: '',
    connections: { active: 1, accepted: 1 },
  });
  expect(up.lines.slice(-2)).toEqual([
    { ...db, type: 'removed' },
    { time, type: 'stopped' },
  ]);
  expect(file).toContain(home);
});

test('an upstream that cannot be reached is in the table and in the JSON', async () => {
  const port = await freePort();
  const gates =
    aGate('db', { upstream: { host: '127.0.0.1', port } }) +
    aGate('typo', { upstream: { host: 'no-such-host.invalid', port: 1 } });
  const { up, home, file } = await startUp({ gates });
  // Without a client, a name shows at once.
  const typo = await up.untilGate('typo', (gate) => gate.upstreamReachable === 'False');
  expect(typo.upstreamMessage).toMatch(/no-such-host\.invalid/);
  const { listen } = await up.untilReady('db');
  const client = connect({ host: '127.0.0.1', port: Number(listen?.split(':')[1]) });
  client.on('error', () => {});
  atEnd(() => client.destroy());
  const gate = await up.untilGate('db', ({ upstreamReachable }) => upstreamReachable === 'False');
  expect(gate).toMatchObject({ ready: true, message: '' });
  expect(gate.upstreamMessage).toMatch(/refused/i);

  const table = new Chaosgate(['up', '-f', file, '--kubeconfig', 'other'], { home });
  await table.says(/^typo .* no-such-host\.invalid:1 \(unreachable\) +Accept/m);
  await table.says(/^typo: .*no-such-host\.invalid/m);
});

test('the table grows by a line for each change of a gate, and problems go to the error output', async () => {
  const server = await TestServer.listen();
  const upstream = { host: '127.0.0.1', port: server.port };
  const home = await aFolder();
  const file = join(home, 'gates.yaml');
  await writeFile(file, aGate('db', { upstream, listen: { port: 16_432 } }));
  const up = new Chaosgate(['up', '-f', 'gates.yaml', '--kubeconfig', 'config'], { home });
  await up.says(/^db /m);
  const kubectl = new Kubectl(await kubectlProgram(), join(home, 'config'), home);
  await kubectl.run('patch', 'tg', 'db', '--type=merge', '-p', '{"spec":{"toClient":{"drop":{}}}}');
  await up.says(/toClient drop/);
  await writeFile(file, 'nothing: here\n');
  await up.says(/unchanged until this is fixed/);
  await writeFile(file, aGate('db', { upstream, listen: { port: 16_432 } }));
  await up.says(/in force again/);
  await kubectl.run('delete', 'tg', 'db');
  await up.says(/db was removed/);
  expect(await up.stop()).toBe(0);
  const place = `127.0.0.1:${server.port}`;
  expect(up.stdout).toBe(`\
Gates listen on 127.0.0.1. To use kubectl:  export KUBECONFIG=${join(home, 'config')}
NAME   LISTEN            ${'UPSTREAM'.padEnd(place.length)}   NEW CONNECTIONS   FAULTS   CONNS   IN      OUT
db     127.0.0.1:16432   ${place}   Accept            none     0       0 B/s   0 B/s
db     127.0.0.1:16432   ${place}   Accept            toClient drop   0       0 B/s   0 B/s
db was removed
`);
  expect(up.stderr).toBe(`\
gates.yaml:1: document 1: kind: Required value
gates.yaml: its gates stay unchanged until this is fixed
gates.yaml is in force again
`);
});

test('a reader that has had enough ends it in order', async () => {
  const home = await aFolder();
  const up = new Chaosgate(['up', '--output', 'json'], { home });
  await up.untilLine('it started', ({ type }) => type === 'started');
  up.process.stdout?.destroy();
  const kubectl = new Kubectl(await kubectlProgram(), join(home, '.chaosgate/kubeconfig'), home);
  await kubectl.pipe(aGate('db', { upstream }), 'create', '-f', '-');
  expect(await up.exit()).toBe(0);
});
