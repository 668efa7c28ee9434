import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { OpenConnections } from '../../../src/limits/openConnections.ts';

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The server's ends of so many connections, the oldest first. */
async function sockets(count: number): Promise<Socket[]> {
  const server = createServer().listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = connect(port, '127.0.0.1').on('error', () => {});
    ends.push(() => client.destroy());
    accepted.push(...((await once(server, 'connection')) as [Socket]));
  }
  return accepted;
}

test('past the bound the oldest connection makes room', async () => {
  const open = new OpenConnections(2);
  const [first, second, third] = await sockets(3);
  for (const socket of [first, second, third]) if (socket !== undefined) open.add(socket);
  expect([first?.destroyed, second?.destroyed, third?.destroyed]).toEqual([true, false, false]);
  expect(open.size).toBe(2);
});

test('one that is released or closed does not count, and is left alone', async () => {
  const open = new OpenConnections(2);
  const [proven, closed, third, fourth] = (await sockets(4)) as [Socket, Socket, Socket, Socket];
  open.add(proven);
  open.release(proven);
  open.add(closed);
  closed.destroy();
  await once(closed, 'close');
  open.add(third);
  open.add(fourth);
  expect([proven.destroyed, third.destroyed, fourth.destroyed]).toEqual([false, false, false]);
  expect(open.size).toBe(2);
});
