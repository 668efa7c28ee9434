/** The children of gates against an HTTP server on loopback of which the test plays the API server. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { Children, type Ensured } from '../../../src/operator/children.ts';
import { Contests } from '../../../src/operator/contests.ts';
import { desiredService } from '../../../src/operator/desired/service.ts';
import {
  type Exchange,
  plainConfig,
  type ScriptedApi,
  scriptedApi,
} from '../kube/support/scriptedApi.ts';
import { aGate } from './fixtures.ts';

const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';
const gate = aGate();
const EXTRA = { name: 'extra', port: 1 };

let api: ScriptedApi;
let kube: Kube;
let children: Children;
let clock: { now: number };
let cached: Stored | undefined;
let said: string[];
let version = 0;

type Stored = KubeObject & { spec: { ports: object[] } };

beforeEach(async () => {
  api = await scriptedApi();
  kube = new Kube(plainConfig(`http://127.0.0.1:${api.port}`), { userAgent: 'test/1' });
  clock = { now: 0 };
  cached = undefined;
  said = [];
  children = new Children({
    kube,
    keep: (_, object) => object,
    cached: (kind) => (kind === 'Service' ? cached : undefined),
    contests: new Contests(() => clock.now),
    onRestored: (_, about) => said.push(about),
  });
});

afterEach(async () => {
  await kube.close();
  api.close();
});

const ensure = () => children.ensure(gate, desiredService(gate));

/** What was asked for, with these ports besides. */
function stored(body: unknown, ...ports: object[]): Stored {
  version += 1;
  const object = structuredClone(body) as Stored;
  object.spec.ports.push(...ports);
  return { ...object, metadata: { ...object.metadata, uid: 'a', resourceVersion: `${version}` } };
}

async function next(method: string, contentType?: string): Promise<Exchange> {
  const exchange = await api.next();
  const { 'content-type': type } = exchange.headers;
  expect([exchange.method, type]).toEqual([method, contentType]);
  return exchange;
}

/** The watch brings the object. */
function hear(object: Stored): void {
  cached = object;
  children.forget('Service', 'staging/postgres');
}

/** Makes the Service, as on an API server that nobody else writes to. */
async function create(): Promise<Stored> {
  const ensured = ensure();
  (await next('GET')).refuse(404, 'NotFound');
  const apply = await next('PATCH', APPLY);
  const object = stored(apply.body);
  apply.json(object);
  expect(await ensured).toEqual({ isAsDesired: true, contest: undefined });
  hear(object);
  return object;
}

/** Answers what puts it back. */
async function putBack(ensured: Promise<Ensured>, object: Stored): Promise<Exchange> {
  (await next('GET')).json(object);
  const patch = await next('PATCH', JSON_PATCH);
  patch.json(stored({ ...object, spec: { ...object.spec, ports: object.spec.ports.slice(0, 1) } }));
  const apply = await next('PATCH', APPLY);
  const right = stored(apply.body);
  apply.json(right);
  await ensured;
  hear(right);
  return patch;
}

test('nothing is asked while the child is as desired', async () => {
  await create();
  expect(await ensure()).toEqual({ isAsDesired: true, contest: undefined });
  expect(api.untaken).toBe(0);
});

test('whether it is there is read where the cache does not know, and not written', async () => {
  const isThere = () => children.isThere(gate, desiredService(gate));
  const before = isThere();
  (await next('GET')).refuse(404, 'NotFound');
  expect(await before).toBe(false);
  const others = isThere();
  const metadata = { ...desiredService(gate).metadata, ownerReferences: [] };
  (await next('GET')).json({ ...desiredService(gate), metadata });
  await expect(others).rejects.toThrow('Service postgres exists and does not belong to this gate');
  await create();
  expect(await isThere()).toBe(true);
  expect(api.untaken).toBe(0);
});

test('what a gate of its name has left is said with what removes it', async () => {
  const object = await create();
  hear({ ...object, metadata: { ...object.metadata, ownerReferences: [] } });
  await expect(ensure()).rejects.toThrow(
    /^Service postgres was left behind by a gate .* kubectl -n staging delete service,secret,deployment,networkpolicy -l chaosgate.dev\/gate=postgres$/,
  );
});

test('what the watch brings while the child is written is newer than what was written', async () => {
  const ensured = ensure();
  (await next('GET')).refuse(404, 'NotFound');
  const apply = await next('PATCH', APPLY);
  const object = stored(apply.body);
  const newer = stored(object);
  hear(newer);
  apply.json(object);
  await ensured;
  expect(children.latest('Service', 'staging/postgres')).toBe(newer);
});

describe('a child that somebody else has changed', () => {
  test('is put back by a patch of exactly that field, for that version alone', async () => {
    const changed = stored(await create(), EXTRA);
    hear(changed);
    const patch = await putBack(ensure(), changed);
    expect(patch.query).toMatchObject({ fieldManager: 'chaosgate-operator' });
    expect(patch.body).toEqual([
      {
        op: 'replace',
        path: '/metadata/resourceVersion',
        value: changed.metadata.resourceVersion,
      },
      { op: 'add', path: '/spec/ports', value: changed.spec.ports.slice(0, 1) },
    ]);
    expect(said).toEqual(['Service postgres is changed by somebody: spec.ports']);
  });

  test('is read again when it changes meanwhile', async () => {
    const changed = stored(await create(), EXTRA);
    hear(changed);
    const ensured = ensure();
    (await next('GET')).json(changed);
    (await next('PATCH', JSON_PATCH)).refuse(409, 'Conflict');
    await putBack(ensured, stored(changed));
  });

  test('is left when the cache only lags behind what put it back', async () => {
    const right = await create();
    hear(stored(right, EXTRA));
    const ensured = ensure();
    (await next('GET')).json(right);
    expect(await ensured).toEqual({ isAsDesired: true, contest: undefined });
    expect(said).toEqual([]);
  });

  test('again and again is a contest, and put back less and less often', async () => {
    const right = await create();
    // The Service was made once already.
    for (let times = 2; times <= 5; times += 1) {
      const changed = stored(right, EXTRA);
      hear(changed);
      await putBack(ensure(), changed);
    }
    const contest = 'Service postgres is changed by somebody: spec.ports';
    expect(await ensure()).toEqual({ isAsDesired: true, contest });
    const changed = stored(right, EXTRA);
    hear(changed);
    expect(await ensure()).toEqual({ isAsDesired: false, contest });
    expect(api.untaken).toBe(0);
    clock.now += 1_000;
    await putBack(ensure(), changed);
    clock.now += 300_000;
    expect(await ensure()).toEqual({ isAsDesired: true, contest: undefined });
  });
});

describe('what admission adds to every write', () => {
  const { spec } = desiredService(gate);

  /** An API server with a webhook that adds a port to whatever is written, while it is asked just so. */
  async function withWebhook(...contentTypes: string[]): Promise<void> {
    const ensured = ensure();
    let last = cached;
    const get = await next('GET');
    if (last === undefined) get.refuse(404, 'NotFound');
    else get.json(last);
    for (const contentType of contentTypes) {
      const patch = await next('PATCH', contentType);
      last = stored(contentType === APPLY ? patch.body : { ...last, spec }, EXTRA);
      patch.json(last);
    }
    await ensured;
    if (last !== undefined) hear(last);
  }

  test('is asked away once, and then taken as it is', async () => {
    await withWebhook(APPLY, JSON_PATCH, APPLY);
    for (let look = 0; look < 5; look += 1) {
      // Something else changes, such as a status.
      if (cached !== undefined) hear(stored(cached));
      expect(await ensure()).toEqual({ isAsDesired: true, contest: undefined });
    }
    expect(said).toEqual([]);
  });

  test('does not cover what somebody else adds', async () => {
    await withWebhook(APPLY, JSON_PATCH, APPLY);
    if (cached !== undefined) hear(stored(cached, { name: 'another', port: 2 }));
    await withWebhook(JSON_PATCH, APPLY);
    expect(said).toEqual(['Service postgres is changed by somebody: spec.ports']);
  });
});
