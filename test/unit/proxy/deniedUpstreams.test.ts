import { expect, test } from 'vitest';
import { deniedUpstreams } from '../../../src/proxy/deniedUpstreams.ts';

const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'];
const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const POD = ['10.1.2.3', 'fd00::3'];
const CONTROL = 10_001;

const isDenied = (ranges: readonly string[], address: string, port = 1) =>
  deniedUpstreams(ranges, [CONTROL], POD)(address, port);

test.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'fe80::1',
  'fe80::1%eth0',
])('%s is link-local', (address) => {
  expect(isDenied(LINK_LOCAL, address)).toBe(true);
  expect(isDenied(LOOPBACK, address)).toBe(false);
  expect(isDenied([], address)).toBe(false);
});

test.each([
  '127.0.0.1',
  '127.1.2.3',
  '::1',
  '::ffff:127.0.0.1',
  '0:0:0:0:0:0:0:1',
  ...POD,
  '0.0.0.0',
  '::',
])('%s leads to the pod itself', (address) => {
  expect(isDenied(LOOPBACK, address)).toBe(true);
  expect(isDenied(LINK_LOCAL, address)).toBe(false);
});

test.each(['10.1.2.4', '128.0.0.1', '169.255.0.1', 'fd00::4', '::2'])(
  '%s is allowed',
  (address) => {
    expect(isDenied([...LOOPBACK, ...LINK_LOCAL], address)).toBe(false);
  },
);

test('the ports of the proxy itself are denied whatever the ranges are, and those of others are not', () => {
  for (const own of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '0.0.0.0', ...POD]) {
    expect(isDenied([], own, CONTROL)).toBe(true);
  }
  expect(isDenied([], '10.1.2.4', CONTROL)).toBe(false);
});

test.each(['10.0.0.0/33', '10.0.0/8', 'localhost', '', '10.0.0.0/x', '::1/129'])(
  '%j is refused as a range',
  (range) => {
    expect(() => deniedUpstreams([range], [], POD)).toThrow(
      new RangeError(
        `${range} is no range of IP addresses: write it like 169.254.0.0/16 or fe80::/10`,
      ),
    );
  },
);
