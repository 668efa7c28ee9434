import { describe, expect, test } from 'vitest';
import { type Bench, startBench } from './support/bench.ts';
import { Child } from './support/child.ts';
import { hangingServer } from './support/hangingServer.ts';
import { connectMany } from './support/many.ts';
import { stays, until } from './support/time.ts';

const HOLD = { newConnections: 'Hold' } as const;
const ACCEPT = { newConnections: 'Accept' } as const;

/** Clients that a gate holds at most (docs/tcpgate.md). */
const MOST_HELD = 1_024;

/** Starts a command in a network whose kernel forgets a closed connection after a second; by default after a minute. */
const FORGETFUL_NETWORK = [
  ...['unshare', '--user', '--map-root-user', '--net', 'sh', '-c'],
  'ip link set lo up && echo 1 >/proc/sys/net/ipv4/tcp_fin_timeout && exec "$0" "$@"',
];

/** Connections that are made at once for clients that were held (docs/tcpgate.md). */
const AT_ONCE = 64;

async function held(bench: Bench, count: number): Promise<void> {
  await until(
    () => `${count} held clients, it has ${bench.gate.state.connections.held}`,
    () => bench.gate.state.connections.held === count,
  );
}

describe('clients that came and closed', () => {
  test('are let go at once when they said nothing', async () => {
    const bench = await startBench(HOLD);
    const clients = await connectMany(bench.gate.state.port, 500);
    await held(bench, 500);
    for (const { socket } of clients.slice(1)) socket.destroy();
    await held(bench, 1);
    await bench.set(ACCEPT);
    await bench.server.accept();
    await stays('the server sees no other', () => bench.server.count === 1);
  });

  test('see the end of the connection if they closed one half of it without a word', async () => {
    const bench = await startBench(HOLD);
    const client = await bench.connect();
    await held(bench, 1);
    client.finish();
    await client.seesFin();
    await held(bench, 0);
  });

  test('are let go when they reset, whatever they said, in less than two seconds', async () => {
    const bench = await startBench(HOLD);
    const [silent, brief, long] = [
      await bench.connect(),
      await bench.connect(),
      await bench.connect(),
    ];
    brief.send('early');
    long.send(Buffer.alloc(5_000_000));
    await held(bench, 3);
    for (const client of [silent, brief, long]) client.reset();
    await held(bench, 0);
  });

  test.skipIf(process.platform !== 'linux')(
    'are told from those that wait for an answer by their kernel',
    { timeout: 60_000 },
    async () => {
      const child = Child.start('holdGate.ts', [], FORGETFUL_NETWORK);
      await child.says(/held 4/);
      await child.says(/held 2\n/, 30_000);
      expect(await child.says(/served (.*)\n/, 30_000)).toMatchObject({ 1: 'half-closed, open' });
    },
  );
});

describe('the bound on held clients', () => {
  test('resets who comes on top, and says so', async () => {
    const bench = await startBench(HOLD);
    const clients = await connectMany(bench.gate.state.port, MOST_HELD);
    await held(bench, MOST_HELD);
    expect(bench.gate.state.overLimit).toBeUndefined();
    await (await bench.connect()).seesReset();
    expect(bench.gate.state.overLimit).toContain('newConnections: Hold keeps waiting (1024)');
    expect(clients.every(({ isUntouched }) => isUntouched)).toBe(true);
    clients[0]?.reset();
    await held(bench, MOST_HELD - 1);
    const next = await bench.connect();
    await held(bench, MOST_HELD);
    expect(next.isUntouched).toBe(true);
  });

  test('takes those first that have sent FIN: they are most likely gone', async () => {
    const bench = await startBench(HOLD);
    const clients = await connectMany(bench.gate.state.port, MOST_HELD);
    await held(bench, MOST_HELD);
    const [first, second] = [clients[500], clients[700]];
    first?.send('said, and closed');
    first?.finish();
    await stays('it is held', () => bench.gate.state.connections.held === MOST_HELD, 50);
    second?.send('said, and closed');
    second?.finish();
    await stays('it is held', () => bench.gate.state.connections.held === MOST_HELD, 50);
    const next = await bench.connect();
    await first?.seesReset();
    expect([second?.isUntouched, next.isUntouched]).toEqual([true, true]);
    expect(bench.gate.state.overLimit).toBeDefined();
    await held(bench, MOST_HELD);
  });
});

describe('Accept after Hold', () => {
  test('connects held clients a few at a time, the first that came first', async () => {
    const bench = await startBench(HOLD);
    const clients = await connectMany(bench.gate.state.port, 600);
    for (const [index, client] of clients.entries()) client.send(`client ${index} `);
    await held(bench, 600);
    await bench.set(ACCEPT);
    expect(bench.gate.state.connections.accepted).toBeLessThanOrEqual(AT_ONCE);
    await until('all are served', () => bench.server.count === 600);
    await until('all that they said', () => bench.server.peers.every(({ length }) => length > 8));
    const order = bench.server.peers.map(({ text }) => Number(text.split(' ')[1]));
    expect(order.toSorted((one, other) => one - other)).toEqual(clients.map((_, index) => index));
    // Those that are connected at once may overtake each other.
    for (const [place, client] of order.entries()) {
      expect(Math.abs(place - client)).toBeLessThan(2 * AT_ONCE);
    }
  });

  test('serves those last that have sent FIN', async () => {
    const bench = await startBench(HOLD);
    const clients = await connectMany(bench.gate.state.port, 2 * AT_ONCE);
    const [first] = clients;
    first?.send('closed');
    first?.finish();
    await held(bench, clients.length);
    await stays('they are held', () => bench.gate.state.connections.held === clients.length, 50);
    await bench.set(ACCEPT);
    await until('all are served', () => bench.server.count === clients.length);
    await until('what one said', () => bench.server.peers.some(({ text }) => text === 'closed'));
    const place = bench.server.peers.findIndex(({ text }) => text === 'closed');
    expect(place).toBeGreaterThan(AT_ONCE);
  });

  test('is not held up by an upstream that hangs', async () => {
    const port = await hangingServer();
    const upstream = { host: '127.0.0.1', port, connectTimeoutMilliseconds: 60_000 };
    const bench = await startBench({ ...HOLD, upstream });
    await connectMany(bench.gate.state.port, 4 * AT_ONCE);
    await held(bench, 4 * AT_ONCE);
    await bench.set(ACCEPT);
    expect(bench.gate.state.connections.accepted).toBeLessThanOrEqual(AT_ONCE);
    await until(
      'all are tried',
      () => bench.gate.state.connections.accepted === 4 * AT_ONCE,
      2_000,
    );
  });

  test('that is taken back leaves the rest on hold', async () => {
    const bench = await startBench(HOLD);
    const clients = await connectMany(bench.gate.state.port, 4 * AT_ONCE);
    await held(bench, clients.length);
    await bench.set(ACCEPT);
    await bench.set(HOLD);
    const { accepted } = bench.gate.state.connections;
    expect(accepted).toBeLessThanOrEqual(AT_ONCE);
    await stays('no more', () => bench.gate.state.connections.accepted === accepted, 100);
    await held(bench, clients.length - accepted);
    await bench.set(ACCEPT);
    await bench.counts(clients.length);
  });
});
