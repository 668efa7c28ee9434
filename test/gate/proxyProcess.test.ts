import { describe, expect, test } from 'vitest';
import { Child } from './support/child.ts';
import { configsOf, type Door, doorsOf, passes } from './support/doors.ts';
import { type Folders, IDENTITY, proxyFolders, storedGeneration } from './support/folders.ts';
import { Peer } from './support/peer.ts';
import { freePorts, get, proxyCommand, snapshotOf, TestLink } from './support/proxy.ts';
import { TestServer } from './support/server.ts';
import { expectTook, until } from './support/time.ts';

const DROP = { toServer: { drop: {} } };

type ProxyPorts = Parameters<typeof proxyCommand>[1];

function spawn(folders: Folders, ports: ProxyPorts, ...more: string[]): Child {
  return Child.start('proxy.ts', [...proxyCommand(folders, ports), ...more]);
}

/** A proxy process in front of a server, which runs that snapshot. */
async function started(patch: object = {}) {
  const server = await TestServer.listen();
  const ports = await freePorts();
  const folders = await proxyFolders({ mounted: snapshotOf(1, server, patch) });
  const child = spawn(folders, ports);
  await child.says(/"msg":"Proxy started"/);
  const open = async () => {
    const [client, end] = await Promise.all([Peer.connect(ports.gate), server.accept()]);
    return { client, server: end };
  };
  return { server, ports, folders, child, open };
}

describe('the process of a proxy', () => {
  test('has the faults of its snapshot before its first client', async () => {
    const { open, ports } = await started(DROP);
    const { client, server } = await open();
    client.send('lost');
    client.finish();
    await server.seesFin();
    expect(server.length).toBe(0);
    expect(await get(ports.http, '/readyz')).toMatchObject({ status: 200 });
  });

  test('that is killed comes up with what it ran last', async () => {
    const { server, ports, folders, child } = await started();
    const link = new TestLink(ports.control, folders.key, IDENTITY);
    await link.push(snapshotOf(2, server, DROP));
    const { instance } = link.state.report ?? {};
    await storedGeneration(folders.state, 2);
    child.process.kill('SIGKILL');
    await child.exit();
    const again = spawn(folders, ports);
    await again.says(/"generation":2,.*"msg":"Proxy started"/);
    await until('the link is back', () => {
      const { report } = link.state;
      return report !== undefined && report.instance !== instance;
    });
    expect(link.state.report).toMatchObject({ generation: 2, faults: 'toServer drop' });
  });

  test.each(['control', 'http'] as const)(
    'resets clients that its gate would send to its own %s port',
    async (name) => {
      const ports = await freePorts();
      const upstream = { upstream: { host: '127.0.0.1', port: ports[name] } };
      const server = await TestServer.listen();
      const child = spawn(await proxyFolders({ mounted: snapshotOf(1, server, upstream) }), ports);
      await child.says(/"msg":"Proxy started"/);
      const client = await Peer.connect(ports.gate);
      await client.seesReset();
    },
  );

  test.each([
    [
      'a broken snapshot',
      { mounted: '{"generation":' },
      'Cannot read the snapshot in .*snapshot.json',
    ],
    ['a snapshot of another shape', { mounted: { generation: 1, config: {} } }, 'invalid_type'],
    ['a key that is too short', { key: Buffer.alloc(5) }, 'has 5 bytes instead of 32'],
  ])('refuses to start with %s, and says so', async (_, content, message) => {
    const ports = await freePorts();
    const child = spawn(await proxyFolders(content), ports);
    expect(await child.exit()).toBe(1);
    expect(child.output).toContain('"msg":"The process could not start"');
    expect(child.output).toMatch(new RegExp(message));
    await expect(Peer.connect(ports.gate)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test.each([
    ['--connection-bytes=10', 'Give an integer from 65536'],
    ['--gate-port=70000', 'Give an integer from 0 to 65535'],
    ['--nonsense', "unknown option '--nonsense'"],
  ])('refuses %s, and says why', async (option, message) => {
    const child = spawn(await proxyFolders(), await freePorts(), option);
    expect(await child.exit()).toBe(1);
    expect(child.output).toContain(message);
  });

  test('serves on after SIGTERM until its connections have ended', async () => {
    const { open, child } = await started();
    const { client, server } = await open();
    const start = performance.now();
    child.process.kill('SIGTERM');
    await child.says(/"msg":"Received a signal to stop"/);
    client.send('still here');
    await server.receives('still here');
    client.finish();
    server.finish();
    expect(await child.exit()).toBe(0);
    expectTook(performance.now() - start, 0, 3_000);
  });

  test('closes in order what is left after a while', async () => {
    const { open, child } = await started();
    const { client, server } = await open();
    const start = performance.now();
    child.process.kill('SIGTERM');
    await client.seesFin();
    await server.seesFin();
    expectTook(performance.now() - start, 5_000, 3_000);
    client.finish();
    server.finish();
    expect(await child.exit()).toBe(0);
  });

  test('leaves at once on a second signal', async () => {
    const { open, child } = await started();
    const { client } = await open();
    child.process.kill('SIGTERM');
    await child.says(/"msg":"Received a signal to stop"/);
    child.process.kill('SIGTERM');
    expect(await child.exit()).toBe(1);
    await until('its end', () => !client.isUntouched);
  });

  test('writes nothing but JSON, and no byte of what passes', async () => {
    const { open, child } = await started();
    const { client, server } = await open();
    client.send('a secret');
    await server.receives('a secret');
    client.reset();
    await server.seesReset();
    child.process.kill('SIGTERM');
    await child.exit();
    const lines = child.output.trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ component: 'proxy' });
    expect(child.output).not.toContain('secret');
  });
});

describe('the process of a proxy whose snapshots name the ports of its gate', () => {
  /** Two ports, the second one without faults. */
  async function startedWithTwo(patch: object = {}) {
    const [touched, other] = (await doorsOf(true, false)) as [Door, Door];
    const snapshot = (generation: number, next: object) => ({
      ...snapshotOf(generation, touched.server, next),
      ports: configsOf([touched, other]),
    });
    const folders = await proxyFolders({ mounted: snapshot(1, patch) });
    const { gate: _, ...ports } = await freePorts();
    const child = spawn(folders, ports);
    await child.says(/"msg":"Proxy started"/);
    return { touched, other, snapshot, folders, ports, child };
  }

  test('is killed and comes up with the ports and the faults that it ran last', async () => {
    const { touched, other, snapshot, folders, ports, child } = await startedWithTwo();
    await passes(await touched.open());
    const link = new TestLink(ports.control, folders.key, IDENTITY);
    await link.push(snapshot(2, DROP));
    await storedGeneration(folders.state, 2);
    child.process.kill('SIGKILL');
    await child.exit();
    const again = spawn(folders, ports);
    await again.says(/"generation":2,.*"msg":"Proxy started"/);
    await passes(await other.open());
    const { client, server } = await touched.open();
    client.send('lost');
    client.finish();
    await server.seesFin();
    expect(server.length).toBe(0);
    expect(await get(ports.http, '/readyz')).toMatchObject({ status: 200 });
  });

  test('passes everything once the gate is released', async () => {
    const { touched, snapshot, folders, ports } = await startedWithTwo(DROP);
    const pair = await touched.open();
    const link = new TestLink(ports.control, folders.key, IDENTITY);
    await link.push({ ...snapshot(2, DROP), stop: 'Released' });
    expect(link.state.report).toMatchObject({ faults: 'none (released: toServer drop)' });
    for (const each of [pair, await touched.open()]) await passes(each);
  });

  test('is not ready while one of them is taken, and says which', async () => {
    const [touched, other] = (await doorsOf(true, false)) as [Door, Door];
    const holder = await TestServer.listen({ port: other.config.listen });
    const ports = configsOf([touched, other]);
    const folders = await proxyFolders({ mounted: { ...snapshotOf(1, touched.server), ports } });
    const { gate: _, ...others } = await freePorts();
    await spawn(folders, others).says(/"msg":"Proxy started"/);
    expect(await get(others.http, '/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining(`Port ${other.config.listen} is already in use`),
    });
    await passes(await touched.open());
    const link = new TestLink(others.control, folders.key, IDENTITY);
    await until('the report', () => link.state.report !== undefined);
    expect(link.state.report?.listenError).toContain(`Port ${other.config.listen} is already`);
    holder.close();
    await until('it is ready', () => link.state.report?.listenError === undefined);
    expect(await get(others.http, '/readyz')).toMatchObject({ status: 200 });
  });

  test('serves all of them on after SIGTERM, then closes all in order', async () => {
    const { touched, other, child } = await startedWithTwo();
    const pairs = [await touched.open(), await other.open()];
    child.process.kill('SIGTERM');
    await child.says(/"msg":"Received a signal to stop"/);
    pairs.push(await touched.open(), await other.open());
    for (const pair of pairs) await passes(pair);
    for (const { client, server } of pairs) {
      await client.seesFin();
      await server.seesFin();
      client.finish();
      server.finish();
    }
    expect(await child.exit()).toBe(0);
    for (const door of [touched, other]) {
      await expect(door.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('refuses to start when its snapshot names none', async () => {
    const server = await TestServer.listen();
    const { gate: _, ...ports } = await freePorts();
    const child = spawn(await proxyFolders({ mounted: snapshotOf(1, server) }), ports);
    expect(await child.exit()).toBe(1);
    expect(child.output).toContain('neither its start nor this snapshot names one');
  });
});
