import { describe, expect, test } from 'vitest';
import { CHUNK_COST } from '../../src/gate/chunk.ts';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import { READ_BYTES, startHarness } from './support/harness.ts';
import { untilStable } from './support/time.ts';

const MEGABYTE = 2 ** 20;

describe.each(DIRECTIONS)('drop $direction', ({ direction, sender, receiver }) => {
  const dropping = { [direction]: { drop: {} } };
  const lifted = { [direction]: {} };

  test('loses bytes for good; those after it arrive alone', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[sender].send('before,');
    await pair[receiver].receives('before,');
    await harness.set(dropping);
    pair[sender].send('lost,');
    await harness.reads(direction, 12);
    await harness.set(lifted);
    pair[sender].send('after');
    await pair[receiver].receives('before,after');
    expect(harness.observed.injected).toEqual([`${direction} drop`]);
  });

  test('acts on a new connection, and leaves the other direction alone', async () => {
    const harness = await startHarness(dropping);
    const pair = await harness.open();
    pair[sender].send('lost');
    pair[receiver].send('passes');
    await pair[sender].receives('passes');
    await pair[receiver].seesNothingMore();
    expect(pair[receiver].length).toBe(0);
  });

  test('never blocks the sender', async () => {
    const harness = await startHarness(dropping);
    const pair = await harness.open();
    pair[sender].sendInPieces(bytesOf(64 * MEGABYTE));
    await harness.reads(direction, 64 * MEGABYTE);
    expect(pair[receiver].length).toBe(0);
    expect(harness.budget.used).toBe(0);
  });

  test('frees a sender that a receiver without an appetite has blocked', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[receiver].pause();
    pair[sender].sendInPieces(bytesOf(64 * MEGABYTE));
    await untilStable(() => pair[sender].taken);
    await harness.set(dropping);
    await harness.reads(direction, 64 * MEGABYTE);
    // The receiver's socket has it already.
    expect(harness.budget.used).toBeLessThanOrEqual(READ_BYTES + CHUNK_COST);
  });

  test('discards what the gate held', async () => {
    const harness = await startHarness({ [direction]: { stall: {} } });
    const pair = await harness.open();
    pair[sender].send('held');
    await pair[receiver].seesNothingMore();
    await harness.set(dropping);
    await harness.reads(direction, 4);
    await harness.set(lifted);
    pair[sender].send('after');
    await pair[receiver].receives('after');
  });

  test('lets FIN through at once', async () => {
    const harness = await startHarness(dropping);
    const pair = await harness.open();
    pair[sender].send('lost');
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(pair[receiver].length).toBe(0);
    pair[receiver].send('an answer to nothing');
    await pair[sender].receives('an answer to nothing');
  });

  test('lets RST through', async () => {
    const harness = await startHarness(dropping);
    const pair = await harness.open();
    pair[sender].send('lost');
    pair[sender].reset();
    await pair[receiver].seesReset();
    expect(pair[receiver].length).toBe(0);
  });
});
