/** `kubectl wait --for=condition=Programmed` right after a patch: true is true for every open connection. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

const PATCHES = 100;
const DELAY = 150;
const CONNECTIONS = Array.from({ length: 8 }, (_, index) => `connection-${index}`);

let namespace: Namespace;
let server: Agent;
let client: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('programmed');
  server = await Agent.start(namespace, 'server');
  await server.call('tcpEcho', { port: 7_000 });
  await namespace.apply(
    service('echo', 'server', 7_000),
    gate('echo-gate', { upstream: { host: 'echo', port: 7_000 } }),
  );
  await namespace.wait('echo-gate', 'Ready', 60);
  client = await Agent.start(namespace, 'client');
  for (const name of CONNECTIONS) {
    const target = { host: 'echo-gate', port: 7_000 };
    await client.open(name, target);
  }
});

afterAll(async () => {
  client.stop();
  server.stop();
  await namespace.delete();
});

test(`is never early: ${PATCHES} patches in a row, measured by the client`, {
  timeout: 300_000,
}, async () => {
  for (let patch = 1; patch <= PATCHES; patch += 1) {
    const isDelayed = patch % 2 === 1;
    const direction = patch % 4 < 2 ? 'toClient' : 'toServer';
    await namespace.patchAndWait('echo-gate', {
      toClient: null,
      toServer: null,
      ...(isDelayed ? { [direction]: { delay: { milliseconds: DELAY } } } : {}),
    });
    const roundTrips = await client.call('tcpRoundTrips', { names: CONNECTIONS });
    for (const milliseconds of roundTrips) {
      if (isDelayed) expect(milliseconds).toBeGreaterThanOrEqual(DELAY);
      else expect(milliseconds).toBeLessThan(DELAY);
    }
  }
});
