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

describe('a Lease is free', () => {
  const held = { holderIdentity: 'a', leaseDurationSeconds: 10, renewTime: THEN };

  test.each([[undefined], [{}], [{ holderIdentity: '' }]])('without a holder: %o', (spec) => {
    expect(new LeaseObserver().isFree(spec, 15, 0)).toBe(true);
  });

  test('when it did not change for its duration, since it was seen first', () => {
    const observer = new LeaseObserver();
    expect(observer.isFree(held, 15, 5_000)).toBe(false);
    expect(observer.isFree(held, 15, 14_999)).toBe(false);
    expect(observer.isFree(held, 15, 15_000)).toBe(true);
  });

  test('only after it did not change again', () => {
    const observer = new LeaseObserver();
    observer.isFree(held, 15, 0);
    const renewed = { ...held, renewTime: formatMicroTime(NOW) };
    expect(observer.isFree(renewed, 15, 9_000)).toBe(false);
    expect(observer.isFree(renewed, 15, 18_999)).toBe(false);
    expect(observer.isFree(renewed, 15, 19_000)).toBe(true);
  });

  test('after our own duration when it names none', () => {
    const observer = new LeaseObserver();
    observer.isFree({ holderIdentity: 'a' }, 15, 0);
    expect(observer.isFree({ holderIdentity: 'a' }, 15, 14_999)).toBe(false);
    expect(observer.isFree({ holderIdentity: 'a' }, 15, 15_000)).toBe(true);
  });
});
