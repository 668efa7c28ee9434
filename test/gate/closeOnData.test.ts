import { describe, expect, test } from 'vitest';
import { startBench } from './support/bench.ts';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import type { Peer } from './support/peer.ts';
import { settled } from './support/time.ts';

const HOW = {
  Fin: (peer: Peer) => peer.seesFin(),
  Reset: (peer: Peer) => peer.seesReset(),
};

const cases = DIRECTIONS.flatMap((ends) =>
  (['Fin', 'Reset'] as const).map((how) => ({ ...ends, how })),
);

describe.each(cases)('closeOnData $direction $how', ({ direction, sender, receiver, how }) => {
  const armed = { [direction]: { closeOnData: { how } } };

  test('closes a connection on its first byte, and forwards nothing', async () => {
    const bench = await startBench();
    const pair = await bench.open();
    await bench.set(armed);
    pair[sender].send('x');
    await HOW[how](pair[sender]);
    await HOW[how](pair[receiver]);
    expect(pair[receiver].length).toBe(0);
    await bench.counts(0);
    expect(bench.told.closed).toEqual(['Fault']);
  });

  test('closes in the same way on many bytes', async () => {
    const bench = await startBench(armed);
    const pair = await bench.open();
    pair[sender].sendInPieces(bytesOf(500_000));
    await HOW[how](pair[sender]);
    await HOW[how](pair[receiver]);
    expect(pair[receiver].length).toBe(0);
  });

  test('leaves silent connections open, and those that speak the other way', async () => {
    const bench = await startBench(armed);
    const [silent, listening, speaking] = await bench.openMany(3);
    listening[receiver].send('passes');
    await listening[sender].receives('passes');
    speaking[sender].send('x');
    await HOW[how](speaking[receiver]);
    await silent.client.seesNothingMore();
    await bench.counts(2);
    await bench.set({ [direction]: {} });
    for (const pair of [silent, listening]) {
      pair[sender].send('alive');
      await pair[receiver].receives('alive');
    }
  });

  test('closes at once on bytes that the gate held', async () => {
    const bench = await startBench({ [direction]: { delay: { milliseconds: 3_600_000 } } });
    const [holding, silent] = await bench.openMany(2);
    holding[sender].send('held');
    await bench.reads(direction, 4);
    await bench.set(armed);
    expect(bench.active).toBe(1);
    await HOW[how](holding[sender]);
    await HOW[how](holding[receiver]);
    expect(holding[receiver].length).toBe(0);
    expect(silent[sender].isUntouched).toBe(true);
  });

  test('closes a connection whose receiver has blocked it', async () => {
    const bench = await startBench();
    const pair = await bench.open();
    pair[receiver].pause();
    pair[sender].sendInPieces(bytesOf(64 * 2 ** 20));
    await settled(() => pair[sender].taken);
    await bench.set(armed);
    await bench.counts(0);
    await HOW[how](pair[sender]);
  });

  test('lets a FIN without bytes pass', async () => {
    const bench = await startBench(armed);
    const pair = await bench.open();
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(pair[sender].isUntouched).toBe(true);
    expect(bench.active).toBe(1);
  });

  test('lets an RST pass', async () => {
    const bench = await startBench(armed);
    const pair = await bench.open();
    pair[sender].reset();
    await pair[receiver].seesReset();
  });

  test('stays armed for the connections that come', async () => {
    const bench = await startBench(armed);
    for (let round = 0; round < 3; round += 1) {
      const pair = await bench.open();
      pair[sender].send('x');
      await HOW[how](pair[receiver]);
    }
    expect(bench.told.closed).toEqual(['Fault', 'Fault', 'Fault']);
  });
});
