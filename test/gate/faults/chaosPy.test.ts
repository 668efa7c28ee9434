import { describe, expect, test } from 'vitest';
import { bytesOf } from '../support/bytes.ts';
import { closedAt } from '../support/close.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { type GateHarness, type Pair, startHarness } from '../support/harness.ts';
import type { Peer } from '../support/peer.ts';
import { expectTook, until, untilStable } from '../support/time.ts';

/** A method of userver's chaos.TcpGate, what says the same here, and what its users rely on. */
interface Row {
  readonly method: string;
  readonly patch: object;
  readonly relied: string;
  check(harness: GateHarness, ends: Ends): Promise<void>;
}

interface Ends extends Pair {
  readonly sender: Peer;
  readonly receiver: Peer;
  /** Restores the direction, as `to_*_pass()` does. */
  pass(): Promise<void>;
  /** One more connection. */
  another(): Promise<{ readonly sender: Peer; readonly receiver: Peer }>;
}

async function echoes(from: Peer, to: Peer, text: string): Promise<void> {
  const { length } = to;
  from.send(text);
  await until(`"${text}" arrives`, () => to.length >= length + text.length);
  expect(to.text.slice(length)).toBe(text);
}

async function areDead(...peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await until('the end of the connection', () => !peer.isUntouched);
}

const ROWS: readonly Row[] = [
  {
    method: 'pass()',
    patch: {},
    relied: 'bytes pass, both ways',
    async check(_, { sender, receiver }) {
      await echoes(sender, receiver, 'there');
      await echoes(receiver, sender, 'and back');
    },
  },
  {
    method: 'noop()',
    patch: { stall: {} },
    relied: 'the receiver gets nothing, the sender blocks in the end, and pass() brings it all',
    async check(_, { sender, receiver, pass }) {
      const sent = bytesOf(32 * 2 ** 20);
      sender.sendInPieces(sent);
      await untilStable(() => sender.taken);
      expect(sender.taken).toBeLessThan(sent.length);
      expect(receiver.length).toBe(0);
      await echoes(receiver, sender, 'the other way is open');
      await pass();
      expect((await receiver.receives(sent.length)).equals(sent)).toBe(true);
    },
  },
  {
    method: 'drop()',
    patch: { drop: {} },
    relied: 'the sender never blocks, what it sent is lost for good, and the connection stays',
    async check(harness, { sender, receiver, pass }) {
      sender.sendInPieces(bytesOf(20_000_000));
      await until('all is taken', () => sender.taken === 20_000_000);
      await until(
        'all is read',
        () => Math.max(...Object.values(harness.observed.bytes)) === 20_000_000,
      );
      await pass();
      await receiver.seesNothingMore();
      await echoes(sender, receiver, 'only this');
      expect(receiver.text).toBe('only this');
    },
  },
  {
    method: 'delay(0.3)',
    patch: { delay: { milliseconds: 300 } },
    relied: 'each byte comes that much later, and only in this direction',
    async check(_, { sender, receiver }) {
      const start = performance.now();
      // Its reads of 4096 bytes would follow each other by 300 ms.
      sender.send(bytesOf(12_288));
      await echoes(receiver, sender, 'at once');
      expectTook(performance.now() - start, 0, 290);
      await receiver.receives(12_288);
      expectTook(performance.now() - start, 300, 290);
    },
  },
  {
    method: 'close_on_data()',
    patch: { closeOnData: {} },
    relied:
      'nothing is forwarded, both ends see the close, other connections live, and it stays armed',
    async check(_, { sender, receiver, another }) {
      const other = await another();
      await echoes(receiver, sender, 'the other way does not count');
      sender.send('hello');
      await areDead(sender, receiver);
      expect(receiver.length).toBe(0);
      expect(other.sender.isUntouched).toBe(true);
      other.sender.send('hello');
      await areDead(other.sender, other.receiver);
    },
  },
  {
    method: 'corrupt_data()',
    patch: { corrupt: {} },
    relied: 'as many bytes, each another one, and clean ones again on the same connection',
    async check(_, { sender, receiver, pass }) {
      const sent = Buffer.concat([Buffer.from([0, 1, 2, 65, 255]), bytesOf(10_000)]);
      sender.send(sent);
      const received = await receiver.receives(sent.length);
      expect(received.filter((byte, index) => byte === sent[index])).toHaveLength(0);
      await pass();
      await echoes(sender, receiver, 'clean');
    },
  },
  {
    method: 'limit_bps(20_000)',
    patch: { bandwidth: { bytesPerSecond: 20_000, scope: 'Gate' } },
    relied: 'all connections together are as fast, and no byte is lost',
    async check(_, { sender, receiver, another }) {
      const other = await another();
      const start = performance.now();
      sender.send(bytesOf(8_000, 'one'));
      other.sender.send(bytesOf(8_000, 'other'));
      await receiver.receives(8_000);
      await other.receiver.receives(8_000);
      expectTook(performance.now() - start, 800, 400);
      expect(receiver.bytes.equals(bytesOf(8_000, 'one'))).toBe(true);
      // Its bucket would have let one have it all, and then sent single bytes.
      expect(receiver.arrivals.length).toBeLessThan(40);
    },
  },
  {
    method: 'limit_time(0.3, 0.05)',
    patch: { limitTime: { milliseconds: 300, jitterMilliseconds: 50 } },
    relied: 'the first packet passes and starts the time, and data after it ends the connection',
    async check(_, { sender, receiver, another }) {
      const silent = await another();
      const start = performance.now();
      await echoes(sender, receiver, 'first');
      await areDead(sender, receiver);
      // It would wait for one more packet; here the time itself closes.
      expectTook(closedAt(receiver) - start, 250, 300);
      expect(silent.sender.isUntouched).toBe(true);
    },
  },
  {
    method: 'smaller_parts(2, sleep_per_packet=0.1)',
    patch: { slice: { maxBytes: 2, gapMilliseconds: 100 } },
    relied: 'a reader that keeps up gets parts of at most that size, and all bytes',
    async check(_, { sender, receiver }) {
      sender.send('hello');
      await receiver.receives('hello');
      expect(receiver.arrivals.map(({ data }) => data.toString())).toEqual(['he', 'll', 'o']);
    },
  },
  {
    method: 'concat_packets(10)',
    patch: { coalesce: { minBytes: 10 } },
    relied: 'nothing comes below that size, then all at once; pass() brings a rest',
    async check(_, { sender, receiver, pass }) {
      sender.send('hello');
      await receiver.seesNothingMore();
      sender.send('world');
      await receiver.receives('helloworld');
      expect(receiver.arrivals).toHaveLength(1);
      sender.send('rest');
      await receiver.seesNothingMore();
      await pass();
      await receiver.receives('helloworldrest');
    },
  },
  {
    method: 'concat_packets(8_000), which it could never do',
    patch: { coalesce: { minBytes: 8_000 } },
    relied: 'more than one of its reads is gathered, and the end of the stream brings a rest',
    async check(_, { sender, receiver }) {
      const sent = bytesOf(8_000);
      sender.send(sent.subarray(0, 4_096));
      await receiver.seesNothingMore();
      sender.send(sent.subarray(4_096));
      await receiver.receives(8_000);
      sender.send('rest');
      sender.finish();
      await receiver.seesFin();
      expect(receiver.length).toBe(8_004);
    },
  },
  {
    method: 'limit_bytes(12)',
    patch: { limitBytes: { bytes: 12, scope: 'Gate' } },
    relied:
      'exactly so many pass over all connections, then every one is closed, and it starts over',
    async check(harness, { sender, receiver, another }) {
      const other = await another();
      await echoes(sender, receiver, 'abcde');
      // The opposite direction does not count.
      await echoes(receiver, sender, 'more than twelve bytes');
      other.sender.send('fghijklmno');
      await areDead(sender, receiver, other.sender, other.receiver);
      expect([receiver.text, other.receiver.text]).toEqual(['abcde', 'fghijkl']);
      await harness.counts(0);
      const third = await another();
      third.sender.send('exactly 12 b');
      await areDead(third.sender, third.receiver);
      expect(third.receiver.text).toBe('exactly 12 b');
    },
  },
  {
    method: "substitute('he(l+)o', r'[\\1]')",
    patch: { substitute: [{ pattern: 'he(l+)o', replacement: '[\\1]' }] },
    relied: 'each match is replaced, groups too, and other bytes stay as they are',
    async check(_, { sender, receiver }) {
      const sent = Buffer.from([0, 0xff, ...Buffer.from('hello, hellllo'), 0xfe]);
      // It took bytes that are no UTF-8 for a reason to replace nothing, and saw no match over two reads.
      sender.send(sent.subarray(0, 4));
      await until('a read', () => receiver.length > 0);
      sender.send(sent.subarray(4));
      const expected = Buffer.from([0, 0xff, ...Buffer.from('[ll], [llll]'), 0xfe]);
      expect((await receiver.receives(expected.length)).equals(expected)).toBe(true);
    },
  },
];

describe.each(DIRECTIONS)('chaos.py, $direction', ({ direction, sender, receiver }) => {
  test.each(ROWS)('$method: $relied', async ({ patch, check }) => {
    const harness = await startHarness();
    const pair = await harness.open();
    // As there, the fault takes hold of a connection that is open.
    await harness.set({ [direction]: patch });
    await check(harness, {
      ...pair,
      sender: pair[sender],
      receiver: pair[receiver],
      pass: () => harness.set({ [direction]: {} }),
      another: async () => {
        const { active } = harness;
        const more = await harness.open();
        await harness.counts(active + 1);
        return { sender: more[sender], receiver: more[receiver] };
      },
    });
  });
});

describe('chaos.py, the gate itself', () => {
  test('stop_accepting() and start_accepting(): Hold, then Accept with the early bytes', async () => {
    const harness = await startHarness();
    const old = await harness.open();
    await harness.set({ newConnections: 'Hold' });
    const client = await harness.connect();
    client.send('early');
    await echoes(old.client, old.server, 'old connections live');
    await client.seesNothingMore();
    expect(harness.active).toBe(1);
    await harness.set({ newConnections: 'Accept' });
    const server = await harness.server.accept();
    await server.receives('early');
  });

  test('stop() and start(): Refuse with a disconnect, then Accept on the same port', async () => {
    const harness = await startHarness();
    const { port } = harness.gate.state;
    const { client, server } = await harness.open();
    await harness.set({ newConnections: 'Refuse', disconnect: { nonce: '1' } });
    await areDead(client, server);
    await expect(harness.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await harness.set({ newConnections: 'Accept' });
    expect(harness.gate.state.port).toBe(port);
    const again = await harness.open();
    await echoes(again.client, again.server, 'again');
  });

  test('sockets_close(count=1) and connections_count(): the oldest ends, and the count is exact', async () => {
    const harness = await startHarness({ toClient: { delay: { milliseconds: 1 } } });
    const [oldest, other] = await harness.openMany(2);
    await harness.set({ disconnect: { nonce: '1', count: 1 } });
    await areDead(oldest.client, oldest.server);
    expect(harness.active).toBe(1);
    await echoes(other.client, other.server, 'alive');
    const next = await harness.open();
    await echoes(next.server, next.client, 'faults stay');
    await harness.counts(2);
  });

  test('a FIN is passed on, and the connection counts until both ends are done', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    client.finish();
    await server.seesFin();
    server.send('the answer still comes');
    await client.receives('the answer still comes');
    expect(harness.active).toBe(1);
    server.finish();
    await client.seesFin();
    await harness.counts(0);
  });
});
