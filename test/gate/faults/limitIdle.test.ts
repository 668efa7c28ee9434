import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CLOSES, closedAt, seesClose } from '../support/close.ts';
import { startHarness } from '../support/harness.ts';
import { expectTook } from '../support/time.ts';

describe.each(CLOSES)('limitIdle $direction $how', ({ direction, sender, receiver, how }) => {
  const limited = (milliseconds: number) => ({ [direction]: { limitIdle: { milliseconds, how } } });

  test('closes both ends of a connection without a byte', async () => {
    const start = performance.now();
    const harness = await startHarness(limited(200));
    const pair = await harness.open();
    pair[receiver].send('the other way does not count');
    await Promise.all([seesClose(pair[sender], how), seesClose(pair[receiver], how)]);
    expectTook(closedAt(pair[receiver]) - start, 200);
    expect(harness.observed.closed).toEqual(['Fault']);
  });

  test('leaves a connection open as long as bytes come', async () => {
    const harness = await startHarness(limited(500));
    const pair = await harness.open();
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
    const harness = await startHarness();
    const [kept, closed] = await harness.openMany(2);
    await harness.set(limited(300));
    await harness.set({ [direction]: {} });
    await kept[receiver].seesNothingMore(400);
    const start = performance.now();
    await harness.set(limited(300));
    await seesClose(closed[sender], how);
    expectTook(closedAt(closed[sender]) - start, 300);
  });

  test('lets FIN and RST pass meanwhile, and closes what is half open', async () => {
    const harness = await startHarness(limited(300));
    const [ending, resetting] = await harness.openMany(2);
    ending[sender].finish();
    resetting[sender].reset();
    await ending[receiver].seesFin();
    await resetting[receiver].seesReset();
    expect(harness.active).toBe(1);
    await seesClose(ending[sender], how);
    expect(harness.active).toBe(0);
  });
});
