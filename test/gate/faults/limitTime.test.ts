import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CLOSES, closedAt, seesClose } from '../support/close.ts';
import { startHarness } from '../support/harness.ts';
import { expectTook } from '../support/time.ts';

describe.each(CLOSES)('limitTime $direction $how', ({ direction, sender, receiver, how }) => {
  const limited = (milliseconds: number, clock = 'FirstData') => ({
    [direction]: { limitTime: { milliseconds, clock, how } },
  });

  test('closes both ends when the time is up that the first byte started', async () => {
    const harness = await startHarness(limited(300));
    const pair = await harness.open();
    await sleep(150);
    const start = performance.now();
    pair[sender].send('first,');
    await pair[receiver].receives('first,');
    pair[sender].send('second');
    await pair[receiver].receives('first,second');
    await Promise.all([seesClose(pair[sender], how), seesClose(pair[receiver], how)]);
    expectTook(closedAt(pair[receiver]) - start, 300);
    expectTook(closedAt(pair[sender]) - start, 300);
    expect(harness.observed.closed).toEqual(['Fault']);
  });

  test('leaves connections open that carry bytes the other way alone', async () => {
    const harness = await startHarness(limited(50));
    const pair = await harness.open();
    pair[receiver].send('back');
    await pair[sender].receives('back');
    await pair[sender].seesNothingMore(200);
  });

  test('closes silent connections too under clock Connect, the older ones at once', async () => {
    const harness = await startHarness();
    const start = performance.now();
    const old = await harness.open();
    await sleep(200);
    await harness.set(limited(150, 'Connect'));
    await seesClose(old[receiver], how);
    const young = await harness.open();
    await seesClose(young[sender], how);
    expectTook(closedAt(young[sender]) - start, 200 + 150);
  });

  test('lifted in time, it leaves the connection open', async () => {
    const harness = await startHarness(limited(200));
    const pair = await harness.open();
    pair[sender].send('hello');
    await pair[receiver].receives('hello');
    await harness.set({ [direction]: {} });
    await pair[receiver].seesNothingMore(300);
  });

  test('goes on when only the other direction changes', async () => {
    const harness = await startHarness(limited(300));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('hello');
    await pair[receiver].receives('hello');
    await sleep(150);
    const other = direction === 'toServer' ? 'toClient' : 'toServer';
    await harness.set({ [other]: { delay: { milliseconds: 1 } } });
    await seesClose(pair[receiver], how);
    expectTook(closedAt(pair[receiver]) - start, 300, 140);
  });

  test('lets FIN and RST pass meanwhile', async () => {
    const harness = await startHarness(limited(400));
    const [ending, resetting] = await harness.openMany(2);
    const start = performance.now();
    ending[sender].send('x');
    ending[sender].finish();
    resetting[sender].reset();
    await ending[receiver].seesFin();
    await resetting[receiver].seesReset();
    expect(harness.active).toBe(1);
    await seesClose(ending[sender], how);
    expectTook(closedAt(ending[sender]) - start, 400);
  });
});
