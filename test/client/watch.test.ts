/** The way to the API breaks: the library's own gate stands in it. */

import { readFile, writeFile } from 'node:fs/promises';
import { createServer, connect as dial } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Chaos, type Gate, TimeoutError, UnreachableError } from '../../src/client/client.ts';
import { atEnd } from '../gate/support/atEnd.ts';
import { Peer } from '../gate/support/peer.ts';
import { stays } from '../gate/support/time.ts';
import {
  client,
  connected,
  failureOf,
  kubeconfigOf,
  roundTrip,
  type World,
  world,
} from './support/world.ts';

/** A kubeconfig for the same API behind another port of loopback. */
async function kubeconfigFor(chaos: Chaos, port: number): Promise<string> {
  const path = await kubeconfigOf(chaos);
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/(server: https:\/\/127\.0\.0\.1):\d+/, `$1:${port}`));
  return path;
}

function apiPort({ kubeconfig = '' }: Chaos): number {
  return Number(/server: https:\/\/127\.0\.0\.1:(\d+)/.exec(kubeconfig)?.[1]);
}

interface Distant extends World {
  /** Stands before the API, and is changed on another way. */
  readonly api: Gate;
  /** The gate of the world, by a library that asks the API through `api`. */
  readonly distant: Gate;
}

async function distantWorld(): Promise<Distant> {
  const here = await world();
  const api = await here.chaos.gate('api', {
    upstream: { host: '127.0.0.1', port: apiPort(here.chaos) },
  });
  const kubeconfig = await kubeconfigFor(here.chaos, api.port);
  const chaos = await connected({ kubeconfig, timeout: 5_000 });
  const distant = await chaos.gate('echo');
  // Or the end of the test would try to lift what was set, over whatever is left of the way.
  atEnd(() => api.reset());
  return { ...here, api, distant };
}

describe('a watch that breaks', () => {
  test.each(['Fin', 'Reset'] as const)(
    '(%s) goes on by itself, and no wait is lost',
    async (how) => {
      const { api, gate, distant } = await distantWorld();
      const waiting = distant.waitForConnections(1, { timeout: 10_000 });
      await api.disconnect({ how });
      await Peer.connect(gate.port, gate.host);
      await waiting;
      await distant.toClient.delay(1);
      expect(distant.faults).toBe('toClient delay 1ms');
    },
  );

  test('is an error of the waiting caller only when his time is up, and says what happened to it', async () => {
    const { api, gate, distant } = await distantWorld();
    await api.stop();
    const error = await failureOf(distant.waitForConnections(1, { timeout: 400 }));
    expect(error).toBeInstanceOf(UnreachableError);
    await api.start();
    await Peer.connect(gate.port, gate.host);
    await distant.waitForConnections(1);
  });

  test('is not mistaken for silence: what was missed is not taken for true', async () => {
    const { api, gate, distant } = await distantWorld();
    const peer = await client(gate);
    await distant.waitForConnections(1);
    await api.stop();
    await gate.disconnect();
    await peer.seesFin();
    const counting = distant.connectionsCount({ timeout: 10_000 });
    const waiting = failureOf(distant.waitForConnections(1, { timeout: 2_000 }));
    await api.start();
    expect(await counting).toBe(0);
    expect(await waiting).toBeInstanceOf(TimeoutError);
  });
});

describe('an API that is silent', () => {
  test('makes a change fail in its time', async () => {
    const { api, distant } = await distantWorld();
    await api.toServer.stall();
    const start = performance.now();
    const error = await failureOf(distant.toServer.drop({ timeout: 300 }));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('holds up no change for longer than it is silent', async () => {
    const { api, gate, distant } = await distantWorld();
    await api.toClient.stall();
    const change = distant.toServer.drop();
    await expect.poll(() => gate.faults).toBe('toServer drop');
    await api.reset();
    await change;
    expect(distant.faults).toBe('toServer drop');
  });
});

test('who waits asks nothing: the API tells', async () => {
  const { chaos, gate } = await world();
  let asked = 0;
  const wire = createServer((socket) => {
    const server = dial(apiPort(chaos), '127.0.0.1');
    socket.on('data', (data) => {
      asked += data.length;
    });
    for (const end of [socket, server]) end.on('error', () => {});
    socket.on('close', () => server.destroy());
    server.on('close', () => socket.destroy());
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  atEnd(() => wire.close());
  const { port } = wire.address() as { port: number };
  const distant = await connected({ kubeconfig: await kubeconfigFor(chaos, port) });
  const same = await distant.gate('echo');
  const waiting = same.waitForConnections(2);
  await roundTrip(await client(gate));
  const before = asked;
  await stays('nothing is asked', () => asked === before, 500);
  await client(gate);
  await Peer.connect(gate.port, gate.host);
  await waiting;
});
