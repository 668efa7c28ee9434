/** Against an HTTP server on loopback of which the test plays the API server. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import { isPodGone, podHolder } from '../../../src/kube/holder.ts';
import { plainConfig, type ScriptedApi, scriptedApi } from './support/scriptedApi.ts';

const HOLDER = podHolder({ name: 'operator-1', uid: 'uid-1' });

let api: ScriptedApi;
let kube: Kube;

beforeEach(async () => {
  api = await scriptedApi();
  kube = new Kube(plainConfig(`http://127.0.0.1:${api.port}`), { userAgent: 'test/1' });
});

afterEach(async () => {
  await kube.close();
  api.close();
});

const pod = (uid: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'system', name: 'operator-1', uid },
});

async function asked() {
  const gone = isPodGone(kube, 'system', HOLDER);
  const request = await api.next();
  expect(request).toMatchObject({
    method: 'GET',
    path: '/api/v1/namespaces/system/pods/operator-1',
  });
  return { gone, request };
}

describe('the pod that holds a Lease', () => {
  test('is there, be it running or not', async () => {
    const { gone, request } = await asked();
    request.json(pod('uid-1'));
    expect(await gone).toBe(false);
  });

  test('is gone when there is none of that name', async () => {
    const { gone, request } = await asked();
    request.refuse(404, 'NotFound');
    expect(await gone).toBe(true);
  });

  test('is gone when another one has its name', async () => {
    const { gone, request } = await asked();
    request.json(pod('uid-2'));
    expect(await gone).toBe(true);
  });

  test('is not known to be gone when the API server does not say', async () => {
    const { gone, request } = await asked();
    request.refuse(403, 'Forbidden');
    await expect(gone).rejects.toMatchObject({ status: 403 });
  });
});

test.each(['laptop_3f0c', 'chaosgate-1_3f0c', ''])(
  'a holder that is no pod is not gone: %o',
  async (holder) => {
    // Nobody is asked: the test would hang.
    expect(await isPodGone(kube, 'system', holder)).toBe(false);
  },
);
