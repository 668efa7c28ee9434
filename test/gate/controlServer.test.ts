import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { KEY_BYTES, PSK_TLS } from '../../src/control/psk.ts';
import { ControlServer } from '../../src/control/server.ts';
import { atEnd } from './support/atEnd.ts';
import { IDENTITY } from './support/folders.ts';
import { expectTimed, until } from './support/time.ts';

const key = randomBytes(KEY_BYTES);
const report = {
  instance: 'test',
  generation: 0,
  faults: 'none',
  connections: { active: 0, accepted: 0 },
  upstream: {},
};

/** A control server that loses patience soon, and what it has to say. */
async function serve(silenceLimit: number) {
  const errors: string[] = [];
  const server = new ControlServer({
    gate: () => ({
      key,
      apply: async () => {},
      report: () => report,
      remainingMilliseconds: () => undefined,
    }),
    onError: ({ message }) => errors.push(message),
    silenceLimit,
  });
  atEnd(() => server.close());
  return { server, errors, port: await server.listen(0, '127.0.0.1') };
}

async function client(port: number) {
  const socket = connect({
    ...PSK_TLS,
    host: '127.0.0.1',
    port,
    pskCallback: () => ({ psk: key, identity: IDENTITY }),
    checkServerIdentity: () => undefined,
  });
  atEnd(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

test('the control port lets go of a client that says nothing, however much it is told', async () => {
  const { server, errors, port } = await serve(400);
  const start = performance.now();
  const socket = await client(port);
  // Does not even read.
  socket.pause();
  const telling = setInterval(() => server.changed(IDENTITY), 20);
  await until('an error', () => errors.length === 1);
  clearInterval(telling);
  expectTimed(performance.now() - start, 400);
  expect(errors).toEqual(['No word for 400 ms']);
});

test('the control port keeps a client that pings', async () => {
  const { errors, port } = await serve(1_000);
  const socket = await client(port);
  socket.resume();
  for (let count = 0; count < 12; count += 1) {
    socket.write('{"type":"ping"}\n');
    await sleep(120);
  }
  expect(errors).toEqual([]);
  expect(socket.destroyed).toBe(false);
});

/** `once` would reject for a connection that is reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

function stranger(port: number, first?: string | Buffer): Socket {
  const socket = connectTcp(port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  atEnd(() => socket.destroy());
  if (first !== undefined) socket.write(first);
  return socket;
}

test('idle connections without the key keep nobody with it out', async () => {
  const { port } = await serve(10_000);
  const idle = Array.from({ length: 90 }, () => stranger(port));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const holder = await client(port);
  await once(holder, 'data');
});

test('a client with the key stays while others come and go without it', async () => {
  const { port } = await serve(10_000);
  const holder = await client(port);
  await once(holder, 'data');
  const bad = Array.from({ length: 400 }, () => stranger(port, 'not TLS at all\r\n\r\n'));
  await Promise.all(bad.map(closed));
  expect(holder.destroyed).toBe(false);
  holder.write('{"type":"ping"}\n');
  await once(holder, 'data');
});

test('an address that fails the handshake too often is refused before it costs one', async () => {
  const { port, errors } = await serve(10_000);
  const start = performance.now();
  const bad = Array.from({ length: 400 }, () => stranger(port, 'not TLS at all\r\n\r\n'));
  await Promise.all(bad.map(closed));
  const seconds = (performance.now() - start) / 1_000;
  expect(errors.length).toBeLessThanOrEqual(100 + 50 * seconds + 1);
});
