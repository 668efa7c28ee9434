/** The library of src/client against a real API server, its operator and its proxies. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import {
  type Chaos,
  connect,
  ForbiddenError,
  type Gate,
  GateNotFoundError,
  InvalidError,
  NotProgrammedError,
  TimeoutError,
} from '../../../src/client/client.ts';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { scaleOperator } from './support/system.ts';

const UPSTREAM = { upstream: { host: 'echo', port: 7_000 } };
const DELAY = 150;
const CHANGES = 40;

let namespace: Namespace;
let agent: Agent;
let chaos: Chaos;
let gate: Gate;

beforeAll(async () => {
  namespace = await Namespace.create('client');
  agent = await Agent.start(namespace, 'echo');
  await agent.call('tcpEcho', { port: 7_000 });
  await namespace.apply(service('echo', 'echo', 7_000));
  chaos = await connect({ namespace: namespace.name });
  gate = await chaos.gate('library', UPSTREAM);
});

afterAll(async () => {
  await chaos.close();
  agent.stop();
  await namespace.delete();
});

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('It did not fail'),
    (error: unknown) => error,
  );

/** Connects clients of these names through the gate, and knows that it counts them. */
async function open(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const target = { host: gate.host, port: gate.port };
    await eventually(async () => {
      await agent.open(name, target);
    });
  }
}

async function close(...names: readonly string[]): Promise<void> {
  for (const name of names) await agent.call('tcpClose', { name });
}

test('a gate that was made is ready behind a Service', async () => {
  expect(gate.address).toBe(`library.${namespace.name}.svc:7000`);
  await open('first');
  await gate.waitForConnections(1);
  await close('first');
});

test(`a call never resolves early: ${CHANGES} in a row, measured by the client`, {
  timeout: 300_000,
}, async () => {
  const names = ['a', 'b', 'c', 'd'];
  await open(...names);
  await gate.waitForConnections(names.length);
  for (let change = 0; change < CHANGES; change += 1) {
    const direction =
      [gate.toServer, gate.toClient, gate.bothDirections][change % 3] ?? gate.toServer;
    await direction.delay(DELAY);
    const expected = change % 3 === 2 ? 2 * DELAY : DELAY;
    for (const milliseconds of await agent.call('tcpRoundTrips', { names })) {
      expect(milliseconds).toBeGreaterThanOrEqual(expected);
    }
    await gate.reset();
    for (const milliseconds of await agent.call('tcpRoundTrips', { names })) {
      expect(milliseconds).toBeLessThan(DELAY);
    }
  }
  await close(...names);
});

describe('connections', () => {
  test('are counted truly, also between two counts that the operator writes at leisure', async () => {
    await open('a', 'b', 'c');
    expect(await gate.connectionsCount()).toBe(3);
    await close('a');
    expect(await gate.connectionsCount()).toBe(2);
    await close('b', 'c');
    expect(await gate.connectionsCount()).toBe(0);
  });

  test('are waited for', async () => {
    const waiting = gate.waitForConnections(2);
    await open('a', 'b');
    await waiting;
    await gate.disconnect({ count: 1, how: 'Reset' });
    expect(gate.status.connections?.active).toBe(1);
    // With the count that the change has brought along: no need to wait for a later one.
    await gate.waitForConnections(1, { timeout: 1_000 });
    const error = await failureOf(gate.waitForConnections(2, { timeout: 1_000 }));
    expect(error).toBeInstanceOf(TimeoutError);
    await gate.disconnect();
    expect(await gate.connectionsCount()).toBe(0);
    await close('a', 'b');
  });
});

test('a gate that was stopped refuses, and serves when it is started', async () => {
  await gate.stop();
  const target = { host: gate.host, port: gate.port };
  expect(await agent.call('tcpOpen', { name: 'a', target })).toBe('ECONNREFUSED');
  await gate.start();
  await open('a');
  await close('a');
});

describe('errors', () => {
  test('of a field come by field', async () => {
    const error = await failureOf(gate.toClient.delay(-1));
    expect(error).toBeInstanceOf(InvalidError);
    expect(error).toMatchObject({
      causes: expect.arrayContaining([
        expect.objectContaining({ field: 'spec.toClient.delay.milliseconds' }),
      ]),
    });
  });

  test('of a field that is not known name it, before the server is asked', async () => {
    const misspelt = { dealy: { milliseconds: 1 } } as object;
    const calls = [
      gate.toServer.set(misspelt),
      gate.toServer.merge(misspelt),
      chaos.gate('other', { ...UPSTREAM, toServer: misspelt }),
    ];
    for (const error of await Promise.all(calls.map(failureOf))) {
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/has no field "dealy". Did you mean delay\?/);
    }
  });

  test('say that the name of a gate is taken', async () => {
    const error = await failureOf(chaos.gate('echo', UPSTREAM));
    expect(error).toBeInstanceOf(NotProgrammedError);
    expect(error).toMatchObject({ reason: 'NameTaken' });
    expect(await failureOf(chaos.gate('echo'))).toBeInstanceOf(GateNotFoundError);
  });

  test('say that there is no such namespace', async () => {
    await using nowhere = await connect({ namespace: `${namespace.name}-not` });
    const error = await failureOf(nowhere.gate('library', UPSTREAM));
    expect(error).toMatchObject({ message: expect.stringContaining('kubectl create namespace') });
  });

  test('tell a gate from another one that has its name now', async () => {
    const old = await chaos.gate('twin', UPSTREAM);
    await namespace.kubectl('delete', 'tcpgate', 'twin');
    const fresh = await chaos.gate('twin', UPSTREAM);
    const calls = [old.toServer.drop(), old.toServer.merge({ drop: {} })];
    for (const error of await Promise.all(calls.map(failureOf))) {
      expect(error).toBeInstanceOf(GateNotFoundError);
    }
    await old.close();
    await fresh.close();
  });

  test('say that nobody programs the gate while the operator is away; it takes the change when it is back', async () => {
    await scaleOperator(0);
    const error = await failureOf(gate.toServer.drop({ timeout: 2_000 }));
    const change = gate.toClient.delay(1, { timeout: 120_000 });
    await scaleOperator(1);
    expect(error).toBeInstanceOf(NotProgrammedError);
    expect(error).toMatchObject({ reason: 'NotObserved', inForce: 'none' });
    await change;
    expect(gate.faults).toBe('toServer drop; toClient delay 1ms');
    await gate.reset();
  });
});

describe("Kubernetes' own role", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chaosgate-client-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  /** A kubeconfig of somebody who has that role in the namespace. */
  async function kubeconfigFor(role: string): Promise<string> {
    await namespace.kubectl('create', 'serviceaccount', role);
    await namespace.kubectl(
      ...['create', 'rolebinding', role, `--clusterrole=${role}`],
      `--serviceaccount=${namespace.name}:${role}`,
    );
    const token = (await namespace.kubectl('create', 'token', role)).trim();
    const config = parse(await readFile(process.env.KUBECONFIG ?? '', 'utf8'));
    for (const user of config.users) user.user = { token };
    const path = join(folder, role);
    await writeFile(path, stringify(config), { mode: 0o600 });
    return path;
  }

  test('"edit" is enough for all that the library does', async () => {
    const kubeconfig = await kubeconfigFor('edit');
    await using own = await connect({ kubeconfig, namespace: namespace.name });
    await using made = await own.gate('edited', UPSTREAM);
    await made.bothDirections.drop();
    await made.disconnect();
    await made.reset();
  });

  test('"view" is enough to look, and the error of more says what is needed', async () => {
    const kubeconfig = await kubeconfigFor('view');
    await using own = await connect({ kubeconfig, namespace: namespace.name });
    const seen = await own.gate('library');
    expect(seen.address).toBe(gate.address);
    expect(await seen.connectionsCount()).toBe(0);
    const error = await failureOf(seen.toServer.drop());
    expect(error).toBeInstanceOf(ForbiddenError);
    expect(error).toMatchObject({ message: expect.stringContaining('patch') });
  });
});

test('a gate that was made goes with its scope, and all that it owned', async () => {
  {
    await using scoped = await chaos.gate('scoped', UPSTREAM);
    await scoped.toServer.stall();
  }
  await eventually(async () => {
    const left = await namespace.kubectl(
      'get',
      'tcpgates,services,deployments,secrets',
      '-o',
      'name',
    );
    expect(left).not.toContain('scoped');
  });
});
