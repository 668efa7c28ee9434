import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import { startHarness } from './support/harness.ts';
import type { Peer } from './support/peer.ts';
import { untilStable } from './support/time.ts';

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
    const harness = await startHarness();
    const pair = await harness.open();
    await harness.set(armed);
    pair[sender].send('x');
    await HOW[how](pair[sender]);
    await HOW[how](pair[receiver]);
    expect(pair[receiver].length).toBe(0);
    await harness.counts(0);
    expect(harness.observed.closed).toEqual(['Fault']);
  });

  test('closes in the same way on many bytes', async () => {
    const harness = await startHarness(armed);
    const pair = await harness.open();
    pair[sender].sendInPieces(bytesOf(500_000));
    await HOW[how](pair[sender]);
    await HOW[how](pair[receiver]);
    expect(pair[receiver].length).toBe(0);
  });

  test('leaves silent connections open, and those that speak the other way', async () => {
    const harness = await startHarness(armed);
    const [silent, listening, speaking] = await harness.openMany(3);
    listening[receiver].send('passes');
    await listening[sender].receives('passes');
    speaking[sender].send('x');
    await HOW[how](speaking[receiver]);
    await silent.client.seesNothingMore();
    await harness.counts(2);
    await harness.set({ [direction]: {} });
    for (const pair of [silent, listening]) {
      pair[sender].send('alive');
      await pair[receiver].receives('alive');
    }
  });

  test('closes at once on bytes that the gate held', async () => {
    const harness = await startHarness({ [direction]: { delay: { milliseconds: 3_600_000 } } });
    const [holding, silent] = await harness.openMany(2);
    holding[sender].send('held');
    await harness.reads(direction, 4);
    await harness.set(armed);
    expect(harness.active).toBe(1);
    await HOW[how](holding[sender]);
    await HOW[how](holding[receiver]);
    expect(holding[receiver].length).toBe(0);
    expect(silent[sender].isUntouched).toBe(true);
  });

  test('closes a connection whose receiver has blocked it', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[receiver].pause();
    pair[sender].sendInPieces(bytesOf(64 * 2 ** 20));
    await untilStable(() => pair[sender].taken);
    await harness.set(armed);
    await harness.counts(0);
    await HOW[how](pair[sender]);
  });

  test('lets a FIN without bytes pass', async () => {
    const harness = await startHarness(armed);
    const pair = await harness.open();
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(pair[sender].isUntouched).toBe(true);
    expect(harness.active).toBe(1);
  });

  test('lets an RST pass', async () => {
    const harness = await startHarness(armed);
    const pair = await harness.open();
    pair[sender].reset();
    await pair[receiver].seesReset();
  });

  test('stays armed for the connections that come', async () => {
    const harness = await startHarness(armed);
    for (let round = 0; round < 3; round += 1) {
      const pair = await harness.open();
      pair[sender].send('x');
      await HOW[how](pair[receiver]);
    }
    expect(harness.observed.closed).toEqual(['Fault', 'Fault', 'Fault']);
  });
});
