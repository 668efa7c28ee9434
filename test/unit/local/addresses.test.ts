import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { forClients, isLocal, listenAddress, reaches } from '../../../src/local/addresses.ts';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['[::1]', '::1'],
  ['::', '::'],
  ['[fe80::1%eth0]', 'fe80::1%eth0'],
  ['localhost', 'localhost'],
])('gates listen on what is written as %s', (text, address) => {
  expect(listenAddress(text)).toBe(address);
});

test.each([
  ['', 'it is empty. To listen on all addresses, use 0.0.0.0 or ::'],
  ['127.0.0.1:80', 'write it without a port, and set the port of a gate in spec.listen.port'],
  ['[::1]:80', 'write it without a port, and set the port of a gate in spec.listen.port'],
  ['127.0.0.256', 'host must be an IPv4 address if it ends in a number'],
  ['http://localhost', 'host must not be a URL'],
])('gates do not listen on what is written as %j', (text, why) => {
  expect(() => listenAddress(text)).toThrow(`Gates cannot listen on "${text}": ${why}`);
});

test('clients of who listens everywhere connect to loopback', () => {
  expect(['0.0.0.0', '::', '192.0.2.1'].map(forClients)).toEqual(['127.0.0.1', '::1', '192.0.2.1']);
});

test("loopback and the interfaces' addresses are this machine's own", () => {
  const own = Object.values(networkInterfaces()).flatMap((each) => each?.[0]?.address ?? []);
  expect(own.length).toBeGreaterThan(0);
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '0.0.0.0', '::', ...own]) {
    expect(isLocal(address), address).toBe(true);
  }
  expect(isLocal('192.0.2.1')).toBe(false);
});

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.2', '127.0.0.1', false],
  ['127.0.0.2', '0.0.0.0', true],
  ['::1', '127.0.0.1', false],
  ['::ffff:127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '::ffff:127.0.0.1', true],
  ['0:0:0:0:0:0:0:1', '::1', true],
  ['::ffff:127.0.0.2', '0.0.0.0', true],
  ['0.0.0.0', '127.0.0.1', true],
  ['192.0.2.1', '0.0.0.0', false],
])('a connection to %s comes to who listens on %s: %j', (address, listen, isSo) => {
  expect(reaches(address, listen)).toBe(isSo);
});
