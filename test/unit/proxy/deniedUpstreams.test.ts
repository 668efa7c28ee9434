import { expect, test } from 'vitest';
import { deniedUpstreams } from '../../../src/proxy/deniedUpstreams.ts';

const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'];
const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const POD = ['10.1.2.3', 'fd00::3'];

test.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'fe80::1',
  'fe80::1%eth0',
])('%s is link-local', (address) => {
  expect(deniedUpstreams(LINK_LOCAL, POD)(address)).toBe(true);
  expect(deniedUpstreams(LOOPBACK, POD)(address)).toBe(false);
  expect(deniedUpstreams([], POD)(address)).toBe(false);
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
  expect(deniedUpstreams(LOOPBACK, POD)(address)).toBe(true);
  expect(deniedUpstreams(LINK_LOCAL, POD)(address)).toBe(false);
});

test.each(['10.1.2.4', '128.0.0.1', '169.255.0.1', 'fd00::4', '::2'])(
  '%s is allowed',
  (address) => {
    expect(deniedUpstreams([...LOOPBACK, ...LINK_LOCAL], POD)(address)).toBe(false);
  },
);

test.each(['10.0.0.0/33', '10.0.0/8', 'localhost', '', '10.0.0.0/x', '::1/129'])(
  '%j is refused as a range',
  (range) => {
    expect(() => deniedUpstreams([range], POD)).toThrow(
      new RangeError(
        `${range} is no range of IP addresses: write it like 169.254.0.0/16 or fe80::/10`,
      ),
    );
  },
);
