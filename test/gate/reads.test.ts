import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { LARGEST_READ, SMALLEST_READ } from '../../src/gate/memory.ts';
import { sizeReads, withLargeReads } from '../../src/gate/reads.ts';
import { bytesOf } from './support/bytes.ts';

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** A client, and the server's end of its connection with large reads. */
async function connected(): Promise<{ client: Socket; accepted: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('No address');
  const client = connect(address.port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const accepted = withLargeReads(socket);
  sizeReads(accepted, () => LARGEST_READ);
  open.push(client, accepted, { destroy: () => server.close() });
  return { client, accepted };
}

/** What is read from now on, until the client has ended. */
async function allOf(accepted: Socket, client: Socket): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  accepted.on('data', (chunk: Buffer) => chunks.push(chunk));
  accepted.resume();
  client.end();
  await once(accepted, 'end');
  return chunks;
}

test('nothing is read before somebody reads, and then all of it', async () => {
  const { client, accepted } = await connected();
  const sent = bytesOf(8 * 2 ** 20);
  client.write(sent);
  await once(client, 'drain', { signal: AbortSignal.timeout(200) }).catch(() => {});
  expect(accepted.bytesRead).toBe(0);
  const chunks = await allOf(accepted, client);
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeGreaterThan(65_536);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(LARGEST_READ);
});

test('little is read of a client that is not served yet', async () => {
  const { client, accepted } = await connected();
  const sent = bytesOf(2 ** 20);
  client.write(sent.subarray(0, 4_095));
  client.write(sent.subarray(4_095));
  accepted.read(0);
  await once(accepted, 'readable');
  await sleep(50);
  expect(accepted.readableLength).toBeGreaterThan(0);
  expect(accepted.readableLength).toBeLessThan(8_192);
  const chunks = await allOf(accepted, client);
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});

test('bytes that came before the first listener come first', async () => {
  const { client, accepted } = await connected();
  client.write('first, ');
  accepted.read(0);
  await once(accepted, 'readable');
  client.end('then');
  let text = '';
  accepted.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  accepted.resume();
  await once(accepted, 'end');
  expect(text).toBe('first, then');
});

test('chunks keep their bytes while others are read', async () => {
  const [one, two] = [await connected(), await connected()];
  const chunks: Buffer[] = [];
  one.accepted.on('data', (chunk: Buffer) => chunks.push(chunk));
  one.accepted.resume();
  two.accepted.on('data', () => {});
  two.accepted.resume();
  one.client.end('a'.repeat(10_000));
  await once(one.accepted, 'end');
  two.client.end('b'.repeat(10_000));
  await once(two.accepted, 'end');
  expect(Buffer.concat(chunks).toString()).toBe('a'.repeat(10_000));
});

test('no read is larger than it was told to be', async () => {
  const { client, accepted } = await connected();
  const sizes = [4_096, 16_384, 65_536];
  let reads = 0;
  sizeReads(accepted, () => sizes[reads++ % sizes.length] ?? 0);
  const chunks: Buffer[] = [];
  accepted.on('data', (chunk: Buffer) => chunks.push(chunk));
  accepted.resume();
  const sent = bytesOf(2 ** 20);
  client.end(sent);
  await once(accepted, 'end');
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  for (const [index, { length }] of chunks.entries()) {
    // The first was decided on before anybody could tell.
    expect(length).toBeLessThanOrEqual(index === 0 ? 4_096 : (sizes[(index - 1) % 3] ?? 0));
  }
});

test('a socket that is paused, or that nobody reads yet, takes no more than a small read', async () => {
  const { client, accepted } = await connected();
  client.write(bytesOf(2 ** 20));
  accepted.read(0);
  await once(accepted, 'readable');
  await sleep(100);
  expect(accepted.readableLength).toBe(SMALLEST_READ);
  sizeReads(accepted, () => SMALLEST_READ);
  accepted.on('data', () => accepted.pause());
  accepted.resume();
  await once(accepted, 'pause');
  await sleep(100);
  expect(accepted.readableLength).toBeLessThanOrEqual(SMALLEST_READ);
});
