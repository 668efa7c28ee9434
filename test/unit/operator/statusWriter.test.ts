import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { ApiServer } from '../../../src/kubeapi/start.ts';
import { startGateApi } from '../../../src/local/gateApi.ts';
import { InProcessKube } from '../../../src/local/inProcessKube.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';
import { StatusWriter } from '../../../src/operator/statusWriter.ts';

type Gate = KubeObject & { readonly status?: TcpGateStatus };

const KEY = 'default/db';
const GATE = {
  apiVersion: 'chaosgate.dev/v1alpha1',
  kind: 'TcpGate',
  metadata: { name: 'db', namespace: 'default' },
};

let api: ApiServer;
let kube: InProcessKube;
let cache: Gate | undefined;
let now = 1e9;
let written: TcpGateStatus[];
let putBack: string[];
let writer: StatusWriter;

beforeEach(async () => {
  api = await startGateApi({
    port: 0,
    version: '0',
    onError: (error) => expect.fail(String(error)),
  });
  onTestFinished(() => api.close());
  kube = new InProcessKube(api.api, 'test');
  written = [];
  putBack = [];
  writer = newWriter();
  await makeGate();
});

function newWriter(): StatusWriter {
  return new StatusWriter({
    kube,
    cached: () => cache,
    onWritten: (_gate, _before, after) => written.push(after),
    onRestored: (_gate, about) => putBack.push(about),
    clock: { wall: () => now, monotonic: () => now, after: () => () => {} },
  });
}

async function makeGate(): Promise<void> {
  const gate = { ...GATE, spec: { upstream: { host: 'db', port: 1 } } };
  await kube.create(TCP_GATES, gate);
  hear();
}

/** The gate as it is in the API. */
function real(): Gate {
  return api.store.collection(TCP_GATES.plural).get(KEY) as unknown as Gate;
}

/** The cache hears of what was written since. */
function hear(): void {
  cache = real();
}

function status(faults: string, more: Partial<TcpGateStatus> = {}): TcpGateStatus {
  return {
    observedGeneration: 1,
    faults,
    connections: { active: 4, accepted: 4 },
    conditions: [condition('Ready'), condition('Programmed')],
    ...more,
  };
}

function condition(type: string) {
  return {
    type,
    status: 'True' as const,
    observedGeneration: 1,
    reason: 'Test',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
}

function write(desired: TcpGateStatus): Promise<{ requeueAfterMs?: number }> {
  return writer.write(KEY, real().metadata, () => desired);
}

function forge(forged: TcpGateStatus, fieldManager = 'kubectl-patch'): Promise<unknown> {
  return kube.replaceStatus(TCP_GATES, real().metadata, forged, { fieldManager });
}

describe('a status that somebody else has written', () => {
  const lies = status('lies', { observedGeneration: 0, connections: { active: 77, accepted: 0 } });

  beforeEach(async () => {
    await write(status('none'));
    hear();
  });

  const patcher = 'field manager "kubectl-patch"';

  test.each<[string, TcpGateStatus, string]>([
    ['lies', lies, patcher],
    ['lies about a count', status('none', { connections: { active: 0, accepted: 4 } }), patcher],
    ['has another condition', status('none', { conditions: [condition('Own')] }), patcher],
    // Who takes away owns nothing.
    ['lacks conditions', { observedGeneration: 1 }, 'somebody'],
    ['is empty', {}, 'somebody'],
  ])('is put right at once, when it %s', async (_, forged, by) => {
    await forge(forged);
    hear();
    expect(writer.isForeign(KEY, real())).toBe(true);
    expect(await write(status('none'))).toEqual({});
    expect(real().status).toEqual(status('none'));
    expect(putBack).toEqual([
      `The status, which only the operator may write, was written by ${by}`,
    ]);
  });

  test('is put right when a manager applied a condition beside those of the operator', async () => {
    const answer = await api.api.handle({
      method: 'PATCH',
      path: '/apis/chaosgate.dev/v1alpha1/namespaces/default/tcpgates/db/status',
      query: new URLSearchParams({ fieldManager: 'other' }),
      host: 'localhost',
      accept: 'application/json',
      contentType: 'application/apply-patch+yaml',
      userAgent: 'test',
      body: JSON.stringify({ ...GATE, status: { conditions: [condition('Own')] } }),
    });
    expect(answer.code).toBe(200);
    expect(real().status?.conditions).toHaveLength(3);
    hear();
    await write(status('none'));
    expect(real().status).toEqual(status('none'));
    expect(putBack).toEqual([expect.stringContaining('field manager "other"')]);
  });

  test('is no history of what is true', async () => {
    await forge(status('none', { disconnect: { nonce: 'never ran' } }));
    hear();
    expect(writer.latest(KEY, real().metadata.uid)).toEqual(status('none'));
    let previous: TcpGateStatus | undefined;
    await writer.write(KEY, real().metadata, (before) => {
      previous = before;
      return status('none');
    });
    expect(previous).toEqual(status('none'));
  });

  test('that the cache has not heard of yet is left until it has', async () => {
    await forge(lies);
    expect(await write(status('none'))).toEqual({});
    expect(real().status).toEqual(lies);
  });

  test('is put right less and less often when that goes on, and at once after it has ended', async () => {
    const corrections = async (milliseconds: number, step: number) => {
      const before = putBack.length;
      for (const end = now + milliseconds; now < end; now += step) {
        await forge(lies);
        hear();
        await write(status('none'));
        hear();
      }
      return putBack.length - before;
    };
    expect(await corrections(10_000, 250)).toBeGreaterThanOrEqual(5);
    await corrections(600_000, 10_000);
    expect(await corrections(600_000, 10_000)).toBeLessThanOrEqual(6);
    now += 600_000;
    await forge(lies);
    hear();
    expect(await write(status('none'))).toEqual({});
    expect(real().status).toEqual(status('none'));
  });

  test('does not keep a change back', async () => {
    for (let times = 0; times < 50; times += 1) {
      await forge(lies);
      hear();
      await write(status('none'));
      hear();
    }
    await forge(lies);
    hear();
    const next = status('drop', { observedGeneration: 2 });
    expect(await write(next)).toEqual({});
    expect(real().status).toEqual(next);
  });

  test('and says what is true is taken as it is', async () => {
    const same = status('drop');
    await forge(same);
    hear();
    const { resourceVersion } = real().metadata;
    expect(await write(same)).toEqual({});
    expect(real().metadata.resourceVersion).toBe(resourceVersion);
    expect(putBack).toEqual([]);
  });

  test('is put right by an operator that has just started', async () => {
    await forge(lies);
    hear();
    writer = newWriter();
    await write(status('none'));
    expect(real().status).toEqual(status('none'));
  });
});

describe('the own status', () => {
  test("is nobody else's, however late the cache hears of it", async () => {
    const heard: boolean[] = [];
    api.store.collection(TCP_GATES.plural).subscribe(({ after }) => {
      heard.push(writer.isForeign(KEY, after as unknown as Gate));
    });
    await write(status('none'));
    const first = real();
    await write(status('drop', { observedGeneration: 2 }));
    expect(heard).toEqual([false, false]);
    cache = first;
    expect(writer.isForeign(KEY, first)).toBe(false);
    const { resourceVersion } = real().metadata;
    await write(status('drop', { observedGeneration: 2 }));
    expect(real().metadata.resourceVersion).toBe(resourceVersion);
    expect(putBack).toEqual([]);
  });

  test('is what came back when the API server went back to a backup', async () => {
    await write(status('none'));
    const backup = real();
    await write(status('drop', { observedGeneration: 2 }));
    await forge(status('none'));
    cache = { ...real(), metadata: backup.metadata };
    now += 120_000;
    await write(status('drop', { observedGeneration: 2 }));
    expect(real().status?.faults).toBe('drop');
  });

  test('is not written to another gate of that name', async () => {
    const old = real();
    await kube.delete(TCP_GATES, old.metadata);
    await makeGate();
    const before = real();
    cache = old;
    await writer.write(KEY, old.metadata, () => status('none'));
    expect(real()).toEqual(before);
    expect(written).toEqual([]);
  });
});

test('a gate that nobody has looked at has no history', () => {
  expect(writer.latest(KEY, real().metadata.uid)?.conditions).toBeUndefined();
});
