import { describe, expect, test } from 'vitest';
import { CHUNK_COST } from '../../src/gate/chunk.ts';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import { startHarness } from './support/harness.ts';
import { stays, until, untilStable } from './support/time.ts';

const MEGABYTE = 2 ** 20;

describe.each(DIRECTIONS)('stall $direction', ({ direction, sender, receiver }) => {
  const stalled = { [direction]: { stall: {} } };
  const lifted = { [direction]: {} };

  test('holds the bytes of a new connection, and lets the other direction pass', async () => {
    const harness = await startHarness(stalled);
    const pair = await harness.open();
    pair[sender].send('held');
    pair[receiver].send('passes');
    await pair[sender].receives('passes');
    await pair[receiver].seesNothingMore();
    expect(pair[receiver].length).toBe(0);
    await harness.set(lifted);
    await pair[receiver].receives('held');
  });

  test('takes hold of an open connection, and gives its bytes back in order', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[sender].send('before,');
    await pair[receiver].receives('before,');
    await harness.set(stalled);
    pair[sender].send('in ');
    await pair[receiver].seesNothingMore();
    pair[sender].send('between,');
    await pair[receiver].seesNothingMore();
    await harness.set(lifted);
    await pair[receiver].receives('before,in between,');
    pair[sender].send('after');
    await pair[receiver].receives('before,in between,after');
  });

  test('blocks a sender once the buffers are full, and loses nothing', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    const sent = bytesOf(64 * MEGABYTE);
    await harness.set(stalled);
    pair[sender].sendInPieces(sent);
    const taken = await untilStable(() => pair[sender].taken);
    expect(taken).toBeLessThan(32 * MEGABYTE);
    // The gate does not read: all of that is in the kernel, and a chunk in the socket.
    expect(harness.observed.bytes[direction]).toBe(0);
    await stays('the sender is blocked', () => pair[sender].taken === taken);
    await harness.set(lifted);
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
  });

  test('holds what the gate has read already, and counts it', async () => {
    const harness = await startHarness({ [direction]: { delay: { milliseconds: 3_600_000 } } });
    const pair = await harness.open();
    pair[sender].send('read, and on its way');
    await harness.reads(direction, 20);
    await harness.set(stalled);
    expect(harness.budget.used).toBe(20 + CHUNK_COST);
    await pair[receiver].seesNothingMore();
    await harness.set(lifted);
    await pair[receiver].receives('read, and on its way');
    expect(harness.budget.used).toBe(0);
  });

  test('may come and go while bytes flow, and changes none of them', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    const sent = bytesOf(16 * MEGABYTE);
    pair[sender].sendInPieces(sent, 10_007);
    for (let round = 0; round < 50; round += 1) {
      await harness.set(stalled);
      const before = pair[receiver].length;
      await harness.set(lifted);
      await until(
        'bytes flow again',
        () => pair[receiver].length > before || pair[receiver].length === sent.length,
      );
    }
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
  });

  test('holds a FIN back, and lets it go after the bytes', async () => {
    const harness = await startHarness(stalled);
    const pair = await harness.open();
    pair[sender].send('the last words');
    pair[sender].finish();
    await pair[receiver].seesNothingMore();
    await harness.set(lifted);
    await pair[receiver].receives('the last words');
    await pair[receiver].seesFin();
  });

  test('holds a FIN back that came without a byte', async () => {
    const harness = await startHarness(stalled);
    const pair = await harness.open();
    pair[sender].finish();
    await pair[receiver].seesNothingMore();
    await harness.set(lifted);
    await pair[receiver].seesFin();
  });

  test('lets an RST through, and discards what it held', async () => {
    const harness = await startHarness(stalled);
    const pair = await harness.open();
    pair[sender].send('held');
    await pair[receiver].seesNothingMore();
    pair[sender].reset();
    await pair[receiver].seesReset();
    expect(pair[receiver].length).toBe(0);
    await harness.counts(0);
  });

  test('lets an RST through that stands behind more than the gate reads', async () => {
    const harness = await startHarness(stalled);
    const pair = await harness.open();
    pair[sender].sendInPieces(bytesOf(32 * MEGABYTE));
    await untilStable(() => pair[sender].taken);
    pair[sender].reset();
    await pair[receiver].seesReset();
    expect(pair[receiver].length).toBe(0);
    await harness.counts(0);
  });

  test('lets an RST of the receiver through to the stalled sender', async () => {
    const harness = await startHarness(stalled);
    const pair = await harness.open();
    pair[sender].sendInPieces(bytesOf(32 * MEGABYTE));
    await untilStable(() => pair[sender].taken);
    pair[receiver].reset();
    await pair[sender].seesReset();
    await harness.counts(0);
  });

  test('lets the FIN of the other direction through', async () => {
    const harness = await startHarness(stalled);
    const pair = await harness.open();
    pair[sender].send('held');
    pair[receiver].finish();
    await pair[sender].seesFin();
    await harness.set(lifted);
    await pair[receiver].receives('held');
  });
});

test('stall in both directions holds both, and each goes on by itself', async () => {
  const harness = await startHarness({ toServer: { stall: {} }, toClient: { stall: {} } });
  const { client, server } = await harness.open();
  client.send('question');
  server.send('greeting');
  await server.seesNothingMore();
  await client.seesNothingMore();
  await harness.set({ toClient: {} });
  await client.receives('greeting');
  await server.seesNothingMore();
  await harness.set({ toServer: {} });
  await server.receives('question');
});
