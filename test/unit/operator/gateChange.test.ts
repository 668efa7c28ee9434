import { expect, test } from 'vitest';
import type { KubeObject, ObjectMeta } from '../../../src/kube/objects.ts';
import { concernsOperator } from '../../../src/operator/gateChange.ts';

const NUDGE = 'chaosgate.dev/reconcile-requested-at';

function gate(metadata: Partial<ObjectMeta> = {}): KubeObject {
  return {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'a', uid: 'u', generation: 1, resourceVersion: '1', ...metadata },
  };
}

test.each<[string, KubeObject | undefined, KubeObject | undefined]>([
  ['is there', gate(), undefined],
  ['is gone', undefined, gate()],
  ['is another one of the same name', gate({ uid: 'v' }), gate()],
  ['has another spec', gate({ generation: 2 }), gate()],
  ['is being deleted', gate({ deletionTimestamp: '2026-01-01T00:00:00Z' }), gate()],
  ['was asked to be looked at', gate({ annotations: { [NUDGE]: '1' } }), gate()],
  [
    'was asked so again',
    gate({ annotations: { [NUDGE]: '2' } }),
    gate({ annotations: { [NUDGE]: '1' } }),
  ],
])('a gate that %s concerns the operator', (_, current, previous) => {
  expect(concernsOperator(current, previous)).toBe(true);
});

test.each<[string, KubeObject]>([
  ['status', gate({ resourceVersion: '2' })],
  ['labels', gate({ labels: { a: 'b' } })],
  ['other annotations', gate({ annotations: { a: 'b' } })],
])('a change of its %s does not', (_, current) => {
  expect(concernsOperator(current, gate())).toBe(false);
});
