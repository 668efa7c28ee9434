import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gateConfig } from '../../../src/gate/config.ts';
import { Resolver } from '../../../src/gate/resolver.ts';
import { Gates } from '../../../src/proxy/gates.ts';
import { GateMetrics } from '../../../src/proxy/metrics.ts';

let server: Server;
let metrics: GateMetrics;
let gates: Gates;
let changed: Set<string>;

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  changed = new Set();
  metrics = new GateMetrics();
  gates = new Gates({
    numbers: metrics,
    host: '127.0.0.1',
    buffers: { connectionBytes: 65_536, processBytes: 262_144 },
    resolver: new Resolver(),
    instance: 'one',
    onChange: (identity) => changed.add(identity),
  });
});

afterEach(async () => {
  await gates.close();
  server.close();
});

/** A gate in front of the server, and a byte that went through it and back. */
async function used(identity: string) {
  const gate = gates.add(identity, { port: 0 });
  const { port } = server.address() as AddressInfo;
  const config = gateConfig.parse({ upstream: { host: '127.0.0.1', port } });
  await gate.apply({ generation: 1, config });
  const client = connect({ port: gate.state?.port ?? 0, host: '127.0.0.1' });
  client.on('error', () => {});
  client.write('x');
  await once(client, 'data');
  return { gate, client };
}

const numbersOf = async (name: string) =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.includes(`gate="${name}"`));

test('each gate is known, counted and told of by its identity', async () => {
  const a = await used('ns/a');
  const b = await used('ns/b');
  expect(gates.get('ns/a')).toBe(a.gate);
  expect(gates.active).toBe(2);
  expect(gates.traffic('ns/a')).toEqual({ toServer: 1, toClient: 1 });
  expect(changed).toEqual(new Set(['ns/a', 'ns/b']));
  expect(gates.notReady).toBeUndefined();
  gates.add('ns/c', { port: 0 });
  expect(gates.notReady).toBe('The gate has no snapshot yet');
  a.client.destroy();
  b.client.destroy();
});

test('a gate that is removed ends its connections and takes its numbers along', async () => {
  const { client } = await used('ns/gone');
  expect(await numbersOf('gone')).not.toEqual([]);
  gates.remove('ns/gone');
  expect(gates.get('ns/gone')).toBeUndefined();
  expect(gates.traffic('ns/gone')).toBeUndefined();
  await once(client, 'end');
  client.end();
  await vi.waitFor(async () => expect(await numbersOf('gone')).toEqual([]), 5_000);
});

test('one that takes the place of another starts from zero', async () => {
  const { gate, client } = await used('ns/a');
  const next = gates.add('ns/a', { port: 0 });
  expect(next).not.toBe(gate);
  expect(gates.traffic('ns/a')).toEqual({ toServer: 0, toClient: 0 });
  await once(client, 'end');
  client.end();
});
