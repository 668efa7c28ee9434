import { expect, test } from 'vitest';
import { hasPort, joinHostPort, splitHostPort } from '../../../src/gate/hostPort.ts';

test.each([
  ['127.0.0.1:6432', '127.0.0.1', 6432],
  ['postgres.staging.svc:5432', 'postgres.staging.svc', 5432],
  ['[::1]:6432', '::1', 6432],
  ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
])('%s is a host and a port', (address, host, port) => {
  expect(splitHostPort(address)).toEqual({ host, port });
  expect(joinHostPort(host, port)).toBe(address);
  expect(hasPort(address)).toBe(true);
  expect(hasPort(host)).toBe(false);
});
