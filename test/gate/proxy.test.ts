import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { KEY_BYTES, PSK_TLS } from '../../src/control/psk.ts';
import { atEnd } from './support/atEnd.ts';
import { IDENTITY, proxyFolders, storedGeneration } from './support/folders.ts';
import { freePorts, snapshotOf, startProxy, type TestProxy } from './support/proxy.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/time.ts';

const DROP = { toServer: { drop: {} } };
const refused = { code: 'ECONNREFUSED' };

/** Whether a client's bytes arrive at the server. */
async function passes(proxy: TestProxy, server: TestServer): Promise<boolean> {
  const client = await proxy.connect();
  await activeOf(proxy, 1);
  client.send('hello');
  client.finish();
  const ends = server.peers;
  await until(
    'its FIN at the server',
    () => ends.length > 0 && ends.every(({ finAt, error }) => finAt ?? error),
  );
  client.socket.destroy();
  for (const { socket } of ends) socket.destroy();
  await activeOf(proxy, 0);
  return ends.some(({ text }) => text === 'hello');
}

async function activeOf(proxy: TestProxy, count: number): Promise<void> {
  let text = '';
  const sample = `chaosgate_connections_active{namespace="staging",gate="postgres"} ${count}`;
  for (let attempt = 0; attempt < 500 && !text.includes(sample); attempt += 1) {
    ({ text } = await proxy.get('/metrics'));
  }
  expect(text).toContain(sample);
}

describe('a proxy that starts', () => {
  test('without a snapshot accepts no client, and is not ready until it has one', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy();
    await expect(proxy.connect()).rejects.toMatchObject(refused);
    expect(await proxy.get('/readyz')).toEqual({
      status: 503,
      text: 'The gate has no snapshot yet\n',
    });
    expect(await proxy.get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    await proxy.link().push(snapshotOf(1, server));
    expect(await proxy.get('/readyz')).toEqual({ status: 200, text: 'ok\n' });
    expect(await passes(proxy, server)).toBe(true);
  });

  test('with a mounted snapshot has its faults before the first client', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy(await proxyFolders({ mounted: snapshotOf(4, server, DROP) }));
    expect(await proxy.get('/readyz')).toMatchObject({ status: 200 });
    expect(await passes(proxy, server)).toBe(false);
    const link = proxy.link();
    await until('a report', () => link.state.report !== undefined);
    expect(link.state.report).toMatchObject({ generation: 4, faults: 'toServer drop' });
  });

  test('with a mounted Refuse never lets a client in, and is ready', async () => {
    const server = await TestServer.listen();
    const snapshot = snapshotOf(4, server, { newConnections: 'Refuse' });
    const proxy = await startProxy(await proxyFolders({ mounted: snapshot }));
    await expect(proxy.connect()).rejects.toMatchObject(refused);
    expect(await proxy.get('/readyz')).toMatchObject({ status: 200 });
  });

  test.each([
    ['stored', 5, 4],
    ['mounted', 4, 5],
  ])('runs the newer snapshot, here the %s one', async (newer, stored, mounted) => {
    const server = await TestServer.listen();
    const folders = await proxyFolders({
      stored: snapshotOf(stored, server, newer === 'stored' ? DROP : {}),
      mounted: snapshotOf(mounted, server, newer === 'mounted' ? DROP : {}),
    });
    expect(await passes(await startProxy(folders), server)).toBe(false);
  });

  test('again runs what it ran last, although what is mounted is older', async () => {
    const server = await TestServer.listen();
    const folders = await proxyFolders({ mounted: snapshotOf(1, server) });
    const first = await startProxy(folders);
    await first.link().push(snapshotOf(2, server, DROP));
    await storedGeneration(folders.state, 2);
    await first.process.stop();
    expect(await passes(await startProxy(folders), server)).toBe(false);
  });

  test('on a port that is taken is not ready, says why, and gets it later', async () => {
    const server = await TestServer.listen();
    const ports = await freePorts();
    const holder = await TestServer.listen({ port: ports.gate });
    const folders = await proxyFolders({ mounted: snapshotOf(1, server) });
    const proxy = await startProxy(folders, ports);
    expect(await proxy.get('/readyz')).toEqual({
      status: 503,
      text: `Port ${ports.gate} is already in use: choose another port, or stop the process that listens on it\n`,
    });
    const link = proxy.link();
    await until('a report', () => link.state.report?.listenError !== undefined);
    holder.close();
    await until('the port is there', () => {
      const { report } = link.state;
      return report !== undefined && report.listenError === undefined;
    });
    expect(await proxy.get('/readyz')).toMatchObject({ status: 200 });
  });
});

describe('a proxy refuses to start', () => {
  test.each([
    ['half a mounted snapshot', { mounted: '{"generation":3,"con' }, 'mounted'],
    ['half a stored snapshot', { stored: '{"generation":3,"con' }, 'state'],
    ['an empty snapshot', { mounted: '' }, 'mounted'],
    ['a snapshot of another shape', { mounted: { generation: 3 } }, 'mounted'],
    ['a snapshot with a value out of range', { mounted: { generation: 0, config: {} } }, 'mounted'],
  ])('with %s, and names the file', async (_, snapshots, folder) => {
    const folders = await proxyFolders(snapshots);
    const ports = await freePorts();
    const path = join(folders[folder as 'mounted' | 'state'], 'snapshot.json');
    await expect(startProxy(folders, ports)).rejects.toThrow(`Cannot read the snapshot in ${path}`);
  });

  test('with a key of another length', async () => {
    const folders = await proxyFolders({ key: randomBytes(16) });
    await expect(startProxy(folders)).rejects.toThrow("The gate's key has 16 bytes instead of 32");
  });

  test('on a control port that is taken, and leaves nothing behind', async () => {
    const ports = await freePorts();
    const server = await TestServer.listen({ port: ports.control, host: '::' });
    const folders = await proxyFolders({ mounted: snapshotOf(1, server) });
    await expect(startProxy(folders, ports)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the control port of a proxy', () => {
  async function started() {
    const server = await TestServer.listen();
    const proxy = await startProxy(await proxyFolders({ mounted: snapshotOf(1, server, DROP) }));
    return { server, proxy };
  }

  test.each([
    ['another key', { key: randomBytes(KEY_BYTES) }],
    ['an empty key', { key: Buffer.alloc(1) }],
    ['the name of another gate', { identity: 'staging/other' }],
    ['no name', { identity: '' }],
  ])('is closed to %s', async (_, credentials) => {
    const { proxy, server } = await started();
    const stranger = proxy.link(credentials);
    stranger.link.push(snapshotOf(2, server));
    await until('it is turned away', () => stranger.errors.length > 1);
    expect(stranger.state.report).toBeUndefined();
    const owner = proxy.link();
    await until('a report', () => owner.state.report !== undefined);
    expect(owner.state.report).toMatchObject({ generation: 1, faults: 'toServer drop' });
    expect(proxy.log.some(({ msg }) => msg === 'Control connection failed')).toBe(true);
  });

  test.each([
    ['without a key', {}],
    ['with a certificate, or none, under TLS 1.3', { minVersion: 'TLSv1.3' }],
    [
      'with the key, but without forward secrecy',
      { ciphers: 'PSK-AES256-GCM-SHA384', maxVersion: 'TLSv1.2', pskCallback: true },
    ],
  ])('is closed to TLS %s', async (_, options) => {
    const { proxy } = await started();
    const socket = connectTls({
      ...(options as ConnectionOptions),
      host: '127.0.0.1',
      port: proxy.ports.control,
      rejectUnauthorized: false,
      ...('pskCallback' in options
        ? { pskCallback: () => ({ psk: proxy.folders.key, identity: IDENTITY }) }
        : {}),
    });
    atEnd(() => socket.destroy());
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/ERR_SSL|ECONNRESET/);
  });

  test('is closed to plain text', async () => {
    const { proxy, server } = await started();
    const client = await proxy.connect('control');
    client.send(`${JSON.stringify({ type: 'apply', snapshot: snapshotOf(2, server) })}\n`);
    await until('it is turned away', () => !client.isUntouched);
    expect(await passes(proxy, server)).toBe(false);
  });

  test('is served in TLS 1.2 with the forward secret cipher', async () => {
    const { proxy } = await started();
    const socket = connectTls({
      ...PSK_TLS,
      host: '127.0.0.1',
      port: proxy.ports.control,
      pskCallback: () => ({ psk: proxy.folders.key, identity: IDENTITY }),
      checkServerIdentity: () => undefined,
    });
    atEnd(() => socket.destroy());
    await once(socket, 'secureConnect');
    expect(socket.getProtocol()).toBe('TLSv1.2');
    expect(socket.getCipher().name).toContain('ECDHE-PSK');
  });
});

describe('a snapshot', () => {
  test('is in force on every open connection when it is answered', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy();
    const link = proxy.link();
    await link.push(snapshotOf(1, server));
    const client = await proxy.connect();
    const end = await server.accept();
    for (let generation = 2; generation < 20; generation += 2) {
      await link.push(snapshotOf(generation, server, DROP));
      client.send('lost');
      await activeOf(proxy, 1);
      await link.push(snapshotOf(generation + 1, server));
      client.send('.');
      await end.receives('.'.repeat(generation / 2));
    }
  });

  test('that is older than the one in force is refused', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy(await proxyFolders({ mounted: snapshotOf(5, server, DROP) }));
    const link = proxy.link();
    link.link.push(snapshotOf(4, server));
    await until('an answer', () => link.state.rejected !== undefined);
    expect(link.state.rejected).toMatchObject({
      generation: 4,
      message: 'The gate runs generation 5; 4 is older',
    });
    expect(await passes(proxy, server)).toBe(false);
  });

  test('is stored whole and the latest one, however fast they come', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy();
    const link = proxy.link();
    await until('a report', () => link.state.report !== undefined);
    for (let generation = 1; generation <= 200; generation += 1) {
      const delay = { milliseconds: 3_600_000, jitterMilliseconds: generation };
      link.link.push(
        snapshotOf(generation, server, generation % 2 === 0 ? { toServer: { delay } } : {}),
      );
    }
    await until('the last', () => link.state.report?.generation === 200);
    await storedGeneration(proxy.folders.state, 200);
    const warnings = proxy.log.filter(({ level }) => Number(level) >= 40).map(({ msg }) => msg);
    expect(new Set(warnings)).toEqual(new Set());
  });

  test('does not run a disconnect that another process has run', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy();
    const link = proxy.link();
    await link.push(snapshotOf(1, server));
    const client = await proxy.connect();
    await activeOf(proxy, 1);
    const disconnect = { nonce: 'a', how: 'Reset' };
    await link.push({ ...snapshotOf(2, server, { disconnect }), disconnectedNonce: 'a' });
    expect(link.state.report?.disconnectNonce).toBe('a');
    expect(client.isUntouched).toBe(true);
    await link.push(snapshotOf(3, server, { disconnect: { ...disconnect, nonce: 'b' } }));
    await client.seesReset();
  });
});

describe('the numbers of a proxy', () => {
  test('are there while connections are open', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy(await proxyFolders({ mounted: snapshotOf(7, server) }));
    const client = await proxy.connect();
    const end = await server.accept();
    client.send('12345');
    await end.receives('12345');
    end.send('123');
    await client.receives('123');
    await proxy.link().push(snapshotOf(8, server, { toClient: { delay: { milliseconds: 20 } } }));
    end.send('4567');
    await client.receives('1234567');
    const gate = 'namespace="staging",gate="postgres"';
    const { text } = await proxy.get('/metrics');
    for (const sample of [
      `connections_active{${gate}} 1`,
      `connections_accepted_total{${gate}} 1`,
      `connections_held{${gate}} 0`,
      `config_generation{${gate}} 8`,
      `bytes_total{${gate},direction="toServer"} 5`,
      `bytes_total{${gate},direction="toClient"} 7`,
      `fault_injections_total{${gate},direction="toClient",fault="delay"} 1`,
      `upstream_connect_duration_seconds_count{${gate}} 1`,
      `injected_delay_seconds_count{${gate},direction="toClient"} 1`,
      `config_apply_duration_seconds_count{${gate}} 2`,
    ]) {
      expect(text).toContain(`\nchaosgate_${sample}\n`);
    }
    expect(text).toMatch(/\nchaosgate_build_info\{version="[^"]+",node="v\d+[^"]*"\} 1\n/);
    client.reset();
    await activeOf(proxy, 0);
    expect((await proxy.get('/metrics')).text).toContain(
      `\nchaosgate_connections_closed_total{${gate},reason="ClientReset"} 1\n`,
    );
  });

  test('count what an upstream refuses', async () => {
    const server = await TestServer.listen();
    const snapshot = snapshotOf(1, server);
    server.close();
    const proxy = await startProxy(await proxyFolders({ mounted: snapshot }));
    await (await proxy.connect()).seesReset();
    expect((await proxy.get('/metrics')).text).toMatch(
      /\nchaosgate_upstream_connect_failures_total\{[^}]*reason="ConnectionRefused"\} 1\n/,
    );
  });

  test('have no other address', async () => {
    const proxy = await startProxy();
    expect(await proxy.get('/')).toMatchObject({ status: 404 });
  });

  test('reach the operator by themselves', async () => {
    const server = await TestServer.listen();
    const proxy = await startProxy(await proxyFolders({ mounted: snapshotOf(1, server) }));
    const link = proxy.link();
    const counts = (active: number, accepted: number) =>
      until(
        () => JSON.stringify(link.state.report),
        () => {
          const { connections } = link.state.report ?? {};
          return connections?.active === active && connections.accepted === accepted;
        },
      );
    await counts(0, 0);
    const clients = [await proxy.connect(), await proxy.connect()];
    await counts(2, 2);
    for (const client of clients) client.reset();
    await counts(0, 2);
  });
});
