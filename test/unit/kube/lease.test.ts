import { describe, expect, test } from 'vitest';
import { heldBy, LeaseObserver, released } from '../../../src/kube/lease.ts';
import { formatMicroTime } from '../../../src/kube/microTime.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const THEN = '2026-01-01T00:00:00.000000Z';

test('a MicroTime has six digits of a second', () => {
  expect(formatMicroTime(NOW)).toBe('2026-01-02T03:04:05.678000Z');
});

describe('the Lease that is written', () => {
  test('counts a change of the holder, and is acquired then', () => {
    const before = { holderIdentity: 'b', acquireTime: THEN, leaseTransitions: 2 };
    expect(heldBy('a', 15, before, NOW)).toMatchObject({
      holderIdentity: 'a',
      acquireTime: formatMicroTime(NOW),
      leaseTransitions: 3,
    });
  });

  test('counts no renewal, and stays acquired since then', () => {
    const before = { holderIdentity: 'a', acquireTime: THEN, leaseTransitions: 2 };
    expect(heldBy('a', 15, before, NOW)).toMatchObject({
      acquireTime: THEN,
      renewTime: formatMicroTime(NOW),
      leaseTransitions: 2,
    });
  });

  test('has no holder once it is released', () => {
    expect(released(heldBy('a', 15, undefined, NOW), NOW)).not.toHaveProperty('holderIdentity');
  });
});

const held = { holderIdentity: 'a', leaseDurationSeconds: 10, renewTime: THEN };
const renewed = { ...held, renewTime: formatMicroTime(NOW) };

describe('a Lease is free', () => {
  test.each([[undefined], [{}], [{ holderIdentity: '' }]])('without a holder: %o', (spec) => {
    expect(new LeaseObserver().observe(spec, 15, 0)).toBe('free');
  });

  test('when it did not change for its duration, since it was seen first', () => {
    const observer = new LeaseObserver();
    expect(observer.observe(held, 15, 5_000)).toBe('silent');
    expect(observer.observe(held, 15, 14_999)).toBe('silent');
    expect(observer.observe(held, 15, 15_000)).toBe('free');
  });

  test('only after it did not change again', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 15, 0);
    expect(observer.observe(renewed, 15, 9_000)).toBe('renewed');
    expect(observer.observe(renewed, 15, 18_999)).toBe('silent');
    expect(observer.observe(renewed, 15, 19_000)).toBe('free');
  });

  test('after our own duration when it names none', () => {
    const observer = new LeaseObserver();
    observer.observe({ holderIdentity: 'a' }, 15, 0);
    expect(observer.observe({ holderIdentity: 'a' }, 15, 14_999)).toBe('silent');
    expect(observer.observe({ holderIdentity: 'a' }, 15, 15_000)).toBe('free');
  });
});

describe('the holder of a Lease is alive', () => {
  test('only once it was seen to write it: what is there at first may be of one long gone', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 15, 0);
    expect(observer.isAlive(0)).toBe(false);
    observer.observe(renewed, 15, 2_000);
    expect(observer.isAlive(2_000)).toBe(true);
  });

  test('for the duration of the Lease', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 15, 0);
    observer.observe(renewed, 15, 2_000);
    expect(observer.isAlive(11_999)).toBe(true);
    expect(observer.isAlive(12_000)).toBe(false);
  });

  test('no more when it gave the Lease away, and again when another one took it', () => {
    const observer = new LeaseObserver();
    observer.observe(held, 15, 0);
    observer.observe(renewed, 15, 2_000);
    observer.observe(released(renewed, NOW), 15, 4_000);
    expect(observer.isAlive(4_000)).toBe(false);
    observer.observe({ ...renewed, holderIdentity: 'b' }, 15, 6_000);
    expect(observer.isAlive(6_000)).toBe(true);
  });
});
