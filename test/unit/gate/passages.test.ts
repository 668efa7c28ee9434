import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { Passages } from '../../../src/gate/passages.ts';
import { freePort } from '../../gate/support/ports.ts';

let passages: Passages<string>;
beforeEach(() => {
  passages = new Passages();
});

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Listens, and knows of each connection at once where it comes from. */
async function listening(host: string): Promise<{ port: number; from: (string | undefined)[] }> {
  const from: (string | undefined)[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    from.push(passages.of(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, from };
}

async function dialled(options: { host: string; port: number; localPort?: number }, name?: string) {
  const socket = connect(options);
  sockets.push(socket);
  if (name !== undefined) passages.add(socket, options.host, options.port, name);
  await once(socket, 'connect');
  return socket;
}

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1', '0.0.0.0'],
  ['127.0.0.1', '::ffff:127.0.0.1'],
  ['127.0.0.1', '::ffff:7f00:1'],
  ['::', '127.0.0.1'],
  ['::1', '::1'],
  ['::1', '::'],
  ['::1', '0:0:0:0:0:0:0:1'],
])('a connection to who listens on %s is known when %s was dialled', async (listen, host) => {
  const { port, from } = await listening(listen);
  await Promise.all(Array.from({ length: 20 }, (_, index) => dialled({ host, port }, `${index}`)));
  await expect.poll(() => from.length).toBe(20);
  expect(new Set(from)).toEqual(new Set(Array.from({ length: 20 }, (_, index) => `${index}`)));
});

test('a connection of somebody else is not, even from the same port', async () => {
  const [one, other] = [await listening('127.0.0.1'), await listening('127.0.0.1')];
  const localPort = await freePort();
  await dialled({ host: '127.0.0.1', port: one.port, localPort }, 'known');
  await dialled({ host: '127.0.0.1', port: other.port, localPort });
  await expect.poll(() => [one.from, other.from]).toEqual([['known'], [undefined]]);
});

test('a connection is forgotten when it closes, and when it never comes about', async () => {
  const { port, from } = await listening('127.0.0.1');
  const known = await dialled({ host: '127.0.0.1', port }, 'known');
  await expect.poll(() => from).toEqual(['known']);
  expect(passages.size).toBe(1);
  known.destroy();
  const refused = connect({ host: '127.0.0.1', port: 1 }).on('error', () => {});
  passages.add(refused, '127.0.0.1', 1, 'refused');
  await new Promise((resolve) => refused.once('close', resolve));
  await expect.poll(() => passages.size).toBe(0);
});
