import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { deniedBy } from '../../src/gate/denied.ts';
import { Resolver, type ResolverOptions } from '../../src/gate/resolver.ts';
import { SOCKET_OPTIONS } from '../../src/gate/sockets.ts';
import { Upstream, type UpstreamState } from '../../src/gate/upstream.ts';
import { atEnd } from './support/atEnd.ts';
import { hangingServer } from './support/hangingServer.ts';
import { startHarness } from './support/harness.ts';
import { freePort } from './support/ports.ts';
import { TestServer } from './support/server.ts';
import { expectTimed, expectTook, stays, until } from './support/time.ts';

const never = () => new Promise<never>(() => {});

/** A gate to that host, with a name service of its own. */
function startWith(
  host: string,
  port: number,
  { timeout = 5_000, ...resolver }: ResolverOptions & { timeout?: number } = {},
) {
  return startHarness(
    { upstream: { host, port, connectTimeoutMilliseconds: timeout } },
    { resolver: new Resolver(resolver) },
  );
}

describe('an upstream that refuses', () => {
  test('resets its clients, and is reported', async () => {
    const port = await freePort();
    const harness = await startWith('127.0.0.1', port);
    const client = await harness.connect();
    client.send('hello');
    await client.seesReset();
    expect(client.length).toBe(0);
    expect(harness.gate.state.upstream).toEqual({
      reachable: false,
      reason: 'ConnectionRefused',
      message: `127.0.0.1 port ${port} refused the connection: nothing listens there`,
    });
    expect(harness.gate.state.connections).toEqual({ active: 0, accepted: 1, held: 0 });
    expect(harness.observed.closed).toEqual([]);
    expect(new Set(harness.observed.connectFailed)).toEqual(new Set(['ConnectionRefused']));
  });

  test('is known to be back from the next client', async () => {
    const port = await freePort();
    const harness = await startWith('127.0.0.1', port);
    await (await harness.connect()).seesReset();
    expect(harness.gate.state.upstream.reachable).toBe(false);
    const server = await TestServer.listen({ port });
    const client = await harness.connect();
    client.send('hello');
    await (await server.accept()).receives('hello');
    expect(harness.gate.state.upstream).toEqual({ reachable: true });
  });
});

describe('a gate opens no connection of its own', () => {
  const NOT_TRIED = { reachable: undefined };

  test('at its start: a server that accepts one connection gets the first client', async () => {
    const server = await TestServer.listen();
    const harness = await startWith('localhost', server.port);
    await stays('no connection', () => server.count === 0, 300);
    expect(harness.gate.state.upstream).toEqual(NOT_TRIED);
    const client = await harness.connect();
    client.send('first');
    await (await server.accept()).receives('first');
    expect(harness.gate.state.upstream).toEqual({ reachable: true });
    expect(server.count).toBe(1);
  });

  test('when its upstream is another one', async () => {
    const harness = await startHarness();
    await harness.open();
    const other = await TestServer.listen();
    await harness.set({ upstream: { host: 'localhost', port: other.port } });
    await stays('no connection', () => other.count === 0, 300);
    expect(harness.gate.state.upstream).toEqual(NOT_TRIED);
  });

  test('while its upstream is down', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
    atEnd(() => vi.useRealTimers());
    const port = await freePort();
    const harness = await startWith('127.0.0.1', port);
    await (await harness.connect()).seesReset();
    const server = await TestServer.listen({ port });
    await vi.advanceTimersByTimeAsync(3_600_000);
    await stays('no connection', () => server.count === 0);
    expect(harness.observed.connectFailed).toEqual(['ConnectionRefused']);
    expect(harness.gate.state.upstream.reachable).toBe(false);
  });
});

describe('an upstream that does not answer', () => {
  test('costs a client no more than the connect timeout', async () => {
    const port = await hangingServer();
    const harness = await startWith('127.0.0.1', port, { timeout: 400 });
    const start = performance.now();
    const client = await harness.connect();
    await client.seesReset();
    expectTimed(performance.now() - start, 400);
    expect(harness.gate.state.upstream).toEqual({
      reachable: false,
      reason: 'ConnectTimeout',
      message: `127.0.0.1 port ${port} did not answer within 400 ms`,
    });
  });

  test('holds up neither further clients nor a change, nor another gate', async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error) => warnings.push(name);
    process.on('warning', onWarning);
    atEnd(() => process.off('warning', onWarning));
    const resolver = new Resolver();
    const upstream = { host: '127.0.0.1', port: await hangingServer() };
    const harness = await startHarness({ upstream }, { resolver });
    const other = await startHarness({}, { resolver });
    await Promise.all(Array.from({ length: 50 }, () => harness.connect()));
    await until('all are taken on', () => harness.gate.state.connections.accepted === 50);
    const { client, server } = await other.open();
    client.send('hello');
    await server.receives('hello');
    await harness.set({ toServer: { stall: {} } });
    // New clients go to the new address at once, while the old ones still wait.
    await harness.set({ toServer: {}, upstream: { host: '127.0.0.1', port: harness.server.port } });
    await harness.open();
    expect(harness.gate.state.upstream).toEqual({ reachable: true });
    expect(warnings).toEqual([]);
  });

  test('does not hold up the end of the gate', async () => {
    const port = await hangingServer();
    const harness = await startWith('127.0.0.1', port, { timeout: 600_000 });
    const client = await harness.connect();
    await until('it is taken on', () => harness.gate.state.connections.accepted === 1);
    const start = performance.now();
    await harness.gate.close();
    await client.seesReset();
    expectTook(performance.now() - start, 0);
  });

  test('serves a client that came and spoke before the upstream answered', async () => {
    const addresses = Promise.withResolvers<readonly string[]>();
    const server = await TestServer.listen();
    const harness = await startWith('slow.test', server.port, { lookup: () => addresses.promise });
    const client = await harness.connect();
    client.send('all that it wants');
    client.finish();
    await sleep(100);
    addresses.resolve(['127.0.0.1']);
    const end = await server.accept();
    await end.receives('all that it wants');
    await end.seesFin();
    end.send('answer');
    end.finish();
    await client.receives('answer');
    await client.seesFin();
  });

  test('never sees a client that left in the meantime as an open connection', async () => {
    const addresses = Promise.withResolvers<readonly string[]>();
    const server = await TestServer.listen();
    const harness = await startWith('slow.test', server.port, { lookup: () => addresses.promise });
    const client = await harness.connect();
    await until('it is taken on', () => harness.gate.state.connections.accepted === 1);
    client.reset();
    await sleep(100);
    addresses.resolve(['127.0.0.1']);
    await (await server.accept()).seesReset();
    expect(harness.active).toBe(0);
  });
});

describe('a name', () => {
  test('is known not to resolve, and to resolve again, without a client', async () => {
    const found: string[] = [];
    const changes: UpstreamState[] = [];
    const upstream = new Upstream({
      resolver: new Resolver({ lookup: async () => found }),
      nameInterval: 10,
      onChange: () => changes.push(upstream.state),
      onConnectFailed: () => {
        throw new Error('Nobody has connected');
      },
    });
    atEnd(() => upstream.close());
    upstream.setAddress({ host: 'late.test', port: 1, connectTimeoutMilliseconds: 1_000 });
    await until('it is known', () => upstream.state.reason === 'NameNotResolved');
    found.push('127.0.0.1');
    await until('it is known', () => upstream.state.reason === undefined);
    expect(changes).toEqual([
      { reachable: false, reason: 'NameNotResolved', message: 'late.test has no address' },
      { reachable: undefined },
    ]);
  });

  test('that does not resolve resets its clients, and is reported', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('queryA'), { code: 'ENOTFOUND' }));
    const harness = await startWith('nowhere.test', 1, { lookup });
    const client = await harness.connect();
    await client.seesReset();
    expect(harness.gate.state.upstream).toEqual({
      reachable: false,
      reason: 'NameNotResolved',
      message: 'nowhere.test could not be resolved: ENOTFOUND',
    });
  });

  test('without an address is reported', async () => {
    const harness = await startWith('empty.test', 1, { lookup: async () => [] });
    const client = await harness.connect();
    await client.seesReset();
    expect(harness.gate.state.upstream).toMatchObject({
      reason: 'NameNotResolved',
      message: 'empty.test has no address',
    });
  });

  test('with denied addresses alone resets its clients, and connects to none of them', async () => {
    const server = await TestServer.listen();
    const isDenied = deniedBy(['127.0.0.0/8']);
    const lookup = async () => ['127.0.0.1', '::ffff:127.0.0.1'];
    const harness = await startWith('local.test', server.port, { lookup, isDenied });
    const client = await harness.connect();
    await client.seesReset();
    expect(harness.gate.state.upstream).toMatchObject({
      reachable: false,
      reason: 'AddressDenied',
    });
    expect(harness.gate.state.upstream.message).toMatch(
      /^Gates may not connect to local.test \(127.0.0.1\) port \d+: /,
    );
    expect(server.count).toBe(0);
  });

  test('with an allowed address among denied ones is reached by that one', async () => {
    const server = await TestServer.listen();
    const isDenied = deniedBy(['169.254.0.0/16']);
    const lookup = async () => ['169.254.169.254', '127.0.0.1'];
    const harness = await startWith('both.test', server.port, { lookup, isDenied });
    const [client, end] = await Promise.all([harness.connect(), server.accept()]);
    client.send('hello');
    await end.receives('hello');
  });

  test('whose server keeps silent costs no more than the connect timeout', async () => {
    const harness = await startWith('silent.test', 1, { lookup: never, timeout: 300 });
    const start = performance.now();
    const client = await harness.connect();
    await client.seesReset();
    expectTimed(performance.now() - start, 300);
    expect(harness.gate.state.upstream).toMatchObject({
      reason: 'NameNotResolved',
      message: 'silent.test could not be resolved: no answer within 300 ms',
    });
  });

  test('whose server keeps silent holds up no other gate', async () => {
    const lookup = (host: string) =>
      host === 'silent.test' ? never() : Promise.resolve(['127.0.0.1']);
    const resolver = new Resolver({ lookup });
    const server = await TestServer.listen();
    const silent = await startHarness({ upstream: { host: 'silent.test', port: 1 } }, { resolver });
    await Promise.all(Array.from({ length: 50 }, () => silent.connect()));
    await until('all wait', () => silent.gate.state.connections.accepted === 50);
    const other = await startHarness(
      { upstream: { host: 'fine.test', port: server.port } },
      { resolver, server },
    );
    const client = await other.connect();
    client.send('hello');
    await until('it is served', () => other.active === 1);
  });

  test.each([
    ['refuses', freePort],
    ['does not answer', hangingServer],
  ])('is served by its next address when the first one %s', async (_, first) => {
    const port = await first('127.0.0.1');
    const server = await TestServer.listen({ port, host: '127.0.0.2' });
    const asked: string[] = [];
    const lookup = async (host: string) => {
      asked.push(host);
      return ['127.0.0.1', '127.0.0.2'];
    };
    const harness = await startHarness(
      { upstream: { host: 'two.test', port, connectTimeoutMilliseconds: 1_000 } },
      { resolver: new Resolver({ lookup }), server },
    );
    const client = await harness.connect();
    client.send('hello');
    await harness.counts(1);
    await until('its bytes', () => harness.observed.bytes.toServer === 5);
    expect(asked).toContain('two.test');
    expect(harness.observed.connectFailed).toEqual([]);
  });

  test('of which no address answers costs no more than the connect timeout', async () => {
    const port = await hangingServer('127.0.0.1');
    await hangingServer('127.0.0.2', port);
    const lookup = async () => ['127.0.0.1', '127.0.0.2'];
    const harness = await startWith('two.test', port, { lookup, timeout: 1_000 });
    const start = performance.now();
    await (await harness.connect()).seesReset();
    expectTimed(performance.now() - start, 1_000, 2, 900);
    expect(harness.gate.state.upstream).toMatchObject({
      reason: 'ConnectTimeout',
      message: `two.test (127.0.0.2) port ${port} did not answer within 1000 ms`,
    });
  });

  test('of which all addresses refuse is reported with the last one', async () => {
    const port = await freePort();
    const lookup = async () => ['127.0.0.1', '127.0.0.2', '::1'];
    const harness = await startWith('three.test', port, { lookup });
    await (await harness.connect()).seesReset();
    expect(harness.gate.state.upstream).toMatchObject({
      reason: 'ConnectionRefused',
      message: `three.test (::1) port ${port} refused the connection: nothing listens there`,
    });
  });

  test('is resolved again when its answer is old', async () => {
    const old = await TestServer.listen({ host: '127.0.0.1' });
    const current = await TestServer.listen({ host: '127.0.0.2', port: old.port });
    let address = '127.0.0.1';
    let clock = 0;
    const resolver = new Resolver({ lookup: async () => [address], now: () => clock });
    const upstream = { host: 'moving.test', port: old.port };
    const harness = await startHarness({ upstream }, { resolver, server: old });
    await harness.connect();
    await harness.counts(1);
    address = '127.0.0.2';
    await harness.connect();
    await harness.counts(2);
    expect(current.count).toBe(0);
    clock = 1_000;
    await harness.connect();
    await current.accept();
    await harness.counts(3);
    current.close();
  });
});

describe('an address', () => {
  test.each(['127.0.0.1', '::1', 'localhost'])('%s is connected to', async (host) => {
    const server = await TestServer.listen({ host });
    const harness = await startHarness({ upstream: { host, port: server.port } }, { server });
    const client = await harness.connect();
    client.send('hello');
    await harness.counts(1);
    await until('its bytes', () => harness.observed.bytes.toServer === 5);
  });

  test('that changes is for new connections; the open ones stay where they are', async () => {
    const harness = await startHarness();
    const old = await harness.open();
    const server = await TestServer.listen();
    await harness.set({ upstream: { host: '127.0.0.1', port: server.port } });
    const client = await harness.connect();
    client.send('new');
    await (await server.accept()).receives('new');
    old.client.send('old');
    await old.server.receives('old');
  });
});

test('a port where nobody listens is not reached by a socket that is connected to itself', async () => {
  const port = await freePort();
  // The system gives it that port once in some 28,000 times.
  const options: { localPort?: number } & object = SOCKET_OPTIONS as object;
  options.localPort = port;
  atEnd(() => {
    delete options.localPort;
  });
  const harness = await startWith('127.0.0.1', port);
  const client = await harness.connect();
  client.send('hello');
  await client.seesReset();
  expect(harness.gate.state.upstream).toMatchObject({ reason: 'ConnectionRefused' });
});
