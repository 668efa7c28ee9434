import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/control/messages.ts';
import { KEY_BYTES } from '../../../src/control/psk.ts';
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { Resolver } from '../../../src/gate/resolver.ts';
import { ManagedGate } from '../../../src/proxy/managedGate.ts';
import { HandClock } from '../time/support/handClock.ts';

const applied: number[] = [];
let clock: HandClock;
let managed: ManagedGate;

beforeEach(() => {
  applied.length = 0;
  clock = new HandClock();
  managed = new ManagedGate({
    key: randomBytes(KEY_BYTES),
    instance: 'one',
    gate: {
      listen: { port: 0, host: '127.0.0.1' },
      connectionBytes: 1,
      budget: new Budget(1),
      resolver: new Resolver({ lookup: async () => [] }),
    },
    onApplied: ({ generation }) => applied.push(generation),
    clock,
  });
});
afterEach(() => managed.close());

function snapshotOf(generation: number, patch: object = {}): Snapshot {
  const upstream = { host: 'nowhere.test', port: 1 };
  return { generation, config: gateConfig.parse({ upstream, ...patch }) };
}

test('a managed gate without a snapshot is not ready, and reports generation 0', () => {
  expect(managed.notReady).toBe('The gate has no snapshot yet');
  expect(managed.state).toBeUndefined();
  expect(managed.report()).toEqual({
    instance: 'one',
    generation: 0,
    faults: 'none',
    connections: { active: 0, accepted: 0 },
    upstream: {},
  });
});

test('a managed gate reports the snapshot that it runs', async () => {
  await managed.apply(snapshotOf(3, { toClient: { drop: {} }, disconnect: { nonce: 'a' } }));
  expect(managed.notReady).toBeUndefined();
  expect(managed.report()).toMatchObject({
    generation: 3,
    faults: 'toClient drop',
    disconnectNonce: 'a',
  });
});

test('a managed gate takes snapshots in the order in which they come, also when all come at once', async () => {
  await Promise.all([1, 2, 2, 5].map((generation) => managed.apply(snapshotOf(generation))));
  expect(applied).toEqual([1, 2, 2, 5]);
  expect(managed.generation).toBe(5);
});

test('a managed gate refuses an older snapshot, and goes on', async () => {
  const outcomes = await Promise.allSettled(
    [4, 3, 5].map((generation) => managed.apply(snapshotOf(generation))),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await expect(managed.apply(snapshotOf(1))).rejects.toThrow(
    'The gate runs generation 5; 1 is older',
  );
  expect(applied).toEqual([4, 5]);
});

test('a managed gate that is closed without a snapshot has nothing to free', async () => {
  await managed.close();
  expect(managed.state).toBeUndefined();
});

test('a gate that is closed while a snapshot is on its way waits for no end of a run', async () => {
  const run = { number: 1, durationSeconds: 3_600 };
  const applying = managed.apply({ ...snapshotOf(1), run });
  await managed.close();
  await applying;
  expect(clock.waits).toEqual([]);
});

test('a gate that was given no port refuses a snapshot that names none, and goes on with the next', async () => {
  const portless = new ManagedGate({
    key: randomBytes(KEY_BYTES),
    instance: 'one',
    gate: {
      listen: { host: '127.0.0.1' },
      connectionBytes: 1,
      budget: new Budget(1),
      resolver: new Resolver({ lookup: async () => [] }),
    },
    onApplied: ({ generation }) => applied.push(generation),
    clock,
  });
  await expect(portless.apply(snapshotOf(1))).rejects.toThrow('The gate has no port');
  expect(portless.notReady).toBe('The gate has no snapshot yet');
  const ports = [{ listen: 1, upstream: 1, faults: true }];
  await portless.apply({ ...snapshotOf(1, { newConnections: 'Refuse' }), ports });
  expect(applied).toEqual([1]);
  await portless.close();
});
