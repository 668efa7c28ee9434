import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
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
    gate: () => ({ key, apply: async () => {}, report: () => report }),
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
