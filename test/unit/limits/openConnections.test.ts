import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { loopbackCertificate } from '../../../src/kubeapi/http/certificate.ts';
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

test('one is released by what TLS makes of it', async () => {
  const open = new OpenConnections(2);
  const certificate = await loopbackCertificate('test', Date.now());
  const server = createTlsServer(certificate, (socket) => open.release(socket));
  server.on('connection', (transport: Socket) => open.add(transport));
  server.listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = tlsConnect({ port, host: '127.0.0.1', ca: certificate.cert });
  ends.push(() => client.destroy());
  const connected = once(server, 'connection');
  const secured = once(server, 'secureConnection');
  await connected;
  expect(open.size).toBe(1);
  await secured;
  expect(open.size).toBe(0);
});

test('connections from one port to two addresses are two', async () => {
  const open = new OpenConnections(2);
  const server = createServer((socket) => open.add(socket)).listen(0, '0.0.0.0');
  ends.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const first = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1' });
  ends.push(() => first.destroy());
  await once(server, 'connection');
  const { localPort = 0 } = first;
  const to = { port, host: '127.0.0.2', localAddress: '127.0.0.1', localPort };
  const second = connect(to).on('error', () => {});
  ends.push(() => second.destroy());
  await once(server, 'connection');
  expect(open.size).toBe(2);
});
