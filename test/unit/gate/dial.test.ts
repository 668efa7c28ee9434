import { expect, test } from 'vitest';
import { dial } from '../../../src/gate/dial.ts';
import { Resolver } from '../../../src/gate/resolver.ts';
import { TestServer } from '../../gate/support/server.ts';

test('a process that stood still past the timeout looks first whether it was connected meanwhile', async () => {
  const server = await TestServer.listen();
  const upstream = { host: '127.0.0.1', port: server.port, connectTimeoutMilliseconds: 20 };
  // Once the timeout runs, too.
  const onAttempt = () => queueMicrotask(() => standStill(100));
  const socket = await dial(upstream, new Resolver(), new AbortController().signal, onAttempt);
  expect(socket.remotePort).toBe(server.port);
  socket.destroy();
});

function standStill(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
