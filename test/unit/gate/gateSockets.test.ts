import { expect, test } from 'vitest';
import { GateSockets } from '../../../src/gate/gateSockets.ts';

test('connections take two sockets each, and leave some to listeners', () => {
  const sockets = new GateSockets({ openFiles: 100, limit: 9, listeners: 2 });
  expect(sockets.maxConnections).toBe(3);
  expect([1, 2, 3, 4].map(() => sockets.connect())).toEqual([true, true, true, false]);
  expect([1, 2, 3, 4].map(() => sockets.listen())).toEqual([true, true, true, false]);
  sockets.disconnect();
  expect(sockets.listen()).toBe(true);
  expect(sockets.listen()).toBe(true);
  expect(sockets.listen()).toBe(false);
  expect(sockets.maxConnections).toBe(2);
  expect(sockets.connect()).toBe(false);
  for (let count = 0; count < 3; count += 1) sockets.unlisten();
  expect(sockets.connect()).toBe(true);
});

test('without a bound there is always one more', () => {
  const sockets = GateSockets.UNBOUNDED;
  expect(sockets.maxConnections).toBe(Number.POSITIVE_INFINITY);
  expect([sockets.connect(), sockets.listen()]).toEqual([true, true]);
  sockets.disconnect();
  sockets.unlisten();
});
