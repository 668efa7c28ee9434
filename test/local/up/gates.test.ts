/** Gates of `chaosgate up`, changed by kubectl, seen by clients and servers. */
import { describe, expect, test } from 'vitest';
import { Peer } from '../../gate/support/peer.ts';
import { freePort } from '../../gate/support/ports.ts';
import { TestServer } from '../../gate/support/server.ts';
import { aGate, portIn, startUp, type Up } from './support/up.ts';

const refused = { code: 'ECONNREFUSED' };

/** A gate `db` in front of a server, both on loopback. */
async function startDb(spec: object = {}): Promise<Up & { server: TestServer; port: number }> {
  const server = await TestServer.listen();
  const upstream = { host: '127.0.0.1', port: server.port };
  const up = await startUp({ gates: aGate('db', { upstream, ...spec }) });
  return { ...up, server, port: portIn(await up.up.untilReady('db')) };
}

async function open(port: number, server: TestServer): Promise<{ client: Peer; end: Peer }> {
  const [client, end] = await Promise.all([Peer.connect(port), server.accept()]);
  return { client, end };
}

/** Returns when the change is in force: that is what Programmed says. */
async function patch({ kubectl }: Up, spec: object, name = 'db'): Promise<void> {
  await kubectl.run('patch', 'tg', name, '--type=merge', '-p', JSON.stringify({ spec }));
  await kubectl.run('wait', `tg/${name}`, '--for=condition=Programmed', '--timeout=5s');
}

describe('a patch by kubectl', () => {
  test('reaches an open connection, and is lifted from it', async () => {
    const up = await startDb();
    const { client, end } = await open(up.port, up.server);
    client.send('one');
    await end.receives('one');
    await patch(up, { toServer: { drop: {} } });
    client.send('two');
    await end.seesNothingMore();
    await patch(up, { toServer: null });
    client.send('three');
    await end.receives('onethree');
    expect(client.isUntouched).toBe(true);
  });

  test('refuses new connections, and leaves open ones alone', async () => {
    const up = await startDb();
    const { client, end } = await open(up.port, up.server);
    await patch(up, { newConnections: 'Refuse' });
    await expect(Peer.connect(up.port)).rejects.toMatchObject(refused);
    client.send('still here');
    await end.receives('still here');
    await patch(up, { newConnections: null });
    await open(up.port, up.server);
  });

  test('closes connections once, the oldest first', async () => {
    const up = await startDb();
    const first = await open(up.port, up.server);
    const second = await open(up.port, up.server);
    await patch(up, { disconnect: { nonce: '1', how: 'Reset', count: 1 } });
    await first.client.seesReset();
    await patch(up, { seed: 7 });
    second.client.send('x');
    await second.end.receives('x');
    const path = 'jsonpath={.status.disconnect}';
    const disconnect = JSON.parse(await up.kubectl.run('get', 'tg', 'db', '-o', path));
    expect(disconnect).toEqual({ nonce: '1', closed: 1 });
  });

  test('of the port moves the gate with its connections open', async () => {
    const up = await startDb();
    const { client, end } = await open(up.port, up.server);
    const port = await freePort();
    await patch(up, { listen: { port } });
    expect(portIn(await up.up.untilGate('db', (gate) => portIn(gate) === port))).toBe(port);
    await expect(Peer.connect(up.port)).rejects.toMatchObject(refused);
    await open(port, up.server);
    client.send('still here');
    await end.receives('still here');
    // Who names no port any more has no reason to be moved.
    await patch(up, { listen: null });
    await open(port, up.server);
  });

  test('to a port that is taken says so, and the old one serves until the new one is free', async () => {
    const up = await startDb();
    const holder = await TestServer.listen();
    const { port } = holder;
    const wish = JSON.stringify({ spec: { listen: { port } } });
    await up.kubectl.run('patch', 'tg', 'db', '--type=merge', '-p', wish);
    const told = await up.up.untilGate('db', ({ ready }) => ready === false);
    expect(told.message).toContain(`Port ${port} is already in use`);
    expect(portIn(told)).toBe(up.port);
    await open(up.port, up.server);
    holder.close();
    await up.up.untilGate('db', (gate) => gate.ready === true && portIn(gate) === port);
    await open(port, up.server);
  });

  test('of the upstream leads new connections there', async () => {
    const up = await startDb();
    const { client, end } = await open(up.port, up.server);
    const other = await TestServer.listen();
    await patch(up, { upstream: { port: other.port } });
    await open(up.port, other);
    client.send('x');
    await end.receives('x');
  });
});

describe('a gate', () => {
  test('tells of its connections within moments', async () => {
    const up = await startDb();
    const { client } = await open(up.port, up.server);
    await up.up.untilGate('db', ({ connections }) => connections?.active === 1);
    await up.kubectl.run('wait', 'tg/db', '--for=condition=Connected', '--timeout=5s');
    client.reset();
    await up.up.untilGate('db', ({ connections }) => connections?.active === 0);
    const conditions = await up.kubectl.run('get', 'tg', 'db', '-o', 'jsonpath={.status.proxies}');
    expect(JSON.parse(conditions)).toEqual({ desired: 1, ready: 1, programmed: 1 });
  });

  test('takes the port of an upstream on another machine, and any where that is taken', async () => {
    const port = await freePort();
    const upstream = { host: '192.0.2.1', port };
    const { up } = await startUp({
      gates: aGate('first', { upstream }) + aGate('second', { upstream }),
    });
    expect(portIn(await up.untilReady('first'))).toBe(port);
    expect(portIn(await up.untilReady('second'))).not.toBe(port);
  });

  test('does not take the port of an upstream on this machine, even before that listens', async () => {
    const port = await freePort();
    const gates = aGate('db', { upstream: { host: 'localhost', port } });
    const { up } = await startUp({ gates });
    expect(portIn(await up.untilReady('db'))).not.toBe(port);
    await TestServer.listen({ port });
  });

  test('that would connect to itself is not run, and says what to do', async () => {
    const port = await freePort();
    const spec = { upstream: { host: 'localhost', port }, listen: { port } };
    const { up, kubectl } = await startUp({ gates: aGate('db', spec) });
    const { message } = await up.untilGate(
      'db',
      (gate) => gate.message?.includes('itself') ?? false,
    );
    expect(message).toContain('Set spec.listen.port to another port');
    await expect(Peer.connect(port)).rejects.toMatchObject(refused);
    await kubectl.run('wait', 'tg/db', '--for=condition=Stalled', '--timeout=5s');
    const other = await freePort();
    await kubectl.run(
      'patch',
      'tg',
      'db',
      '--type=merge',
      '-p',
      `{"spec":{"listen":{"port":${other}}}}`,
    );
    expect(portIn(await up.untilReady('db'))).toBe(other);
  });

  test('whose clients come back over another gate resets them, and says so', async () => {
    const [one, two] = [await freePort(), await freePort()];
    const leading = (port: number, upstream: number) => ({
      upstream: { host: '127.0.0.1', port: upstream },
      listen: { port },
    });
    const gates = aGate('one', leading(one, two)) + aGate('two', leading(two, one));
    const { up, kubectl } = await startUp({ gates });
    await up.untilReady('one');
    await up.untilReady('two');
    await (await Peer.connect(one)).seesReset();
    for (const name of ['one', 'two']) {
      const told = await up.untilGate(name, (gate) => gate.upstreamReachable === 'False');
      expect(told.upstreamMessage).toContain(`leads back to this gate, through 127.0.0.1 port`);
      const reason = '{.status.conditions[?(@.type=="UpstreamReachable")].reason}';
      await kubectl.run('wait', `tg/${name}`, `--for=jsonpath=${reason}=LoopDetected`);
    }
  });

  test('is gone with its port and connections when it is deleted, and can be created again', async () => {
    const up = await startDb();
    const { client } = await open(up.port, up.server);
    await up.kubectl.run('delete', 'tg', 'db');
    await client.seesFin();
    await expect(Peer.connect(up.port)).rejects.toMatchObject(refused);
    const upstream = { host: '127.0.0.1', port: up.server.port };
    const spec = { upstream, listen: { port: up.port } };
    await up.kubectl.pipe(aGate('db', spec), 'create', '-f', '-');
    await up.kubectl.run('wait', 'tg/db', '--for=condition=Ready', '--timeout=5s');
    await open(up.port, up.server);
  });

  test('lists its events in its description', async () => {
    const up = await startDb();
    await patch(up, { toClient: { drop: {} } });
    // Events are written in the background.
    await up.kubectl.run('wait', '--for=create', 'events', '--field-selector=reason=Programmed');
    const described = await up.kubectl.run('describe', 'tg', 'db');
    expect(described).toMatch(/Programmed.*chaosgate-operator.*In force: toClient drop/);
  });

  test('has its status put right when somebody else writes it', async () => {
    const { kubectl } = await startDb();
    const lies = { faults: 'lies', connections: { active: 77, accepted: 0 } };
    const patch = ['patch', 'tg', 'db', '--subresource=status', '--type=merge', '-p'];
    await kubectl.run(...patch, JSON.stringify({ status: lies }));
    await kubectl.run('wait', 'tg/db', '--for=jsonpath={.status.faults}=none', '--timeout=5s');
    await kubectl.run(...patch, '{"status":null}');
    await kubectl.run('wait', 'tg/db', '--for=condition=Ready', '--timeout=5s');
    await kubectl.run('wait', '--for=create', 'events', '--field-selector=reason=StatusChanged');
    const described = await kubectl.run('describe', 'tg', 'db');
    expect(described).toMatch(/StatusChanged.*was written by field manager "kubectl-patch"/);
  });

  test('listens where it is told to', async () => {
    const server = await TestServer.listen();
    const gates = aGate('db', { upstream: { host: '127.0.0.1', port: server.port } });
    const { up } = await startUp({ gates, args: ['--listen', '[::1]'] });
    const { listen } = await up.untilReady('db');
    expect(listen).toMatch(/^\[::1\]:\d+$/);
    const port = Number(listen?.split(':').at(-1));
    await Promise.all([Peer.connect(port, '::1'), server.accept()]);
    await expect(Peer.connect(port, '127.0.0.1')).rejects.toMatchObject(refused);
  });

  test('closes its connections in order when it all ends', async () => {
    const up = await startDb();
    const { client, end } = await open(up.port, up.server);
    expect(await up.up.stop('SIGINT')).toBe(0);
    await client.seesFin();
    await end.seesFin();
  });
});
