import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CHUNK_COST } from '../../src/gate/chunk.ts';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import {
  type GateHarness,
  OVERHEAD,
  type Patch,
  READ_BYTES,
  startHarness,
} from './support/harness.ts';
import { joint } from './support/joint.ts';
import { stays, until, untilStable } from './support/time.ts';

const MEGABYTE = 2 ** 20;
const HOUR = 3_600_000;
const held = { delay: { milliseconds: HOUR } };

describe('a change', () => {
  test('drops no connection, whatever it is', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(20);
    const patches: Patch[] = [
      { toServer: { stall: {} } },
      { toClient: { delay: { milliseconds: 5, jitterMilliseconds: 5 } } },
      { toServer: { delay: { milliseconds: 3 } }, toClient: { stall: {} } },
      { newConnections: 'Hold' },
      { toServer: {}, newConnections: 'Reset' },
      { toClient: {}, newConnections: 'Refuse' },
      { seed: 7, newConnections: 'Accept' },
      { upstream: { host: '127.0.0.1', port: harness.server.port, connectTimeoutMilliseconds: 9 } },
    ];
    let sent = '';
    for (const patch of [...patches, ...patches, ...patches]) {
      await harness.set(patch);
      sent += '.';
      for (const { client, server } of pairs) {
        client.send('.');
        server.send('.');
      }
    }
    await harness.set({ toServer: {}, toClient: {} });
    for (const { client, server } of pairs) {
      await client.receives(sent);
      await server.receives(sent);
    }
    expect(harness.active).toBe(20);
    expect(harness.observed.closed).toEqual([]);
  });

  test('is in force on every open connection when apply resolves', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(10);
    for (let round = 0; round < 100; round += 1) {
      await harness.set({ toServer: { drop: {} }, toClient: { drop: {} } });
      for (const { client, server } of pairs) {
        client.send('lost');
        server.send('lost');
      }
      await until('all is lost', () => harness.observed.injected.length === 20 * (round + 1));
      await harness.set({ toServer: {}, toClient: {} });
      for (const { client, server } of pairs) {
        client.send('.');
        server.send('.');
      }
      for (const { client, server } of pairs) {
        await client.receives('.'.repeat(round + 1));
        await server.receives('.'.repeat(round + 1));
      }
    }
  });

  test('takes hold of both directions in one step', async () => {
    const { setFaults, client, server, inner } = await joint();
    setFaults({ toServer: held, toClient: held });
    client.send('to the server');
    server.send('to the client');
    await until(
      'both are read',
      () => inner.client.bytesRead === 13 && inner.server.bytesRead === 13,
    );
    expect([inner.server.bytesWritten, inner.client.bytesWritten]).toEqual([0, 0]);
    setFaults({});
    expect([inner.server.bytesWritten, inner.client.bytesWritten]).toEqual([13, 13]);
    await client.receives('to the client');
    await server.receives('to the server');
  });

  test('arrives in the order in which it was made, also when nobody waits for it', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    const changes = Array.from({ length: 50 }, (_, index) =>
      harness.set({
        toServer: index % 2 === 0 ? { stall: {} } : {},
        newConnections: index % 3 === 0 ? 'Refuse' : 'Accept',
      }),
    );
    await Promise.all(changes);
    client.send('hello');
    await server.receives('hello');
    await harness.open();
  });
});

describe('an equal configuration', () => {
  test('restarts nothing', async () => {
    const harness = await startHarness({ toServer: held, toClient: held });
    const { client, server } = await harness.open();
    client.send('held');
    server.send('held');
    await harness.reads('toServer', 4);
    await harness.reads('toClient', 4);
    for (let round = 0; round < 10; round += 1) await harness.set({});
    expect(harness.observed.injected.sort()).toEqual(['toClient delay', 'toServer delay']);
    expect(harness.budget.used).toBe(2 * (4 + CHUNK_COST));
  });

  test.each(DIRECTIONS)(
    'of $direction is left alone by a change of the other',
    async ({ direction }) => {
      const harness = await startHarness({ toServer: held, toClient: held });
      const { client, server } = await harness.open();
      client.send('held');
      server.send('held');
      await harness.reads('toServer', 4);
      await harness.reads('toClient', 4);
      const other = direction === 'toServer' ? 'toClient' : 'toServer';
      await harness.set({ [other]: { delay: { milliseconds: HOUR - 1 } } });
      await harness.set({ [other]: { stall: {} } });
      await harness.set({ [other]: {} });
      expect(harness.observed.injected.filter((text) => text.startsWith(direction))).toHaveLength(
        1,
      );
      expect(harness.budget.used).toBe(4 + CHUNK_COST);
    },
  );
});

describe.each(DIRECTIONS)(
  'bytes that the gate holds $direction',
  ({ direction, sender, receiver }) => {
    /** A connection on which `held` waits in the gate. */
    async function holding(): Promise<
      { harness: GateHarness } & Awaited<ReturnType<GateHarness['open']>>
    > {
      const harness = await startHarness({ [direction]: held });
      const pair = await harness.open();
      for (const text of ['h', 'el', 'd']) {
        pair[sender].send(text);
        await untilStable(() => harness.observed.bytes[direction], 10);
      }
      await harness.reads(direction, 4);
      return { harness, ...pair };
    }

    test.each([
      ['pass when all is lifted', {}, 'held,new'],
      [
        'pass under a fault that keeps bytes',
        { delay: { milliseconds: 20, jitterMilliseconds: 20 } },
        'held,new',
      ],
      ['are lost to a drop', { drop: {} }, ''],
      ['stay held under a stall', { stall: {} }, ''],
      ['are held before they can be delayed', { stall: {}, delay: { milliseconds: 0 } }, ''],
      ['are lost before they can be delayed', { drop: {}, delay: { milliseconds: 0 } }, ''],
    ])('%s, in order', async (_, faults, expected) => {
      const { harness, ...pair } = await holding();
      await harness.set({ [direction]: faults });
      pair[sender].send(',new');
      if (expected === '') await pair[receiver].seesNothingMore();
      await pair[receiver].receives(expected);
      expect(harness.active).toBe(1);
    });

    test('pass through many faults in order, and none of them twice', async () => {
      const { harness, ...pair } = await holding();
      const faults = [
        { stall: {} },
        held,
        { delay: { milliseconds: HOUR - 1 } },
        { stall: {}, ...held },
      ];
      for (let round = 0; round < 8; round += 1)
        await harness.set({ [direction]: faults[round % 4] });
      expect(harness.budget.used).toBe(4 + 3 * CHUNK_COST);
      await harness.set({ [direction]: {} });
      await pair[receiver].receives('held');
      await pair[receiver].seesNothingMore();
    });

    test('pass when the fault does not touch their connection any more', async () => {
      const { harness, ...pair } = await holding();
      await harness.set({ [direction]: { ...held, connectionsPercent: 0 } });
      await pair[receiver].receives('held');
    });

    test('are discarded by a disconnect', async () => {
      const { harness, ...pair } = await holding();
      await harness.set({ disconnect: { nonce: '1' } });
      await pair[receiver].seesFin();
      await pair[sender].seesFin();
      expect(pair[receiver].length).toBe(0);
      expect(harness.budget.used).toBe(0);
    });

    test('are discarded when the gate closes', async () => {
      const { harness, ...pair } = await holding();
      const closed = harness.gate.close();
      await pair[receiver].seesFin();
      await pair[sender].seesFin();
      expect(pair[receiver].length).toBe(0);
      pair.client.finish();
      pair.server.finish();
      await closed;
      expect(harness.observed.closed).toEqual(['GateClosed']);
      expect(harness.budget.used).toBe(0);
    });

    test('stay in order when some wait for their receiver, and some for their time', async () => {
      const harness = await startHarness({ [direction]: { delay: { milliseconds: 500 } } });
      const pair = await harness.open();
      const first = bytesOf(12 * MEGABYTE, 'first');
      pair[receiver].pause();
      pair[sender].sendInPieces(first);
      await harness.reads(direction, first.length);
      // Its time is over: what is still held waits for the receiver.
      await sleep(600);
      const waiting = harness.budget.used;
      expect(waiting).toBeGreaterThan(MEGABYTE);
      pair[sender].send(',second');
      await harness.reads(direction, first.length + 7);
      expect(harness.budget.used).toBe(waiting + 7 + CHUNK_COST);
      await harness.set({ [direction]: { stall: {} } });
      expect(harness.budget.used).toBe(waiting + 7 + CHUNK_COST);
      for (const faults of [{}, held, {}]) await harness.set({ [direction]: faults });
      pair[receiver].resume();
      const received = await pair[receiver].receives(first.length + 7);
      expect(received.equals(Buffer.concat([first, Buffer.from(',second')]))).toBe(true);
    });

    test('obey a change although they wait for their receiver alone', async () => {
      const harness = await startHarness({ [direction]: held });
      const pair = await harness.open();
      const sent = bytesOf(12 * MEGABYTE);
      pair[sender].sendInPieces(sent);
      await harness.reads(direction, sent.length);
      pair[receiver].pause();
      await harness.set({ [direction]: {} });
      const waiting = await untilStable(() => harness.budget.used);
      expect(waiting).toBeGreaterThan(MEGABYTE);
      await harness.set({ [direction]: { drop: {} } });
      // The receiver's socket has it already.
      const inSocket = harness.budget.used;
      expect(inSocket).toBeLessThanOrEqual(READ_BYTES + CHUNK_COST);
      pair[receiver].resume();
      const length = await untilStable(() => pair[receiver].length);
      expect(pair[receiver].bytes.equals(sent.subarray(0, length))).toBe(true);
      // What is missing is what the gate had not written yet, and no more.
      const missing = waiting - inSocket;
      expect(sent.length - length).toBeLessThan(missing);
      expect(sent.length - length).toBeGreaterThan(missing / OVERHEAD);
    });
  },
);

test('a patch that lifts a stall on one of two gates does not lift the other', async () => {
  const first = await startHarness({ toServer: { stall: {} } });
  const second = await startHarness({ toServer: { stall: {} } });
  const one = await first.open();
  const two = await second.open();
  one.client.send('one');
  two.client.send('two');
  await first.set({ toServer: {} });
  await one.server.receives('one');
  await stays('stalled', () => two.server.length === 0);
});
