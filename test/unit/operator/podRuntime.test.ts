import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { type Ensured, NameTakenError, PredecessorError } from '../../../src/operator/children.ts';
import { operatorConfig } from '../../../src/operator/config.ts';
import { GateRuns } from '../../../src/operator/gateRuns.ts';
import { PodRuntime, type PodRuntimeOptions } from '../../../src/operator/podRuntime.ts';
import { NO_LIMITS } from '../../../src/operator/run.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { aGate, aPod } from './fixtures.ts';

const KEY = 'staging/postgres';
const { proxy } = operatorConfig.parse({ proxy: { image: 'chaosgate:test' } });
const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'postgres-chaosgate' } };
const AS_DESIRED: Ensured = { isAsDesired: true, contest: undefined };

/** A runtime whose children come to what `ensure` says, and all that it does in order. */
function setUp(ensure: (child: KubeObject) => Ensured | Error = () => AS_DESIRED) {
  const done: string[] = [];
  const children = {
    latest: () => undefined,
    ensure: async (_: unknown, child: KubeObject) => {
      done.push(child.kind ?? '');
      const ensured = ensure(child);
      if (ensured instanceof Error) throw ensured;
      return ensured;
    },
    remove: (kind: string, key: string) => done.push(`remove ${kind} ${key}`),
  };
  const links = {
    ensure: () => done.push('links'),
    states: () => new Map(),
    key: () => undefined,
    remove: () => done.push('remove links'),
  };
  const runtime = new PodRuntime({
    fronts: undefined,
    proxy,
    clusterDomain: 'cluster.local',
    operator: { name: 'system/operator', namespace: 'system', labels: { app: 'operator' } },
    pods: () => [aPod()],
    children: children as unknown as PodRuntimeOptions['children'],
    links: links as unknown as PodRuntimeOptions['links'],
    isLevered: () => false,
    runs: new GateRuns({ clock: systemClock, limits: NO_LIMITS }),
    endpoints: { states: () => new Map() } as unknown as PodRuntimeOptions['endpoints'],
  });
  return { runtime, done };
}

/** What comes of a gate of which the child of that kind is so. */
async function outcomeOf(kind: string, ensured: Ensured | Error) {
  const { runtime } = setUp((child) => (child.kind === kind ? ensured : AS_DESIRED));
  return runtime.ensure(KEY, aGate(), undefined);
}

test('proxies are told before the API server is asked for anything', async () => {
  const { runtime, done } = setUp();
  const result = await runtime.ensure(KEY, aGate(), undefined);
  expect(done[0]).toBe('links');
  expect(done.slice(1).sort()).toEqual(['Deployment', 'NetworkPolicy', 'Secret', 'Service']);
  expect(result).toEqual({ stored: true, reachable: true, problem: undefined, error: undefined });
});

test('one child that fails keeps none of the others from being written', async () => {
  const { runtime, done } = setUp(() => new Error('Quota'));
  await runtime.ensure(KEY, aGate(), undefined);
  expect(done).toHaveLength(5);
});

test('a name that is taken is lasting, and nothing to retry for', async () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'postgres' } };
  expect(await outcomeOf('Service', new NameTakenError(service))).toMatchObject({
    stored: true,
    reachable: false,
    problem: { terminal: true, reason: 'NameTaken' },
    error: undefined,
  });
});

test.each([
  ['PredecessorRemains', new PredecessorError(SECRET)],
  ['ChildFailed', new Error('exceeded quota')],
])('%s passes, and is retried', async (reason, error) => {
  expect(await outcomeOf('Secret', error)).toEqual({
    stored: false,
    reachable: true,
    problem: { terminal: false, reason, message: error.message },
    error,
  });
});

test('a child that is contested says by whom, and whether the gate can be reached at present', async () => {
  const contest = 'field manager "x" changes spec.selector of Service postgres';
  const left = await outcomeOf('Service', { isAsDesired: false, contest });
  expect(left).toMatchObject({ reachable: false, problem: { reason: 'ChildContested' } });
  expect(left.problem?.message).toContain(contest);
  expect(await outcomeOf('Service', { isAsDesired: true, contest })).toMatchObject({
    reachable: true,
    problem: { reason: 'ChildContested' },
  });
});

test('a gate that is gone leaves nothing here', () => {
  const { runtime, done } = setUp();
  runtime.remove(KEY);
  expect(done).toEqual([
    'remove links',
    'remove Service staging/postgres-origin',
    'remove Service staging/postgres',
    'remove Secret staging/postgres-chaosgate',
    'remove Deployment staging/postgres-chaosgate',
    'remove NetworkPolicy staging/postgres-chaosgate',
  ]);
});
