import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/bytes.ts';
import { Crowd, type NewConnections } from './support/crowd.ts';
import { startHarness } from './support/harness.ts';
import { Peer } from './support/peer.ts';
import { freePort } from './support/ports.ts';
import { stays, until } from './support/time.ts';

const refused = { code: 'ECONNREFUSED' };

describe.each(['Hold', 'Refuse', 'Reset'] as const)('newConnections %s', (newConnections) => {
  test('leaves open connections alone', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    await harness.set({ newConnections });
    client.send('question');
    await server.receives('question');
    server.send('answer');
    await client.receives('answer');
    expect(harness.active).toBe(1);
  });

  test('lets the faults of open connections be changed', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    await harness.set({ newConnections });
    await harness.set({ toServer: { stall: {} } });
    client.send('held');
    await server.seesNothingMore();
    await harness.set({ toServer: {} });
    await server.receives('held');
  });

  test('does not bring the server a connection', async () => {
    const harness = await startHarness({ newConnections });
    const before = harness.server.count;
    const clients = await Promise.allSettled([1, 2, 3].map(() => harness.connect()));
    await stays('no connection at the server', () => harness.server.count === before);
    expect(harness.gate.state.connections).toMatchObject({ active: 0, accepted: 0 });
    expect(new Set(clients.map(({ status }) => status)).size).toBe(1);
  });

  test('ends with Accept, on the same port and at once', async () => {
    const harness = await startHarness();
    const { port } = harness.gate.state;
    for (let round = 0; round < 20; round += 1) {
      await harness.set({ newConnections });
      await harness.set({ newConnections: 'Accept' });
      const { client, server } = await harness.open();
      client.send('hello');
      await server.receives('hello');
      client.finish();
      server.finish();
    }
    expect(harness.gate.state.port).toBe(port);
    expect(harness.gate.state.listenError).toBeUndefined();
  });
});

describe('newConnections Refuse', () => {
  test('refuses clients from the moment it is in force', async () => {
    const harness = await startHarness();
    await harness.set({ newConnections: 'Refuse' });
    await expect(harness.connect()).rejects.toMatchObject(refused);
    await harness.set({ newConnections: 'Accept' });
    await harness.open();
  });

  test('is in force before the first client when the gate starts with it', async () => {
    const harness = await startHarness(
      { newConnections: 'Refuse' },
      { listen: { port: await freePort(), host: '127.0.0.1' } },
    );
    await expect(harness.connect()).rejects.toMatchObject(refused);
    expect(harness.gate.state.listenError).toBeUndefined();
    await harness.set({ newConnections: 'Accept' });
    await harness.open();
  });
});

describe('newConnections Reset', () => {
  test('lets clients in and resets them', async () => {
    const harness = await startHarness({ newConnections: 'Reset' });
    const client = await harness.connect();
    await client.seesReset();
    expect(client.finAt).toBeUndefined();
    expect(client.length).toBe(0);
  });
});

describe('newConnections Hold', () => {
  const hold = { newConnections: 'Hold' } as const;
  const accept = { newConnections: 'Accept' } as const;

  async function held(
    harness: Awaited<ReturnType<typeof startHarness>>,
    count: number,
  ): Promise<void> {
    await until(
      () => `${count} held clients, it has ${harness.gate.state.connections.held}`,
      () => harness.gate.state.connections.held === count,
    );
  }

  test('completes the handshake and nothing more', async () => {
    const harness = await startHarness(hold);
    const client = await harness.connect();
    client.send('hello?');
    await held(harness, 1);
    await client.seesNothingMore();
    expect(client.isUntouched).toBe(true);
  });

  test('serves the held clients on Accept, with what they said early', async () => {
    const harness = await startHarness(hold);
    const early = bytesOf(300_000);
    const client = await harness.connect();
    client.sendInPieces(early, 7_001);
    await held(harness, 1);
    await sleep(50);
    await harness.set(accept);
    const server = await harness.server.accept();
    client.send('and more');
    expect(
      (await server.receives(early.length + 8)).equals(
        Buffer.concat([early, Buffer.from('and more')]),
      ),
    ).toBe(true);
    server.send('answer');
    await client.receives('answer');
    expect(harness.gate.state.connections).toMatchObject({ active: 1, accepted: 1, held: 0 });
  });

  test('serves a client that spoke and sent its FIN while it waited', async () => {
    const harness = await startHarness(hold);
    const client = await harness.connect();
    client.send('all that it wants');
    client.finish();
    await held(harness, 1);
    await sleep(50);
    await harness.set(accept);
    const server = await harness.server.accept();
    await server.receives('all that it wants');
    await server.seesFin();
    server.send('answer');
    server.finish();
    await client.receives('answer');
    await client.seesFin();
  });

  test('puts the faults on held clients that are in force when they are served', async () => {
    const harness = await startHarness(hold);
    const client = await harness.connect();
    client.send('early');
    await held(harness, 1);
    await harness.set({ ...accept, toServer: { stall: {} } });
    const server = await harness.server.accept();
    await server.seesNothingMore();
    expect(server.length).toBe(0);
    await harness.set({ toServer: {} });
    await server.receives('early');
  });

  test('forgets held clients that reset', async () => {
    const harness = await startHarness(hold);
    const clients = await Promise.all([1, 2, 3].map(() => harness.connect()));
    await held(harness, 3);
    clients[0]?.reset();
    clients[1]?.send('early');
    clients[1]?.reset();
    await held(harness, 1);
    await harness.set(accept);
    await harness.server.accept();
    await harness.counts(1);
    expect(harness.gate.state.connections.accepted).toBe(1);
  });

  test.each([
    ['Refuse', (client: Peer) => client.seesReset()],
    ['Reset', (client: Peer) => client.seesReset()],
  ] as const)('lets held clients meet a %s that follows', async (newConnections, meets) => {
    const harness = await startHarness(hold);
    const client = await harness.connect();
    client.send('early');
    await held(harness, 1);
    await harness.set({ newConnections });
    await meets(client);
    await held(harness, 0);
    expect(harness.gate.state.connections.accepted).toBe(0);
  });

  test('keeps clients waiting through changes of the rest', async () => {
    const harness = await startHarness(hold);
    const client = await harness.connect();
    await held(harness, 1);
    await harness.set({ toClient: { delay: { milliseconds: 10 } } });
    await harness.set({ toClient: {} });
    await client.seesNothingMore();
    expect(client.isUntouched).toBe(true);
    await held(harness, 1);
  });

  test('holds many clients', async () => {
    const harness = await startHarness(hold);
    const clients = await Promise.all(Array.from({ length: 200 }, () => harness.connect()));
    for (const [index, client] of clients.entries()) client.send(`client ${index}`);
    await held(harness, 200);
    await harness.set(accept);
    const servers = await Promise.all(clients.map(() => harness.server.accept()));
    await Promise.all(servers.map((server) => until('its text', () => server.length > 7)));
    expect(new Set(servers.map(({ text }) => text)).size).toBe(200);
  });
});

test('every order of newConnections ends where it says', async () => {
  const harness = await startHarness();
  const all: NewConnections[] = ['Accept', 'Hold', 'Refuse', 'Reset'];
  for (const from of all) {
    for (const to of all) {
      await harness.set({ newConnections: from });
      await harness.set({ newConnections: to });
      expect(await met(harness.gate.state.port)).toBe(to);
    }
  }

  /** What a client meets, told from its side alone. */
  async function met(port: number): Promise<NewConnections> {
    const before = harness.server.count;
    const { held } = harness.gate.state.connections;
    const client = await Peer.connect(port).catch(() => undefined);
    if (client === undefined) return 'Refuse';
    await until(
      'anything',
      () =>
        client.error !== undefined ||
        harness.server.count > before ||
        harness.gate.state.connections.held > held,
    );
    if (client.error !== undefined) return 'Reset';
    return harness.server.count > before ? 'Accept' : 'Hold';
  }
});

test('whatever the order of changes and clients, each client meets what is in force for it', async () => {
  const mode = fc.constantFrom<NewConnections>('Accept', 'Hold', 'Refuse', 'Reset');
  const steps = fc.array(fc.oneof(mode, fc.integer({ min: 1, max: 5_000 })), { maxLength: 25 });
  const property = fc.asyncProperty(steps, async (taken) => {
    const harness = await startHarness();
    const crowd = new Crowd(harness);
    for (const step of taken) {
      if (typeof step === 'string') await crowd.change(step);
      else await crowd.come(step);
    }
    await crowd.check();
    await harness.close();
  });
  await fc.assert(property, { numRuns: 50, interruptAfterTimeLimit: 15_000 });
});
