import { beforeEach, describe, expect, test } from 'vitest';
import { KubeApiError, KubeConnectionError } from '../../../src/kube/errors.ts';
import { RestartPolicy } from '../../../src/kube/restartPolicy.ts';

const BROKEN = new KubeConnectionError('reset', 'WATCH');
const HEALTHY = 10_001;

function refusal(status: number, retryAfterSeconds?: number): KubeApiError {
  return new KubeApiError({ status, reason: '', message: '', retryAfterSeconds, request: 'WATCH' });
}

let policy: RestartPolicy;
beforeEach(() => {
  policy = new RestartPolicy(() => 0);
});

const wait = (error: unknown, lived = 0) => policy.after(error, lived).waitMilliseconds;

describe('after the end of a watch', () => {
  test('in order, the next one begins at once', () => {
    expect(policy.after(undefined, HEALTHY)).toEqual({ waitMilliseconds: 0, relist: false });
  });

  test('in order but early, it waits the shortest time, however often', () => {
    expect([1, 2, 3].map(() => wait(undefined, 5_000))).toEqual([800, 800, 800]);
  });

  test('by failures in a row, the wait doubles up to the limit and stays', () => {
    const waits = Array.from({ length: 10 }, () => wait(BROKEN));
    expect(waits).toEqual([800, 1600, 3200, 6400, 12800, ...Array(5).fill(15_000)]);
  });

  test('by failures of many clients, their waits are spread, and never longer than 30 s', () => {
    const late = new RestartPolicy(() => 0.999);
    const waits = Array.from({ length: 10 }, () => late.after(BROKEN, 0).waitMilliseconds);
    expect(waits[0]).toBeCloseTo(1600, -1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  });

  test('the failures are forgotten once a watch has lived', () => {
    for (let count = 0; count < 5; count += 1) wait(BROKEN);
    expect(wait(BROKEN, 9_000)).toBe(15_000);
    expect(wait(BROKEN, HEALTHY)).toBe(800);
  });

  test('it stays away for as long as the server asks', () => {
    expect(wait(refusal(429, 7))).toBe(7_000);
    expect(wait(refusal(503, 0))).toBe(1_600);
  });
});

describe('when the version is too old', () => {
  test('a list follows at once', () => {
    expect(policy.after(refusal(410), 0)).toEqual({ waitMilliseconds: 0, relist: true });
  });

  test('a list follows at once after failures too', () => {
    wait(BROKEN);
    wait(BROKEN);
    expect(policy.after(refusal(410), 0)).toEqual({ waitMilliseconds: 0, relist: true });
  });

  test('again and again, the lists do not follow each other at once', () => {
    expect([1, 2, 3].map(() => wait(refusal(410)))).toEqual([0, 1600, 3200]);
  });
});

test('a watch that is refused three times starts over with a list, and one that breaks does not', () => {
  const relists = (errors: unknown[]) => errors.map((error) => policy.after(error, 0).relist);
  expect(relists([BROKEN, BROKEN, BROKEN, BROKEN])).toEqual([false, false, false, false]);
  expect(relists([refusal(429), refusal(429), refusal(429)])).toEqual([false, false, false]);
  expect(relists([refusal(504), refusal(504), refusal(504)])).toEqual([false, false, true]);
});
