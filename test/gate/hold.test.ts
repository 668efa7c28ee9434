import { describe, expect, test } from 'vitest';
import { Child } from './support/child.ts';
import { hangingServer } from './support/hangingServer.ts';
import { type GateHarness, startHarness } from './support/harness.ts';
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

async function held(harness: GateHarness, count: number): Promise<void> {
  await until(
    () => `${count} held clients, it has ${harness.gate.state.connections.held}`,
    () => harness.gate.state.connections.held === count,
  );
}

describe('clients that came and closed', () => {
  test('are let go at once when they said nothing', async () => {
    const harness = await startHarness(HOLD);
    const clients = await connectMany(harness.gate.state.port, 500);
    await held(harness, 500);
    for (const { socket } of clients.slice(1)) socket.destroy();
    await held(harness, 1);
    await harness.set(ACCEPT);
    await harness.server.accept();
    await stays('the server sees no other', () => harness.server.count === 1);
  });

  test('see the end of the connection if they closed one half of it without a word', async () => {
    const harness = await startHarness(HOLD);
    const client = await harness.connect();
    await held(harness, 1);
    client.finish();
    await client.seesFin();
    await held(harness, 0);
  });

  test('are let go when they reset, whatever they said, in less than two seconds', async () => {
    const harness = await startHarness(HOLD);
    const [silent, brief, long] = [
      await harness.connect(),
      await harness.connect(),
      await harness.connect(),
    ];
    brief.send('early');
    long.send(Buffer.alloc(5_000_000));
    await held(harness, 3);
    for (const client of [silent, brief, long]) client.reset();
    await held(harness, 0);
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
    const harness = await startHarness(HOLD);
    const clients = await connectMany(harness.gate.state.port, MOST_HELD);
    await held(harness, MOST_HELD);
    expect(harness.gate.state.overLimit).toBeUndefined();
    await (await harness.connect()).seesReset();
    expect(harness.gate.state.overLimit).toContain('newConnections: Hold keeps waiting (1024)');
    expect(clients.every(({ isUntouched }) => isUntouched)).toBe(true);
    clients[0]?.reset();
    await held(harness, MOST_HELD - 1);
    const next = await harness.connect();
    await held(harness, MOST_HELD);
    expect(next.isUntouched).toBe(true);
  });

  test('takes those first that have sent FIN: they are most likely gone', async () => {
    const harness = await startHarness(HOLD);
    const clients = await connectMany(harness.gate.state.port, MOST_HELD);
    await held(harness, MOST_HELD);
    const [first, second] = [clients[500], clients[700]];
    first?.send('said, and closed');
    first?.finish();
    await stays('it is held', () => harness.gate.state.connections.held === MOST_HELD, 50);
    second?.send('said, and closed');
    second?.finish();
    await stays('it is held', () => harness.gate.state.connections.held === MOST_HELD, 50);
    const next = await harness.connect();
    await first?.seesReset();
    expect([second?.isUntouched, next.isUntouched]).toEqual([true, true]);
    expect(harness.gate.state.overLimit).toBeDefined();
    await held(harness, MOST_HELD);
  });
});

describe('Accept after Hold', () => {
  test('connects held clients a few at a time, the first that came first', async () => {
    const harness = await startHarness(HOLD);
    const clients = await connectMany(harness.gate.state.port, 600);
    for (const [index, client] of clients.entries()) client.send(`client ${index} `);
    await held(harness, 600);
    await harness.set(ACCEPT);
    expect(harness.gate.state.connections.accepted).toBeLessThanOrEqual(AT_ONCE);
    await until('all are served', () => harness.server.count === 600);
    await until('all that they said', () => harness.server.peers.every(({ length }) => length > 8));
    const order = harness.server.peers.map(({ text }) => Number(text.split(' ')[1]));
    expect(order.toSorted((one, other) => one - other)).toEqual(clients.map((_, index) => index));
    // Those that are connected at once may overtake each other.
    for (const [place, client] of order.entries()) {
      expect(Math.abs(place - client)).toBeLessThan(2 * AT_ONCE);
    }
  });

  test('serves those last that have sent FIN', async () => {
    const harness = await startHarness(HOLD);
    const clients = await connectMany(harness.gate.state.port, 2 * AT_ONCE);
    const [first] = clients;
    first?.send('closed');
    first?.finish();
    await held(harness, clients.length);
    await stays('they are held', () => harness.gate.state.connections.held === clients.length, 50);
    await harness.set(ACCEPT);
    await until('all are served', () => harness.server.count === clients.length);
    await until('what one said', () => harness.server.peers.some(({ text }) => text === 'closed'));
    const place = harness.server.peers.findIndex(({ text }) => text === 'closed');
    expect(place).toBeGreaterThan(AT_ONCE);
  });

  test('is not held up by an upstream that hangs', async () => {
    const port = await hangingServer();
    const upstream = { host: '127.0.0.1', port, connectTimeoutMilliseconds: 60_000 };
    const harness = await startHarness({ ...HOLD, upstream });
    await connectMany(harness.gate.state.port, 4 * AT_ONCE);
    await held(harness, 4 * AT_ONCE);
    await harness.set(ACCEPT);
    expect(harness.gate.state.connections.accepted).toBeLessThanOrEqual(AT_ONCE);
    await until(
      'all are tried',
      () => harness.gate.state.connections.accepted === 4 * AT_ONCE,
      2_000,
    );
  });

  test('that is taken back leaves the rest on hold', async () => {
    const harness = await startHarness(HOLD);
    const clients = await connectMany(harness.gate.state.port, 4 * AT_ONCE);
    await held(harness, clients.length);
    await harness.set(ACCEPT);
    await harness.set(HOLD);
    const { accepted } = harness.gate.state.connections;
    expect(accepted).toBeLessThanOrEqual(AT_ONCE);
    await stays('no more', () => harness.gate.state.connections.accepted === accepted, 100);
    await held(harness, clients.length - accepted);
    await harness.set(ACCEPT);
    await harness.counts(clients.length);
  });
});
