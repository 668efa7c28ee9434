import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startBench } from '../support/bench.ts';
import { CLOSES, closedAt, seesClose } from '../support/close.ts';
import { expectTook } from '../support/time.ts';

describe.each(CLOSES)('limitTime $direction $how', ({ direction, sender, receiver, how }) => {
  const limited = (milliseconds: number, clock = 'FirstData') => ({
    [direction]: { limitTime: { milliseconds, clock, how } },
  });

  test('closes both ends when the time is up that the first byte started', async () => {
    const bench = await startBench(limited(300));
    const pair = await bench.open();
    await sleep(150);
    const start = performance.now();
    pair[sender].send('first,');
    await pair[receiver].receives('first,');
    pair[sender].send('second');
    await pair[receiver].receives('first,second');
    await Promise.all([seesClose(pair[sender], how), seesClose(pair[receiver], how)]);
    expectTook(closedAt(pair[receiver]) - start, 300);
    expectTook(closedAt(pair[sender]) - start, 300);
    expect(bench.told.closed).toEqual(['Fault']);
  });

  test('leaves connections open that carry bytes the other way alone', async () => {
    const bench = await startBench(limited(50));
    const pair = await bench.open();
    pair[receiver].send('back');
    await pair[sender].receives('back');
    await pair[sender].seesNothingMore(200);
  });

  test('closes silent connections too under clock Connect, the older ones at once', async () => {
    const bench = await startBench();
    const start = performance.now();
    const old = await bench.open();
    await sleep(200);
    await bench.set(limited(150, 'Connect'));
    await seesClose(old[receiver], how);
    const young = await bench.open();
    await seesClose(young[sender], how);
    expectTook(closedAt(young[sender]) - start, 200 + 150);
  });

  test('lifted in time, it leaves the connection open', async () => {
    const bench = await startBench(limited(200));
    const pair = await bench.open();
    pair[sender].send('hello');
    await pair[receiver].receives('hello');
    await bench.set({ [direction]: {} });
    await pair[receiver].seesNothingMore(300);
  });

  test('goes on when only the other direction changes', async () => {
    const bench = await startBench(limited(300));
    const pair = await bench.open();
    const start = performance.now();
    pair[sender].send('hello');
    await pair[receiver].receives('hello');
    await sleep(150);
    const other = direction === 'toServer' ? 'toClient' : 'toServer';
    await bench.set({ [other]: { delay: { milliseconds: 1 } } });
    await seesClose(pair[receiver], how);
    expectTook(closedAt(pair[receiver]) - start, 300, 140);
  });

  test('lets FIN and RST pass meanwhile', async () => {
    const bench = await startBench(limited(400));
    const [ending, resetting] = await bench.openMany(2);
    const start = performance.now();
    ending[sender].send('x');
    ending[sender].finish();
    resetting[sender].reset();
    await ending[receiver].seesFin();
    await resetting[receiver].seesReset();
    expect(bench.active).toBe(1);
    await seesClose(ending[sender], how);
    expectTook(closedAt(ending[sender]) - start, 400);
  });
});
