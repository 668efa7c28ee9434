import { describe, expect, test } from 'vitest';
import { Resolver } from '../../src/gate/resolver.ts';
import type { UpstreamState } from '../../src/gate/upstream.ts';
import { Child } from './support/child.ts';
import { type GateHarness, startHarness } from './support/harness.ts';
import { freePort } from './support/ports.ts';
import { TestServer } from './support/server.ts';
import { stays, until, untilStable } from './support/time.ts';

const HOST = '127.0.0.1';

/** A gate that listens there, in front of what listens on the other port. */
function gateAt(port: number, upstreamPort: number, upstreamHost = HOST): Promise<GateHarness> {
  return startHarness(
    { upstream: { host: upstreamHost, port: upstreamPort } },
    { listen: { port, host: HOST } },
  );
}

/** So many gates, each in front of the next one, and the last one in front of that port. */
async function chain(ports: readonly number[], last: number): Promise<GateHarness[]> {
  return Promise.all(ports.map((port, index) => gateAt(port, ports[index + 1] ?? last)));
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function accepted({ gate }: GateHarness): number {
  return gate.state.connections.accepted;
}

describe('a gate whose upstream is itself', () => {
  test.each([HOST, '::ffff:127.0.0.1', '::ffff:7f00:1', '0.0.0.0', 'localhost'])(
    'by the name of %s resets its clients, and says why',
    async (host) => {
      const port = await freePort();
      const harness = await gateAt(port, port, host);
      const client = await harness.connect();
      client.send('hello');
      await client.seesReset();
      expect(harness.gate.state.upstream).toEqual({
        reachable: false,
        reason: 'LoopDetected',
        message:
          `${host} port ${port} leads back to this gate: clients would go round forever, and are reset. ` +
          'Set the upstream of this gate, or of one in between, to the server itself',
      });
      await harness.counts(0);
      expect(accepted(harness)).toBe(2);
    },
  );
});

describe('gates in a circle', () => {
  test('reset a client that comes back, and each of them says so', async () => {
    const ports = await freePorts(3);
    const [a = 0, b = 0, c = 0] = ports;
    const harnesses = await chain(ports, a);
    const client = await harnesses[0]?.connect();
    await client?.seesReset();
    for (const harness of harnesses) await harness.counts(0);
    expect(harnesses.map(accepted)).toEqual([2, 1, 1]);
    const messages = harnesses.map(({ gate }) => {
      expect(gate.state.upstream).toMatchObject({ reachable: false, reason: 'LoopDetected' });
      return gate.state.upstream.message?.split(':')[0];
    });
    expect(messages).toEqual([
      `${HOST} port ${b} leads back to this gate, through ${HOST} port ${c}, ${HOST} port ${a}`,
      `${HOST} port ${c} leads back to this gate, through ${HOST} port ${b}, ${HOST} port ${a}`,
      `${HOST} port ${a} leads back to this gate, through ${HOST} port ${b}, ${HOST} port ${c}`,
    ]);
  });

  test('of long names say it in no more than an operator takes', async () => {
    const host = ['a', 'b', 'c', 'd']
      .map((letter) => letter.repeat(63))
      .join('.')
      .slice(0, 253);
    const resolver = new Resolver({ lookup: async () => [HOST] });
    const ports = await freePorts(5);
    const harnesses = await Promise.all(
      ports.map((port, index) =>
        startHarness(
          { upstream: { host, port: ports[(index + 1) % ports.length] } },
          { listen: { port, host: HOST }, resolver },
        ),
      ),
    );
    await (await harnesses[0]?.connect())?.seesReset();
    const { reason, message = '' } = harnesses[0]?.gate.state.upstream ?? {};
    expect(reason).toBe('LoopDetected');
    expect(message).toContain(', ...:');
    expect(message.length).toBeLessThanOrEqual(1_024);
  });

  test('are not taken for gates that lead to the circle', async () => {
    const [outer = 0, a = 0, b = 0] = await freePorts(3);
    const harnesses = await chain([outer, a, b], a);
    await (await harnesses[0]?.connect())?.seesReset();
    await until('it is known', () => harnesses[1]?.gate.state.upstream.reason === 'LoopDetected');
    expect(harnesses.map(({ gate }) => gate.state.upstream.reason)).toEqual([
      undefined,
      'LoopDetected',
      'LoopDetected',
    ]);
  });

  test('tell it once, however many clients come', async () => {
    const [a = 0, b = 0] = await freePorts(2);
    const states: (UpstreamState['reason'] | boolean)[] = [];
    const harness: GateHarness = await startHarness(
      { upstream: { host: HOST, port: b } },
      {
        listen: { port: a, host: HOST },
        observer: {
          changed: () => {
            const { reachable, reason } = harness.gate.state.upstream;
            const now = reason ?? reachable ?? 'NameNotResolved';
            if (states.at(-1) !== now) states.push(now);
          },
        },
      },
    );
    await gateAt(b, a);
    for (let count = 0; count < 20; count += 1) await (await harness.connect()).seesReset();
    await until('all are gone', () => harness.active === 0);
    expect(states.slice(states.indexOf('LoopDetected'))).toEqual(['LoopDetected']);
  });

  test('serve again when one of them leads to a server', async () => {
    const ports = await freePorts(2);
    const [a = 0] = ports;
    const [first, second] = await chain(ports, a);
    if (first === undefined || second === undefined) throw new Error('unreachable');
    await (await first.connect()).seesReset();
    const server = await TestServer.listen();
    await second.set({ upstream: { host: HOST, port: server.port } });
    const client = await first.connect();
    client.send('hello');
    const end = await server.accept();
    await end.receives('hello');
    end.send('answer');
    await client.receives('answer');
    await until('it is known', () => first.gate.state.upstream.reachable === true);
    expect(second.gate.state.upstream).toEqual({ reachable: true });
  });
});

describe('gates in a row', () => {
  test('are no circle, however many there are and however many connections go through', async () => {
    const server = await TestServer.listen({
      onPeer: ({ socket }) => {
        socket.on('data', (data) => socket.write(data));
      },
    });
    const harnesses = await chain(await freePorts(8), server.port);
    const clients = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const client = await harnesses[0]?.connect();
        client?.send(`client ${index}`);
        await client?.receives(`client ${index}`);
        return client;
      }),
    );
    for (const { gate } of harnesses) expect(gate.state.upstream).toEqual({ reachable: true });
    for (const client of clients) client?.reset();
    for (const harness of harnesses) await harness.counts(0);
  });

  test('may be passed again by a client that was on hold when the way was another one', async () => {
    const [a = 0, b = 0] = await freePorts(2);
    const first = await gateAt(a, b);
    const second = await gateAt(b, a);
    await second.set({ newConnections: 'Hold' });
    const client = await first.connect();
    client.send('hello');
    await until('it is held', () => second.gate.state.connections.held === 1);
    const server = await TestServer.listen();
    await first.set({ upstream: { host: HOST, port: server.port } });
    await second.set({ newConnections: 'Accept' });
    await (await server.accept()).receives('hello');
    expect(client.isUntouched).toBe(true);
  });
});

describe('the limit of connections', () => {
  test('resets further clients, says so, and lets new ones in when some have gone', async () => {
    const harness = await startHarness({ maxConnections: 3 });
    const pairs = await harness.openMany(3);
    expect(harness.gate.state.overLimit).toBeUndefined();
    for (let count = 0; count < 5; count += 1) await (await harness.connect()).seesReset();
    expect(harness.gate.state.overLimit).toContain(
      'all connections that spec.maxConnections allows (3)',
    );
    expect(harness.gate.state.connections).toEqual({ active: 3, accepted: 3, held: 0 });
    expect(harness.server.count).toBe(3);
    pairs[0]?.client.reset();
    await harness.counts(2);
    const { client, server } = await harness.open();
    client.send('hello');
    await server.receives('hello');
  });

  test('can be changed while connections are open, and none is dropped by it', async () => {
    const harness = await startHarness({ maxConnections: 3 });
    const pairs = await harness.openMany(3);
    await harness.set({ maxConnections: 1 });
    for (const { client, server } of pairs) {
      client.send('hello');
      await server.receives('hello');
    }
    await (await harness.connect()).seesReset();
    expect(harness.gate.state.overLimit).toContain('spec.maxConnections allows (1)');
    await harness.set({ maxConnections: 4 });
    await harness.open();
    await harness.counts(4);
    await (await harness.connect()).seesReset();
    expect(harness.gate.state.overLimit).toContain('spec.maxConnections allows (4)');
  });

  test('counts clients on hold', async () => {
    const harness = await startHarness({ newConnections: 'Hold', maxConnections: 2 });
    const clients = [await harness.connect(), await harness.connect()];
    await (await harness.connect()).seesReset();
    expect(harness.gate.state.connections.held).toBe(2);
    expect(clients.every(({ isUntouched }) => isUntouched)).toBe(true);
  });

  test('ends a circle that leads over another process', async () => {
    const [a = 0, b = 0] = await freePorts(2);
    const limit = 100;
    const other = Child.start('relayGate.ts', [`${b}`, `${a}`, `${limit}`]);
    await other.says(/port \d+ error undefined/);
    const harness = await startHarness(
      { upstream: { host: HOST, port: b }, maxConnections: limit },
      { listen: { port: a, host: HOST } },
    );
    const client = await harness.connect();
    await client.seesReset();
    await harness.counts(0);
    const rounds = await untilStable(() => accepted(harness));
    // One of the two reaches its limit first.
    expect(rounds).toBeGreaterThanOrEqual(limit - 1);
    expect(rounds).toBeLessThanOrEqual(limit);
    await stays('none comes back', () => accepted(harness) === rounds);
  });
});
