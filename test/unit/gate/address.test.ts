import { describe, expect, test } from 'vitest';
import { canonicalAddress, isUnspecified } from '../../../src/gate/address.ts';

describe('an address', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:7f00:1', '127.0.0.1'],
    ['0:0:0:0:0:ffff:127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0000::0001', '::1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['redis:6379', 'redis:6379'],
    ['redis', 'redis'],
    ['', ''],
  ])('%s is spelled %s', (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });

  test.each(['0.0.0.0', '::', '0::0', '::ffff:0.0.0.0', '::ffff:0:0'])(
    '%s stands for all',
    (all) => {
      expect(isUnspecified(all)).toBe(true);
    },
  );

  test.each(['127.0.0.1', '::1', '', '0'])('%s does not', (one) => {
    expect(isUnspecified(one)).toBe(false);
  });
});
