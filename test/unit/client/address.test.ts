import { expect, test } from 'vitest';
import { hostAndPort } from '../../../src/client/address.ts';

test.each([
  ['127.0.0.1:6432', '127.0.0.1', 6432],
  ['postgres.staging.svc:5432', 'postgres.staging.svc', 5432],
  ['[::1]:6432', '::1', 6432],
])('%s is a host and a port', (address, host, port) => {
  expect(hostAndPort(address)).toEqual({ host, port });
});
