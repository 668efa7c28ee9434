/** One gate that listens on several ports: faults touch what comes in by some, and all share what a gate has once. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PortConfig } from '../../src/gate/portConfig.ts';
import { keyedRandom } from '../../src/gate/random.ts';
import { configsOf, Door, doorsOf, passes, startDoors } from './support/doors.ts';
import { type GateHarness, type Pair, startHarness } from './support/harness.ts';
import type { Peer } from './support/peer.ts';
import { freePort } from './support/ports.ts';
import { TestServer } from './support/server.ts';
import { expectTook, until } from './support/time.ts';

const refused = { code: 'ECONNREFUSED' };

/** A port that faults touch and one that they do not, and an open connection of each. */
async function startBoth(patch: object = {}) {
  const [touched, other] = (await doorsOf(true, false)) as [Door, Door];
  const harness = await startDoors([touched, other], patch);
  return { harness, touched, other, open: () => openBoth(harness, touched, other) };
}

async function openBoth(harness: GateHarness, touched: Door, other: Door): Promise<[Pair, Pair]> {
  const pairs: [Pair, Pair] = [await touched.open(), await other.open()];
  await harness.counts(2);
  return pairs;
}

function held(harness: GateHarness, count: number): Promise<void> {
  return until(
    () => `${count} held clients, it has ${harness.gate.state.connections.held}`,
    () => harness.gate.state.connections.held === count,
  );
}

describe('the ports of a gate', () => {
  test('lead to a server each, and are counted together', async () => {
    const { harness, open } = await startBoth();
    for (const pair of await open()) await passes(pair);
    expect(harness.gate.state.connections).toEqual({ active: 2, accepted: 2, held: 0 });
    expect(harness.observed.bytes).toEqual({ toServer: 16, toClient: 12 });
    expect(harness.gate.state.listenError).toBeUndefined();
  });

  test('have faults where they are touched, on open connections and on new ones', async () => {
    const { harness, touched, open } = await startBoth();
    const [broken, whole] = await open();
    await harness.set({ toServer: { drop: {} }, toClient: { closeOnData: {} } });
    for (const { client, server } of [broken, await touched.open()]) {
      client.send('lost');
      await server.seesNothingMore();
      expect(server.length).toBe(0);
      server.send('lost');
      await client.seesFin();
    }
    await passes(whole);
    await harness.set({ toServer: {}, toClient: {} });
    await passes(await touched.open());
    await passes(whole);
  });

  test('share connection numbers: which connections faults touch is drawn from one sequence', async () => {
    const [one, two] = (await doorsOf(true, true)) as [Door, Door];
    const seed = 7;
    const harness = await startDoors([one, two], {
      seed,
      toServer: { drop: {}, connectionsPercent: 50 },
    });
    const isDropped: boolean[] = [];
    for (let number = 1; number <= 12; number += 1) {
      const { client, server } = await (number % 2 === 0 ? one : two).open();
      client.send('x');
      await harness.reads('toServer', number);
      client.finish();
      await server.seesFin();
      isDropped.push(server.length === 0);
    }
    const drawn = Array.from(
      { length: 12 },
      (_, index) => keyedRandom(seed, index + 1, 1, 1) < 0.5,
    );
    expect(isDropped).toEqual(drawn);
  });

  test('share maxConnections', async () => {
    const { harness, touched, other, open } = await startBoth({ maxConnections: 2 });
    const pairs = await open();
    for (const door of [touched, other]) await (await door.connect()).seesReset();
    expect(harness.gate.state.overLimit).toContain('spec.maxConnections allows (2)');
    for (const pair of pairs) await passes(pair);
  });

  test('share limitBytes of scope Gate where they are touched', async () => {
    const doors = (await doorsOf(true, true, false)) as [Door, Door, Door];
    const harness = await startDoors(doors, {
      toServer: { limitBytes: { bytes: 10, scope: 'Gate' } },
    });
    const [first, second, whole] = [
      await doors[0].open(),
      await doors[1].open(),
      await doors[2].open(),
    ];
    await harness.counts(3);
    whole.client.send('does not count');
    await whole.server.receives('does not count');
    first.client.send('123456');
    await first.server.receives('123456');
    second.client.send('7890 and more');
    await second.server.receives('7890');
    for (const { client, server } of [first, second]) {
      await client.seesFin();
      await server.seesFin();
    }
    expect(whole.server.isUntouched).toBe(true);
    whole.client.send('!');
    await whole.server.receives('does not count!');
  });

  test('share a bandwidth of scope Gate where they are touched', async () => {
    const doors = (await doorsOf(true, true, false)) as [Door, Door, Door];
    await startDoors(doors, { toServer: { bandwidth: { bytesPerSecond: 40_000, scope: 'Gate' } } });
    const [first, second, whole] = [
      await doors[0].open(),
      await doors[1].open(),
      await doors[2].open(),
    ];
    const data = Buffer.alloc(20_000);
    const start = performance.now();
    for (const { client } of [first, second, whole]) client.send(data);
    await whole.server.receives(data.length);
    const untouchedTook = performance.now() - start;
    await Promise.all([first, second].map(({ server }) => server.receives(data.length)));
    // Of a second's worth the first twentieth goes at once.
    expectTook(performance.now() - start, 900);
    expect(untouchedTook).toBeLessThan(900);
  });
});

describe('newConnections', () => {
  test('Refuse closes the touched ports, and opens them again', async () => {
    const { harness, touched, other, open } = await startBoth();
    const pairs = await open();
    for (let round = 0; round < 5; round += 1) {
      await harness.set({ newConnections: 'Refuse' });
      await expect(touched.connect()).rejects.toMatchObject(refused);
      await passes(await other.open());
      await harness.set({ newConnections: 'Accept' });
      await passes(await touched.open());
    }
    for (const pair of pairs) await passes(pair);
  });

  test('Reset resets clients of touched ports', async () => {
    const { touched, other } = await startBoth({ newConnections: 'Reset' });
    await (await touched.connect()).seesReset();
    expect(touched.server.count).toBe(0);
    await passes(await other.open());
  });

  test('Hold keeps clients of touched ports waiting, who are then served by the server of their port', async () => {
    const doors = (await doorsOf(true, true, false)) as [Door, Door, Door];
    const harness = await startDoors(doors, { newConnections: 'Hold' });
    const clients = [await doors[0].connect(), await doors[1].connect()];
    clients.forEach((client, index) => {
      client.send(`to ${index}`);
    });
    await held(harness, 2);
    await passes(await doors[2].open());
    await harness.set({ newConnections: 'Accept' });
    for (const [index, client] of clients.entries()) {
      const server = await (doors[index] as Door).server.accept();
      await server.receives(`to ${index}`);
      server.send('answer');
      await client.receives('answer');
    }
    await held(harness, 0);
  });

  test('Hold has room for 1024 clients of all ports together', async () => {
    const [one, two] = (await doorsOf(true, true)) as [Door, Door];
    const harness = await startDoors([one, two], { newConnections: 'Hold' });
    for (let count = 0; count < 1_024; count += 128) {
      const door = count % 256 === 0 ? one : two;
      await Promise.all(Array.from({ length: 128 }, () => door.connect()));
    }
    await held(harness, 1_024);
    for (const door of [one, two]) await (await door.connect()).seesReset();
    await held(harness, 1_024);
    expect(harness.gate.state.overLimit).toContain('(1024)');
  });
});

describe('disconnect', () => {
  test('closes connections of touched ports alone', async () => {
    const { harness, open } = await startBoth();
    const [broken, whole] = await open();
    await harness.set({ disconnect: { nonce: 'a', how: 'Reset' } });
    await broken.client.seesReset();
    await broken.server.seesReset();
    await passes(whole);
    expect(harness.gate.state).toMatchObject({ disconnectNonce: 'a', disconnectClosed: 1 });
  });

  test('counts the oldest of all touched ports', async () => {
    const doors = (await doorsOf(false, true, true)) as [Door, Door, Door];
    const harness = await startDoors(doors);
    const pairs: Pair[] = [];
    for (const index of [0, 2, 1, 2]) {
      pairs.push(await (doors[index] as Door).open());
      await harness.counts(pairs.length);
    }
    await harness.set({ disconnect: { nonce: 'a', count: 2 } });
    await harness.counts(2);
    const [whole, first, second, third] = pairs as [Pair, Pair, Pair, Pair];
    for (const { client } of [first, second]) await client.seesFin();
    for (const pair of [whole, third]) await passes(pair);
  });
});

describe('a port that is taken', () => {
  test('is named, keeps none of the others, and is had when it is free', async () => {
    const doors = (await doorsOf(true, false, true)) as [Door, Door, Door];
    const holders = await Promise.all(
      doors.slice(1).map(({ config }) => TestServer.listen({ port: config.listen })),
    );
    const harness = await startDoors(doors);
    await passes(await doors[0].open());
    expect(harness.gate.state.listenError?.split('; ')).toEqual(
      doors
        .slice(1)
        .map(({ config }) => expect.stringContaining(`Port ${config.listen} is already`)),
    );
    await harness.set({ toServer: { drop: {} } });
    holders[0]?.close();
    await until(
      'the error names the one that is left',
      () => harness.gate.state.listenError?.includes(`${doors[1].config.listen}`) === false,
    );
    expect(harness.gate.state.listenError).toContain(`Port ${doors[2].config.listen} is already`);
    await passes(await doors[1].open());
    holders[1]?.close();
    await until('no error', () => harness.gate.state.listenError === undefined);
  });
});

describe('a change of the ports', () => {
  test('opens what is new, closes what is gone, and keeps open connections and their faults', async () => {
    const [gone, stays, added] = (await doorsOf(true, true, true)) as [Door, Door, Door];
    const harness = await startDoors([gone, stays]);
    const [first, second] = await openBoth(harness, gone, stays);
    harness.ports = configsOf([stays, added]);
    await harness.set({});
    await expect(gone.connect()).rejects.toMatchObject(refused);
    for (const pair of [first, second, await stays.open(), await added.open()]) await passes(pair);
    await harness.set({ toServer: { stall: {} } });
    first.client.send('held');
    await first.server.seesNothingMore();
    expect(first.server.length).toBe(8);
    await harness.set({ toServer: {} });
    await first.server.receives(12);
    await harness.set({ disconnect: { nonce: 'a' } });
    await first.client.seesFin();
    harness.ports = configsOf([gone]);
    await harness.set({});
    await passes(await gone.open());
  });

  test('does not close the port that stays, not for a moment', async () => {
    const doors = (await doorsOf(true, true)) as [Door, Door];
    const harness = await startDoors(doors);
    const clients: Promise<Peer>[] = [];
    for (let round = 0; round < 10; round += 1) {
      harness.ports = configsOf(doors.slice(0, 1 + (round % 2)));
      const applied = harness.set({ seed: round });
      clients.push(...[1, 2, 3].map(() => doors[0].connect()));
      await applied;
    }
    await Promise.all(clients);
    await harness.counts(30);
  });

  test('resets clients that wait at a port that is gone, and keeps those of another waiting', async () => {
    const [gone, stays] = (await doorsOf(true, true)) as [Door, Door];
    const harness = await startDoors([gone, stays], { newConnections: 'Hold' });
    const [lost, waiting] = [await gone.connect(), await stays.connect()];
    await held(harness, 2);
    harness.ports = configsOf([stays]);
    await harness.set({});
    await lost.seesReset();
    await waiting.seesNothingMore();
    expect(waiting.isUntouched).toBe(true);
    await held(harness, 1);
  });

  test('may touch what it did not, and leave alone what it did', async () => {
    const { harness, touched, other, open } = await startBoth({ toServer: { drop: {} } });
    const [first, second] = await open();
    await passes(second);
    harness.ports = configsOf([touched, other]).map((port) => ({ ...port, faults: !port.faults }));
    await harness.set({});
    await passes(first);
    second.client.send('lost');
    await second.server.seesNothingMore();
    expect(second.server.length).toBe(8);
  });

  test('serves clients on hold whom faults do not touch any more', async () => {
    const { harness, touched, other } = await startBoth({ newConnections: 'Hold' });
    const client = await touched.connect();
    client.send('early');
    await held(harness, 1);
    harness.ports = configsOf([touched, other]).map((port) => ({ ...port, faults: false }));
    await harness.set({});
    await (await touched.server.accept()).receives('early');
  });

  test('leads new connections to another server, and leaves open ones at theirs', async () => {
    const { harness, touched, open } = await startBoth();
    const pairs = await open();
    const server = await TestServer.listen();
    const moved = new Door({ ...touched.config, upstream: server.port }, server);
    harness.ports = configsOf([moved]);
    await harness.set({});
    await passes(await moved.open());
    for (const pair of pairs) await passes(pair);
  });

  test('takes a gate from its own port to others, and back', async () => {
    const harness = await startHarness(
      {},
      { listen: { port: await freePort(), host: '127.0.0.1' } },
    );
    const own = harness.gate.state.port;
    const first = await harness.open();
    const [other] = (await doorsOf(true)) as [Door];
    const config = { ...other.config, listen: own };
    for (const ports of [[other.config], [other.config, config]]) {
      harness.ports = ports;
      await harness.set({});
      await passes(await other.open());
    }
    harness.ports = undefined;
    await harness.set({});
    await expect(other.connect()).rejects.toMatchObject(refused);
    expect(harness.gate.state.port).toBe(own);
    for (const pair of [first, await harness.open()]) await passes(pair);
  });

  test('is refused when it leaves no port at all, and changes nothing', async () => {
    const { harness, touched } = await startBoth();
    const { ports } = harness;
    harness.ports = undefined;
    await expect(harness.set({ newConnections: 'Reset' })).rejects.toThrow(
      'The gate has no port: neither its start nor this snapshot names one',
    );
    await passes(await touched.open());
    harness.ports = ports;
    await harness.set({ newConnections: 'Reset' });
    await (await touched.connect()).seesReset();
  });
});

const anyUse = fc.constantFrom('Gone', 'Touched', 'Untouched');
const anyChange = fc.record({
  uses: fc.tuple(anyUse, anyUse, anyUse),
  newConnections: fc.constantFrom('Accept', 'Refuse', 'Reset'),
});
type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

function portsOf(doors: readonly Door[], { uses }: Change): PortConfig[] {
  return doors.flatMap(({ config }, index) =>
    uses[index] === 'Gone' ? [] : [{ ...config, faults: uses[index] === 'Touched' }],
  );
}

/** A client meets what it must; the connection if it gets one. */
async function meets(door: Door, use: string | undefined, { newConnections }: Change) {
  if (use === 'Untouched' || (use === 'Touched' && newConnections === 'Accept')) {
    return [await door.open()];
  }
  if (use === 'Touched' && newConnections === 'Reset') await (await door.connect()).seesReset();
  else await expect(door.connect()).rejects.toMatchObject(refused);
  return [];
}

test('whatever the changes, each port does what is in force for it, and open connections stay', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyChange, { maxLength: 8 }), async (changes) => {
      const doors = await doorsOf(true, true, true);
      const harness = await startDoors(doors);
      const open: Pair[] = [];
      for (const change of changes) {
        harness.ports = portsOf(doors, change);
        await harness.set({ newConnections: change.newConnections });
        for (const [index, door] of doors.entries()) {
          open.push(...(await meets(door, change.uses[index], change)));
        }
        for (const pair of open) await passes(pair);
      }
      await harness.counts(open.length);
      for (const { client } of open) client.reset();
      await harness.counts(0);
      await harness.gate.close();
    }),
    { numRuns: 20 },
  );
});

describe('the upstream of several ports', () => {
  test('is unreachable while that of a touched port is, which is named', async () => {
    const doors = (await doorsOf(true, true, false)) as [Door, Door, Door];
    const harness = await startDoors(doors);
    expect(harness.gate.state.upstream).toEqual({ reachable: undefined });
    const { port } = doors[1].server;
    doors[1].server.close();
    await (await doors[1].connect()).seesReset();
    await passes(await doors[0].open());
    expect(harness.gate.state.upstream).toEqual({
      reachable: false,
      reason: 'ConnectionRefused',
      message: `127.0.0.1 port ${port} refused the connection: nothing listens there`,
    });
    const back = new Door(doors[1].config, await TestServer.listen({ port }));
    await passes(await back.open());
    expect(harness.gate.state.upstream).toEqual({ reachable: true });
  });

  test('is not reported for ports that faults do not touch', async () => {
    const { harness, touched, other } = await startBoth();
    other.server.close();
    await (await other.connect()).seesReset();
    expect(harness.gate.state.upstream).toEqual({ reachable: undefined });
    await passes(await touched.open());
    expect(harness.gate.state.upstream).toEqual({ reachable: true });
    expect(harness.observed.connectFailed).toEqual(['ConnectionRefused']);
  });

  test('may not be another port of the gate that leads back', async () => {
    const [one, two] = (await doorsOf(true, true)) as [Door, Door];
    const [first, second] = [one.config, two.config];
    const ports = [
      { ...first, upstream: second.listen },
      { ...second, upstream: first.listen },
    ];
    const harness = await startHarness({}, { listen: { host: '127.0.0.1' }, ports });
    await (await one.connect()).seesReset();
    expect(harness.gate.state.upstream).toMatchObject({ reachable: false, reason: 'LoopDetected' });
    await harness.counts(0);
  });
});
