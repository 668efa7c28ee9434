import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startBench } from '../support/bench.ts';
import { CLOSES, closedAt, seesClose } from '../support/close.ts';
import { expectTook } from '../support/time.ts';

describe.each(CLOSES)('limitIdle $direction $how', ({ direction, sender, receiver, how }) => {
  const limited = (milliseconds: number) => ({ [direction]: { limitIdle: { milliseconds, how } } });

  test('closes both ends of a connection without a byte', async () => {
    const start = performance.now();
    const bench = await startBench(limited(200));
    const pair = await bench.open();
    pair[receiver].send('the other way does not count');
    await Promise.all([seesClose(pair[sender], how), seesClose(pair[receiver], how)]);
    expectTook(closedAt(pair[receiver]) - start, 200);
    expect(bench.told.closed).toEqual(['Fault']);
  });

  test('leaves a connection open as long as bytes come', async () => {
    const bench = await startBench(limited(500));
    const pair = await bench.open();
    let last = 0;
    for (let sent = 0; sent < 12; sent += 1) {
      last = performance.now();
      pair[sender].send('x');
      await sleep(60);
    }
    expect(pair[receiver].text).toBe('x'.repeat(12));
    await seesClose(pair[receiver], how);
    expectTook(closedAt(pair[receiver]) - last, 500);
  });

  test('is set and lifted on an open connection', async () => {
    const bench = await startBench();
    const [kept, closed] = await bench.openMany(2);
    await bench.set(limited(300));
    await bench.set({ [direction]: {} });
    await kept[receiver].seesNothingMore(400);
    const start = performance.now();
    await bench.set(limited(300));
    await seesClose(closed[sender], how);
    expectTook(closedAt(closed[sender]) - start, 300);
  });

  test('lets FIN and RST pass meanwhile, and closes what is half open', async () => {
    const bench = await startBench(limited(300));
    const [ending, resetting] = await bench.openMany(2);
    ending[sender].finish();
    resetting[sender].reset();
    await ending[receiver].seesFin();
    await resetting[receiver].seesReset();
    expect(bench.active).toBe(1);
    await seesClose(ending[sender], how);
    expect(bench.active).toBe(0);
  });
});
