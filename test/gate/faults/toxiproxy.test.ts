import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { gateConfig } from '../../../src/gate/config.ts';
import { bytesOf } from '../support/bytes.ts';
import { closedAt } from '../support/close.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { type GateHarness, type Pair, startHarness } from '../support/harness.ts';
import type { Peer } from '../support/peer.ts';
import { expectTook, until, untilStable } from '../support/time.ts';

/** A toxic of Toxiproxy, what says the same here, and what it does. */
interface Row {
  readonly toxic: string;
  readonly patch: object;
  readonly does: string;
  check(
    ends: Pair & { readonly sender: Peer; readonly receiver: Peer },
    harness: GateHarness,
  ): Promise<void>;
}

const ROWS: readonly Row[] = [
  {
    toxic: 'latency 200, jitter 50',
    patch: { delay: { milliseconds: 200, jitterMilliseconds: 50 } },
    does: 'each byte comes so much later, in order',
    async check({ sender, receiver }) {
      const start = performance.now();
      sender.send('a');
      await sleep(60);
      sender.send('b');
      await receiver.receives('ab');
      expectTook(performance.now() - start, 210, 300);
      expect((receiver.arrivals[0]?.at ?? 0) - start).toBeGreaterThanOrEqual(150);
    },
  },
  {
    toxic: 'bandwidth 20 (KB/s)',
    patch: { bandwidth: { bytesPerSecond: 20_000 } },
    does: 'each connection has that rate for itself',
    async check({ sender, receiver }, harness) {
      const other = await harness.open();
      const start = performance.now();
      for (const peer of [sender, other.client, other.server]) peer.send(bytesOf(10_000));
      await receiver.receives(10_000);
      await until('the other', () => other.server.length + other.client.length === 20_000);
      expectTook(performance.now() - start, 500, 300);
    },
  },
  {
    toxic: 'bandwidth 0',
    patch: { stall: {} },
    does: 'nothing goes through, and the sender blocks in the end',
    async check({ sender, receiver }) {
      const sent = bytesOf(32 * 2 ** 20);
      sender.sendInPieces(sent);
      await untilStable(() => sender.taken);
      expect(sender.taken).toBeLessThan(sent.length);
      expect(receiver.length).toBe(0);
    },
  },
  {
    toxic: 'slow_close 200',
    patch: { delay: { milliseconds: 200 } },
    does: 'the end of the stream comes so much later (and here the bytes do)',
    async check({ sender, receiver }) {
      const start = performance.now();
      sender.send('data');
      sender.finish();
      await receiver.receives('data');
      await receiver.seesFin();
      expectTook(closedAt(receiver) - start, 200, 300);
    },
  },
  {
    toxic: 'timeout 0',
    patch: { drop: {} },
    does: 'all data is discarded',
    async check({ sender, receiver }) {
      sender.sendInPieces(bytesOf(8 * 2 ** 20));
      await until('all is taken', () => sender.taken === 8 * 2 ** 20);
      await receiver.seesNothingMore();
    },
  },
  {
    toxic: 'timeout 300',
    patch: { drop: {}, limitTime: { milliseconds: 300, clock: 'Connect' } },
    does: 'data is discarded and the connection closed in time (there, only if no data comes)',
    async check({ sender, receiver }) {
      const start = performance.now();
      while (sender.isUntouched && performance.now() - start < 3_000) {
        sender.send('x');
        await sleep(20);
      }
      await receiver.seesFin();
      expectTook(closedAt(receiver) - start, 100, 800);
      expect(receiver.length).toBe(0);
    },
  },
  {
    toxic: 'reset_peer 200',
    patch: { limitTime: { milliseconds: 200, clock: 'Connect', how: 'Reset' } },
    does: 'both ends see RST, on old and idle connections too (there, only on new and busy ones)',
    async check({ sender, receiver }, harness) {
      await Promise.all([sender.seesReset(), receiver.seesReset()]);
      const fresh = await harness.open();
      await Promise.all([fresh.client.seesReset(), fresh.server.seesReset()]);
    },
  },
  {
    toxic: 'slicer average_size 3, size_variation 1, delay 20 ms',
    patch: { slice: { maxBytes: 4, varianceBytes: 2, gapMilliseconds: 20 } },
    does: 'bytes come in small pieces of different sizes',
    async check({ sender, receiver }) {
      sender.send(bytesOf(60));
      expect((await receiver.receives(60)).equals(bytesOf(60))).toBe(true);
      const sizes = receiver.arrivals.map(({ data }) => data.length);
      expect(sizes.length).toBeGreaterThan(10);
      expect(new Set(sizes).size).toBeGreaterThan(1);
    },
  },
  {
    toxic: 'limit_data 100',
    patch: { limitBytes: { bytes: 100 } },
    does: 'so many bytes pass on each connection, then it is closed',
    async check({ sender, receiver }, harness) {
      sender.send(bytesOf(250));
      await receiver.seesFin();
      expect(receiver.bytes.equals(bytesOf(100))).toBe(true);
      const other = await harness.open();
      for (const peer of [other.client, other.server]) peer.send(bytesOf(99));
      await other.server.receives(99);
      await other.client.receives(99);
    },
  },
];

describe.each(DIRECTIONS)('Toxiproxy, $direction', ({ direction, sender, receiver }) => {
  test.each(ROWS)('$toxic: $does', async ({ patch, check }) => {
    const harness = await startHarness();
    const pair = await harness.open();
    await harness.set({ [direction]: patch });
    await check({ ...pair, sender: pair[sender], receiver: pair[receiver] }, harness);
  });

  test('toxicity 0.5: connectionsPercent touches the same connections after every change', async () => {
    const touched = async (harness: GateHarness, pairs: readonly Pair[], delay: number) => {
      await harness.set({
        [direction]: { delay: { milliseconds: delay }, connectionsPercent: 50 },
      });
      const before = pairs.map((pair) => pair[receiver].length);
      for (const pair of pairs) pair[sender].send('x');
      await sleep(100);
      const isTouched = pairs.map((pair, index) => pair[receiver].length === before[index]);
      await harness.set({ [direction]: {} });
      await until('all have it', () =>
        pairs.every((pair, index) => pair[receiver].length === (before[index] ?? 0) + 1),
      );
      return isTouched;
    };
    const harness = await startHarness({ seed: 42 });
    const pairs: Pair[] = [];
    for (let count = 0; count < 20; count += 1) pairs.push(await harness.open());
    await harness.counts(20);
    const first = await touched(harness, pairs, 60_000);
    expect(new Set(first).size).toBe(2);
    expect(await touched(harness, pairs, 61_000)).toEqual(first);
    await harness.set({ seed: 43 });
    expect(await touched(harness, pairs, 60_000)).not.toEqual(first);
  });

  test('no value that it would take and break on is taken', () => {
    const upstream = { host: 'server', port: 1 };
    for (const faults of [
      { bandwidth: { bytesPerSecond: -1 } },
      { bandwidth: { bytesPerSecond: 0 } },
      { delay: { milliseconds: -5 } },
      { delay: { milliseconds: 1, jitterMilliseconds: 2 } },
      { connectionsPercent: 500 },
      { slice: { maxBytes: 0 } },
      { limitBytes: { bytes: -1 } },
      { limitTime: { milliseconds: 0.5 } },
      { limitIdle: { milliseconds: 0 } },
    ]) {
      expect(gateConfig.safeParse({ upstream, [direction]: faults }).success).toBe(false);
    }
  });
});

test('enabled false: new connections are refused, and open ones closed with a disconnect', async () => {
  const harness = await startHarness();
  const { client, server } = await harness.open();
  await harness.set({ newConnections: 'Refuse', disconnect: { nonce: 'down' } });
  await Promise.all([client.seesFin(), server.seesFin()]);
  await expect(harness.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a half-closed connection carries the answer, which is lost there', async () => {
  const harness = await startHarness();
  const { client, server } = await harness.open();
  client.send('request');
  client.finish();
  await server.seesFin();
  server.send('answer');
  server.finish();
  await client.receives('answer');
  await client.seesFin();
});
