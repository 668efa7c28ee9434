import { beforeEach, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { Serving } from '../../../src/operator/serving.ts';

const MARK = 'chaosgate.dev/operator';
const CLAIM = 'chaosgate.dev/claimed-by';
const [OURS, THEIRS] = ['a-system/a', 'b-system/b'];

/** Annotations of the gates' Secrets by name, which both operators see. */
let secrets: Map<string, Record<string, string>>;
let writes: number;
let now: number;
let said: string[];

beforeEach(() => {
  secrets = new Map();
  writes = 0;
  now = 0;
  said = [];
});

function gate(name: string, namespace = 'staging'): KubeObject {
  const metadata = { name, namespace, uid: `uid of ${name}` };
  return { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', metadata };
}

function servingOf(operator: string): Serving {
  const say = (_: object, text: string) => said.push(`${operator}: ${text}`);
  return new Serving({
    operator,
    secret: (key) => {
      const annotations = secrets.get(key);
      const owner = { apiVersion: '', kind: 'TcpGate', name: '', uid: ownerUid(key) };
      return annotations === undefined
        ? undefined
        : {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: {
              name: key.split('/')[1] ?? '',
              namespace: key.split('/')[0] ?? '',
              annotations,
              ownerReferences: [owner],
            },
          };
    },
    annotate: async ({ name, namespace }, changes) => {
      writes += 1;
      const merged = { ...secrets.get(`${namespace}/${name}`), ...changes };
      const entries = Object.entries(merged).filter(([, value]) => value !== null);
      secrets.set(`${namespace}/${name}`, Object.fromEntries(entries) as Record<string, string>);
    },
    now: () => now,
    log: { info: say, warn: say } as unknown as ConstructorParameters<typeof Serving>[0]['log'],
  });
}

const ownerUid = (key: string) => `uid of ${key.split('/')[1]?.replace('-chaosgate', '')}`;

function mark(name: string, operator: string): void {
  secrets.set(`staging/${name}-chaosgate`, { [MARK]: operator });
}

const annotationsOf = (name: string) => secrets.get(`staging/${name}-chaosgate`);

test('a gate without a mark, or with its own, is its own, and costs nothing', async () => {
  const ours = servingOf(OURS);
  mark('old', OURS);
  expect(await ours.leaveFor(gate('old'))).toBeUndefined();
  expect(await ours.leaveFor(gate('new'))).toBeUndefined();
  expect(writes).toBe(0);
});

test("a mark on a Secret that is not the gate's says nothing", async () => {
  mark('taken', THEIRS);
  const recreated = { ...gate('taken'), metadata: { ...gate('taken').metadata, uid: 'another' } };
  expect(await servingOf(OURS).leaveFor(recreated)).toBeUndefined();
});

describe('a gate of another operator', () => {
  test('that answers is left alone, with one question in two minutes for all gates', async () => {
    const [ours, theirs] = [servingOf(OURS), servingOf(THEIRS)];
    for (const name of ['one', 'two', 'three']) mark(name, THEIRS);
    for (; now < 119_000; now += 1_000) {
      for (const name of ['one', 'two', 'three']) {
        expect(await theirs.leaveFor(gate(name))).toBeUndefined();
        expect(await ours.leaveFor(gate(name))).toBeGreaterThan(0);
      }
    }
    expect(writes).toBe(2);
    expect(said).toEqual([expect.stringMatching(/^a-system\/a: Another operator serves this/)]);
  });

  test('that is gone is taken over after half a minute', async () => {
    const ours = servingOf(OURS);
    for (const name of ['one', 'two']) mark(name, THEIRS);
    expect(await ours.leaveFor(gate('one'))).toBe(30_000);
    now = 29_000;
    expect(await ours.leaveFor(gate('one'))).toBe(1_000);
    expect(await ours.leaveFor(gate('two'))).toBe(6_000);
    now = 30_000;
    // Whichever of them looks first.
    expect(await ours.leaveFor(gate('two'))).toBe(5_000);
    expect(await ours.leaveFor(gate('one'))).toBeUndefined();
    expect(await ours.leaveFor(gate('two'))).toBeUndefined();
    expect(writes).toBe(1);

    // The mark comes with the Secret that is written for it.
    secrets.set('staging/one-chaosgate', { ...annotationsOf('one'), [MARK]: OURS });
    expect(await ours.leaveFor(gate('one'))).toBeUndefined();
    expect(annotationsOf('one')).toEqual({ [MARK]: OURS });
  });

  test('is not taken over because the gate that carried the question is gone', async () => {
    const ours = servingOf(OURS);
    for (const name of ['one', 'two']) mark(name, THEIRS);
    await ours.leaveFor(gate('one'));
    secrets.delete('staging/one-chaosgate');
    now = 35_000;
    expect(await ours.leaveFor(gate('two'))).toBe(30_000);
    expect(annotationsOf('two')).toEqual({ [MARK]: THEIRS, [CLAIM]: OURS });
  });

  test('is requested again when that one is heard of again', async () => {
    const ours = servingOf(OURS);
    mark('one', THEIRS);
    await ours.leaveFor(gate('one'));
    now = 30_000;
    await ours.leaveFor(gate('one'));
    now = 91_000;
    mark('two', THEIRS);
    expect(await ours.leaveFor(gate('two'))).toBe(30_000);
  });
});

test('a new gate in the namespace of another operator is left to it for ten seconds', async () => {
  const [ours, theirs] = [servingOf(OURS), servingOf(THEIRS)];
  mark('one', THEIRS);
  await ours.leaveFor(gate('one'));
  await theirs.leaveFor(gate('one'));
  await ours.leaveFor(gate('one'));
  expect(await ours.leaveFor(gate('new'))).toBe(10_000);
  expect(await ours.leaveFor(gate('new', 'elsewhere'))).toBeUndefined();
  now = 10_000;
  expect(await ours.leaveFor(gate('new'))).toBeUndefined();
});

test('one that was the first, and finds that another took its gate, leaves it', async () => {
  const ours = servingOf(OURS);
  mark('one', OURS);
  expect(await ours.leaveFor(gate('one'))).toBeUndefined();
  mark('one', THEIRS);
  expect(await ours.leaveFor(gate('one'))).toBe(30_000);
});
