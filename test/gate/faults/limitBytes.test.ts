import { describe, expect, test } from 'vitest';
import { bytesOf } from '../support/bytes.ts';
import { CLOSES, closedAt, seesClose } from '../support/close.ts';
import { startHarness } from '../support/harness.ts';
import { expectTook, untilStable } from '../support/time.ts';

const MEBIBYTE = 2 ** 20;

describe.each(CLOSES)('limitBytes $direction $how', ({ direction, sender, receiver, how }) => {
  const limited = (bytes: number, scope = 'Connection') => ({
    limitBytes: { bytes, scope, how },
  });

  test.each([1, 5, 65_536, 3 * MEBIBYTE])(
    'lets exactly %d bytes through, and closes both ends',
    async (bytes) => {
      const harness = await startHarness({ [direction]: limited(bytes) });
      const pair = await harness.open();
      const sent = bytesOf(bytes + 100_000);
      pair[sender].sendInPieces(sent);
      await Promise.all([seesClose(pair[receiver], how), seesClose(pair[sender], how)]);
      expect(pair[receiver].bytes.equals(sent.subarray(0, bytes))).toBe(true);
      expect(harness.observed.closed).toEqual(['Fault']);
    },
  );

  test('closes when it is reached to the byte, and not before', async () => {
    const harness = await startHarness({ [direction]: limited(5) });
    const pair = await harness.open();
    pair[sender].send('hell');
    await pair[receiver].receives('hell');
    await pair[receiver].seesNothingMore();
    pair[sender].send('o');
    await pair[receiver].receives('hello');
    await seesClose(pair[receiver], how);
  });

  test('closes behind bytes that the receiver takes late', async () => {
    const harness = await startHarness({ [direction]: limited(4 * MEBIBYTE) });
    const pair = await harness.open();
    const sent = bytesOf(5 * MEBIBYTE);
    pair[receiver].pause();
    pair[sender].sendInPieces(sent);
    await untilStable(() => harness.observed.bytes[direction]);
    pair[receiver].resume();
    await seesClose(pair[receiver], how);
    expect(pair[receiver].bytes.equals(sent.subarray(0, 4 * MEBIBYTE))).toBe(true);
  });

  test('closes behind bytes that are delayed', async () => {
    const harness = await startHarness({
      [direction]: { ...limited(5), delay: { milliseconds: 300 } },
    });
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('hello world');
    await seesClose(pair[receiver], how);
    expectTook(closedAt(pair[receiver]) - start, 300);
    expect(pair[receiver].text).toBe('hello');
  });

  test('of 0 closes on the first byte, which does not pass', async () => {
    const harness = await startHarness({ [direction]: limited(0) });
    const pair = await harness.open();
    await pair[receiver].seesNothingMore();
    pair[sender].send('x');
    await Promise.all([seesClose(pair[receiver], how), seesClose(pair[sender], how)]);
    expect(pair[receiver].length).toBe(0);
  });

  test('once the last byte has passed, none passes the other way', async () => {
    const harness = await startHarness({ [direction]: limited(5) });
    for (let round = 0; round < 20; round += 1) {
      const pair = await harness.open();
      pair[receiver].socket.once('data', () => pair[receiver].send('and another thing'));
      pair[sender].send('hello');
      await Promise.all([seesClose(pair[receiver], how), seesClose(pair[sender], how)]);
      expect([pair[receiver].text, pair[sender].text]).toEqual(['hello', '']);
    }
  });

  test('nor while the last bytes are still on their way', async () => {
    const harness = await startHarness({
      [direction]: { ...limited(5), delay: { milliseconds: 300 } },
    });
    const pair = await harness.open();
    pair[sender].send('hello');
    await harness.reads(direction, 5);
    pair[receiver].send('too late');
    pair[receiver].finish();
    await seesClose(pair[receiver], how);
    await seesClose(pair[sender], how);
    expect([pair[receiver].text, pair[sender].text]).toEqual(['hello', '']);
    expect(harness.observed.closed).toEqual(['Fault']);
  });

  test('is set and lifted on an open connection', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[sender].send('before,');
    await pair[receiver].receives('before,');
    await harness.set({ [direction]: limited(100) });
    pair[sender].send('under it,');
    await pair[receiver].receives('before,under it,');
    await harness.set({ [direction]: {} });
    pair[sender].send('x'.repeat(200));
    await pair[receiver].receives(`before,under it,${'x'.repeat(200)}`);
    expect(harness.active).toBe(1);
  });

  test('lets FIN and RST pass below the limit', async () => {
    const harness = await startHarness({ [direction]: limited(100) });
    const [ending, resetting] = await harness.openMany(2);
    ending[sender].send('bye');
    ending[sender].finish();
    resetting[sender].reset();
    await ending[receiver].receives('bye');
    await ending[receiver].seesFin();
    await resetting[receiver].seesReset();
    ending[receiver].send('answer');
    await ending[sender].receives('answer');
  });

  test('with scope Gate counts all connections, closes every one and starts over', async () => {
    const harness = await startHarness({ [direction]: limited(10, 'Gate') });
    for (let round = 0; round < 3; round += 1) {
      const pairs = await harness.openMany(3);
      const [first, second, silent] = pairs;
      first[sender].send('abcd');
      await first[receiver].receives('abcd');
      second[sender].send('efghijkl');
      const peers = pairs.flatMap(({ client, server }) => [client, server]);
      await Promise.all(peers.map((peer) => seesClose(peer, how)));
      expect([first, second, silent].map((pair) => pair[receiver].text)).toEqual([
        'abcd',
        'efghij',
        '',
      ]);
      await harness.counts(0);
    }
  });

  test('with scope Gate keeps its count when only the other direction changes', async () => {
    const harness = await startHarness({ [direction]: limited(10, 'Gate') });
    const pair = await harness.open();
    pair[sender].send('abcdef');
    await pair[receiver].receives('abcdef');
    const other = direction === 'toServer' ? 'toClient' : 'toServer';
    await harness.set({ [other]: { delay: { milliseconds: 1 } } });
    pair[sender].send('ghijkl');
    await seesClose(pair[receiver], how);
    expect(pair[receiver].text).toBe('abcdefghij');
  });
});
