import { describe, expect, test } from 'vitest';
import { operatorConfig } from '../../../src/operator/config.ts';
import { desiredSecret } from '../../../src/operator/desired/secret.ts';
import { type Gathered, plan } from '../../../src/operator/plan.ts';
import { aGate, aPod, aRun } from './fixtures.ts';

const { proxy } = operatorConfig.parse({ proxy: { image: 'chaosgate:test' } });
const NEW = Buffer.alloc(32, 1);
const STORED = Buffer.alloc(32, 2);
const IN_USE = { key: Buffer.alloc(32, 3), isAnswered: false };
const OPERATOR = 'chaosgate-system/operator';

function planned(changes: Partial<Gathered> = {}) {
  const gathered = {
    gate: aGate(),
    status: undefined,
    run: aRun(),
    isLevered: false,
    pods: [],
    secret: undefined,
    keyInUse: undefined,
    ...changes,
  };
  const operator = { name: OPERATOR, namespace: 'chaosgate-system', labels: {} };
  return plan(gathered, { proxy, operator, newKey: () => NEW });
}

function aSecret(gate = aGate(), key = STORED) {
  return desiredSecret(gate, key, { generation: 1, config: plannedConfig }, OPERATOR);
}

const plannedConfig = planned().snapshot.config;

describe('the key of a gate', () => {
  test('is a new one for a new gate', () => {
    expect(planned().key).toEqual(NEW);
  });

  test('is the stored one as long as no proxy answers to another', () => {
    expect(planned({ secret: aSecret(), keyInUse: IN_USE }).key).toEqual(STORED);
  });

  test('is the one that a proxy answers to, whatever somebody has stored since', () => {
    const keyInUse = { ...IN_USE, isAnswered: true };
    expect(planned({ secret: aSecret(), keyInUse }).key).toEqual(IN_USE.key);
  });

  test('is the one in use when the Secret is gone, so that running proxies can be reached', () => {
    expect(planned({ keyInUse: IN_USE }).key).toEqual(IN_USE.key);
  });

  test('is never taken from a Secret of someone else, nor from one that is cut short', () => {
    const predecessor = aGate({}, { uid: 'another-uid' });
    expect(planned({ secret: aSecret(predecessor) }).key).toEqual(NEW);
    expect(planned({ secret: aSecret(aGate(), STORED.subarray(1)) }).key).toEqual(NEW);
  });
});

describe('the snapshot', () => {
  test('is the spec of the generation, without the port of the Service', () => {
    const { snapshot } = planned({ gate: aGate({ listen: { port: 80 }, seed: 7 }) });
    expect(snapshot).toMatchObject({
      generation: 3,
      config: { seed: 7, newConnections: 'Accept' },
    });
    expect(snapshot.config).not.toHaveProperty('listen');
  });

  test('tells which disconnect was run already', () => {
    const { snapshot } = planned({ status: { disconnect: { nonce: 'a' } } });
    expect(snapshot.disconnectedNonce).toBe('a');
  });

  test('goes to every pod that has an address, also to one that leaves: it carries connections', () => {
    const pods = [
      aPod(),
      aPod({ uid: 'pod-2', ip: '10.0.0.2', terminating: true }),
      aPod({ uid: 'pod-3', ip: undefined }),
    ];
    expect(planned({ pods }).targets).toEqual([
      { podUid: 'pod-1', ip: '10.0.0.1', port: 10_001 },
      { podUid: 'pod-2', ip: '10.0.0.2', port: 10_001 },
    ]);
  });
});

test('the children are a Secret, a Service, a Deployment and a NetworkPolicy', () => {
  const kinds = planned().children.map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['Deployment', 'NetworkPolicy', 'Secret', 'Service']);
});
