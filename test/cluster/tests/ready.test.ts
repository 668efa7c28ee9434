/** `kubectl wait --for=condition=Ready` returns, and a client that connects at once is let in. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { scaleOperator } from './support/system.ts';

const GATES = 20;

let namespace: Namespace;
let server: Agent;
let client: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('ready');
  server = await Agent.start(namespace, 'server');
  await server.call('tcpEcho', { port: 7_000 });
  await namespace.apply(service('echo', 'server', 7_000));
  client = await Agent.start(namespace, 'client');
  await client.open('echo', { host: 'echo', port: 7_000 });
});

afterAll(async () => {
  client.stop();
  server.stop();
  await namespace.delete();
});

test(`${GATES} gates in a row let a client in as soon as they are Ready`, {
  timeout: 300_000,
}, async () => {
  const answers: string[] = [];
  for (let number = 1; number <= GATES; number += 1) {
    const name = `gate-${number}`;
    await namespace.apply(gate(name, { upstream: { host: 'echo', port: 7_000 } }));
    // By its address, and known before: what is asked between Ready and the client gives the nodes more time.
    await namespace.kubectl('wait', `service/${name}`, '--for=create', '--timeout=30s');
    const host = await namespace.kubectl(
      ...['get', 'service', name, '-o', 'jsonpath={.spec.clusterIP}'],
    );
    await namespace.wait(name, 'Ready', 60);
    answers.push(await client.call('tcpOpen', { name, target: { host, port: 7_000 } }));
  }
  expect(answers).toEqual(answers.map(() => 'open'));
});

test('a gate stays Ready when the operator starts again', async () => {
  const ready = async () => {
    const { status } = await namespace.get<GateStatus>('tcpgate', 'gate-1');
    return status.conditions?.find(({ type }) => type === 'Ready');
  };
  const before = await ready();
  await scaleOperator(0);
  await scaleOperator(1);
  await namespace.patchAndWait('gate-1', { seed: 7 });
  expect(before?.status).toBe('True');
  expect((await ready())?.lastTransitionTime).toBe(before?.lastTransitionTime);
});
