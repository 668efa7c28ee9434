import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { HealthServer } from '../../../src/observe/http.ts';

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server whose metrics count how often they were computed. */
async function serve() {
  const registry = new Registry();
  let computed = 0;
  new Gauge({
    name: 'computed',
    help: `Text of some length, ${'x'.repeat(100_000)}`,
    registers: [registry],
    collect() {
      computed += 1;
      this.set(computed);
    },
  });
  const server = new HealthServer({ registry, notReady: () => undefined });
  const port = await server.listen(0);
  ends.push(() => server.close());
  return { port, computed: () => computed };
}

function client(port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  ends.push(() => socket.destroy());
  return socket;
}

/** `once` would reject for a connection that is reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** The whole answer, up to the end of the connection. */
async function ask(port: number, path: string): Promise<string> {
  const socket = client(port);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await closed(socket);
  return Buffer.concat(chunks).toString();
}

test('requests behind the first one of a connection are not answered', async () => {
  const { port, computed } = await serve();
  const socket = client(port).pause();
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000));
  await closed(socket.resume());
  expect(computed()).toBeLessThanOrEqual(1);
});

test('scrapers that come at the same time share one computation', async () => {
  const { port, computed } = await serve();
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(port, '/metrics')));
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 200 .*\ncomputed 1\n/s);
  expect(computed()).toBe(1);
});

test('an address that scrapes without pause gets 10 answers a second, and the kubelet its own', async () => {
  const { port } = await serve();
  const start = performance.now();
  let slowest = 0;
  const scrapes = Array.from({ length: 30 }, () => ask(port, '/metrics'));
  for (let probe = 0; probe < 20; probe += 1) {
    const asked = performance.now();
    expect(await ask(port, '/healthz')).toMatch(/^HTTP\/1.1 200 /);
    slowest = Math.max(slowest, performance.now() - asked);
  }
  await Promise.all(scrapes);
  // 20 at once, then one every 100 ms.
  expect(performance.now() - start).toBeGreaterThan(950);
  expect(slowest).toBeLessThan(950);
});

test('any number of idle connections leaves probes their answers', async () => {
  const { port } = await serve();
  const idle: Socket[] = [];
  for (let batch = 0; batch < 4; batch += 1) {
    const more = Array.from({ length: 300 }, () => client(port).resume());
    await Promise.all(more.map((socket) => once(socket, 'connect')));
    idle.push(...more);
  }
  expect(await ask(port, '/healthz')).toMatch(/^HTTP\/1.1 200 .*\nok\n$/s);
  // The oldest made room, for the others and for the probe.
  await expect.poll(() => idle.filter(({ closed }) => closed).length).toBe(1_201 - 1_024);
});
