import { describe, expect, test } from 'vitest';
import { CHUNK_COST } from '../../src/gate/chunk.ts';
import { READ_BYTES, startBench } from './support/bench.ts';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import { settled } from './support/time.ts';

const MEGABYTE = 2 ** 20;

describe.each(DIRECTIONS)('drop $direction', ({ direction, sender, receiver }) => {
  const dropping = { [direction]: { drop: {} } };
  const lifted = { [direction]: {} };

  test('loses bytes for good; those after it arrive alone', async () => {
    const bench = await startBench();
    const pair = await bench.open();
    pair[sender].send('before,');
    await pair[receiver].receives('before,');
    await bench.set(dropping);
    pair[sender].send('lost,');
    await bench.reads(direction, 12);
    await bench.set(lifted);
    pair[sender].send('after');
    await pair[receiver].receives('before,after');
    expect(bench.told.injected).toEqual([`${direction} drop`]);
  });

  test('acts on a new connection, and leaves the other direction alone', async () => {
    const bench = await startBench(dropping);
    const pair = await bench.open();
    pair[sender].send('lost');
    pair[receiver].send('passes');
    await pair[sender].receives('passes');
    await pair[receiver].seesNothingMore();
    expect(pair[receiver].length).toBe(0);
  });

  test('never blocks the sender', async () => {
    const bench = await startBench(dropping);
    const pair = await bench.open();
    pair[sender].sendInPieces(bytesOf(64 * MEGABYTE));
    await bench.reads(direction, 64 * MEGABYTE);
    expect(pair[receiver].length).toBe(0);
    expect(bench.budget.used).toBe(0);
  });

  test('frees a sender that a receiver without an appetite has blocked', async () => {
    const bench = await startBench();
    const pair = await bench.open();
    pair[receiver].pause();
    pair[sender].sendInPieces(bytesOf(64 * MEGABYTE));
    await settled(() => pair[sender].taken);
    await bench.set(dropping);
    await bench.reads(direction, 64 * MEGABYTE);
    // The receiver's socket has it already.
    expect(bench.budget.used).toBeLessThanOrEqual(READ_BYTES + CHUNK_COST);
  });

  test('discards what the gate held', async () => {
    const bench = await startBench({ [direction]: { stall: {} } });
    const pair = await bench.open();
    pair[sender].send('held');
    await pair[receiver].seesNothingMore();
    await bench.set(dropping);
    await bench.reads(direction, 4);
    await bench.set(lifted);
    pair[sender].send('after');
    await pair[receiver].receives('after');
  });

  test('lets FIN through at once', async () => {
    const bench = await startBench(dropping);
    const pair = await bench.open();
    pair[sender].send('lost');
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(pair[receiver].length).toBe(0);
    pair[receiver].send('an answer to nothing');
    await pair[sender].receives('an answer to nothing');
  });

  test('lets RST through', async () => {
    const bench = await startBench(dropping);
    const pair = await bench.open();
    pair[sender].send('lost');
    pair[sender].reset();
    await pair[receiver].seesReset();
    expect(pair[receiver].length).toBe(0);
  });
});
