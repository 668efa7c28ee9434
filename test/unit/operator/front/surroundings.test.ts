import { expect, test, vi } from 'vitest';
import { tcpGate } from '../../../../src/api/tcpgate.ts';
import type { Kube } from '../../../../src/kube/client.ts';
import { KubeConnectionError } from '../../../../src/kube/errors.ts';
import { frontProblem } from '../../../../src/operator/front/surroundings.ts';

const GATE = tcpGate.parse({
  metadata: { name: 'chaos', namespace: 'staging', uid: '1', generation: 1, resourceVersion: '1' },
  spec: { service: { name: 'postgres' } },
});

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'postgres', namespace: 'staging' },
  spec: { selector: { app: 'postgres' }, ports: [{ port: 5_432 }] },
};

test('an API server that is away fails the check, and no list of it goes unheard', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const list = async () => Promise.reject(new KubeConnectionError('away', ''));
  const check = frontProblem(GATE, SERVICE, {
    kube: { list } as Pick<Kube, 'list'>,
    settings: { front: true, requireConsent: false },
    namespaces: ['staging', 'other'],
  });
  await expect(check).rejects.toThrow('away');
  // Rejections that nobody hears are reported once the microtasks are done.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
