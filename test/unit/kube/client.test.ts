/** The client against an HTTP server on loopback of which the test plays the API server. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Kube, type WatchEvent } from '../../../src/kube/client.ts';
import { KubeApiError, KubeConnectionError } from '../../../src/kube/errors.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Resource } from '../../../src/kube/resource.ts';
import { HandClock } from '../time/support/handClock.ts';
import { CONFIG_MAPS, configMap, listOf } from './support/objects.ts';
import { plainConfig, type ScriptedApi, scriptedApi, status } from './support/scriptedApi.ts';

const GATES: Resource<KubeObject> = { group: 'example.org', version: 'v1', plural: 'gates' };
const REF = { namespace: 'test', name: 'a' };
const PATH = '/api/v1/namespaces/test/configmaps/a';

let api: ScriptedApi;
let kube: Kube;
let requests: { method: string; code: string; host: string }[];

function client(options: { clock?: HandClock; server?: string; user?: object } = {}): Kube {
  const { server = `http://127.0.0.1:${api.port}`, user, ...others } = options;
  return new Kube(plainConfig(server, user), {
    userAgent: 'test/1',
    onRequest: (request) => requests.push(request),
    ...others,
  });
}

beforeEach(async () => {
  api = await scriptedApi();
  requests = [];
  kube = client();
});

afterEach(async () => {
  await kube.close();
  api.close();
});

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('It did not fail'),
    (error: unknown) => error,
  );
}

describe('a request', () => {
  test('gets an object as it is on the wire', async () => {
    const got = kube.get(CONFIG_MAPS, REF);
    const request = await api.next();
    expect(request).toMatchObject({ method: 'GET', path: PATH, query: {} });
    expect(request.headers).toMatchObject({ 'user-agent': 'test/1', accept: 'application/json' });
    request.json({ ...configMap('a', 7), unknown: 'field' });
    expect(await got).toEqual({ ...configMap('a', 7), unknown: 'field' });
  });

  test('lists page by page, and gives each item its kind', async () => {
    const options = {
      namespace: 'test',
      labelSelector: 'a=b,c!=d',
      limit: 2,
      continue: 'token/+=',
    };
    const got = kube.list(CONFIG_MAPS, options);
    const request = await api.next();
    expect(request).toMatchObject({
      path: '/api/v1/namespaces/test/configmaps',
      query: { labelSelector: 'a=b,c!=d', limit: '2', continue: 'token/+=' },
    });
    request.json(listOf(9, [configMap('a', 7)], { continue: 'more' }));
    expect(await got).toMatchObject({
      metadata: { resourceVersion: '9', continue: 'more' },
      items: [configMap('a', 7)],
    });
  });

  test('without a namespace lists all of them', async () => {
    const got = kube.list(GATES);
    const request = await api.next();
    expect(request).toMatchObject({ path: '/apis/example.org/v1/gates', query: {} });
    request.json(listOf(1, []));
    await got;
  });

  test.each([
    {
      does: 'creates',
      send: () => kube.create(CONFIG_MAPS, configMap('a', 1)),
      expected: {
        method: 'POST',
        path: '/api/v1/namespaces/test/configmaps',
        query: {},
        body: configMap('a', 1),
      },
      type: 'application/json',
    },
    {
      does: 'replaces, at the version that the object has',
      send: () => kube.replace(CONFIG_MAPS, configMap('a', 7)),
      expected: { method: 'PUT', path: PATH, query: {}, body: configMap('a', 7) },
      type: 'application/json',
    },
    {
      does: 'merges a patch',
      send: () => kube.mergePatch(CONFIG_MAPS, REF, { data: { a: null } }),
      expected: { method: 'PATCH', path: PATH, query: {}, body: { data: { a: null } } },
      type: 'application/merge-patch+json',
    },
    {
      does: 'creates, strictly',
      send: () => kube.create(CONFIG_MAPS, configMap('a', 1), { strict: true }),
      expected: { method: 'POST', query: { fieldValidation: 'Strict' } },
      type: 'application/json',
    },
    {
      does: 'patches step by step, strictly',
      send: () =>
        kube.jsonPatch(CONFIG_MAPS, REF, [{ op: 'add', path: '/data/a', value: 'b' }], {
          strict: true,
        }),
      expected: {
        method: 'PATCH',
        path: PATH,
        query: { fieldValidation: 'Strict' },
        body: [{ op: 'add', path: '/data/a', value: 'b' }],
      },
      type: 'application/json-patch+json',
    },
    {
      does: 'applies, strictly',
      send: () => kube.apply(CONFIG_MAPS, configMap('a', 1), { fieldManager: 'me', force: false }),
      expected: {
        method: 'PATCH',
        path: PATH,
        query: { fieldManager: 'me', force: 'false', fieldValidation: 'Strict' },
        body: configMap('a', 1),
      },
      type: 'application/apply-patch+yaml',
    },
    {
      does: 'replaces a status, strictly, of that very object',
      send: () =>
        kube.replaceStatus(CONFIG_MAPS, { ...REF, uid: 'abc' }, { a: 1 }, { fieldManager: 'me' }),
      expected: {
        method: 'PATCH',
        path: `${PATH}/status`,
        query: { fieldManager: 'me', fieldValidation: 'Strict' },
        body: [
          { op: 'test', path: '/metadata/uid', value: 'abc' },
          { op: 'add', path: '/status', value: { a: 1 } },
        ],
      },
      type: 'application/json-patch+json',
    },
    {
      does: 'deletes',
      send: () => kube.delete(CONFIG_MAPS, REF),
      expected: { method: 'DELETE', path: PATH, query: {}, body: undefined },
      type: undefined,
    },
    {
      does: 'deletes this one and no later one',
      send: () => kube.delete(CONFIG_MAPS, REF, { uid: 'abc' }),
      expected: {
        method: 'DELETE',
        path: PATH,
        body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'abc' } },
      },
      type: 'application/json',
    },
  ])('$does', async ({ send, expected, type }) => {
    const sent = send();
    const request = await api.next();
    expect(request).toMatchObject(expected);
    expect(request.headers['content-type']).toBe(type);
    request.json(configMap('a', 8));
    await sent;
  });

  test.each([
    [{ gitVersion: 'v1.35.0' }, 'v1.35.0'],
    [{}, ''],
    [null, ''],
  ])('asks for the version: %j', async (answer, version) => {
    const got = kube.version();
    const request = await api.next();
    expect(request).toMatchObject({ method: 'GET', path: '/version' });
    request.json(answer);
    expect(await got).toBe(version);
  });

  test('keeps the path that the server has of its own', async () => {
    kube = client({ server: `http://127.0.0.1:${api.port}/k8s/clusters/c1` });
    const got = kube.get(CONFIG_MAPS, REF);
    const request = await api.next();
    expect(request.path).toBe(`/k8s/clusters/c1${PATH}`);
    request.json(configMap('a', 1));
    await got;
  });

  test('goes over a connection of those before', async () => {
    for (let count = 0; count < 20; count += 1) {
      const got = kube.get(CONFIG_MAPS, REF);
      (await api.next()).json(configMap('a', 1));
      await got;
    }
    // A connection is ready again only a moment after its answer was read.
    expect(api.connections).toBeLessThanOrEqual(2);
  });

  test('is told to the metrics with its code, or that no answer came', async () => {
    const found = kube.get(CONFIG_MAPS, REF);
    (await api.next()).json(configMap('a', 1));
    await found;
    const missed = kube.get(CONFIG_MAPS, REF);
    (await api.next()).refuse(404, 'NotFound');
    await failureOf(missed);
    const broken = kube.get(CONFIG_MAPS, REF);
    (await api.next()).reset();
    await failureOf(broken);
    const host = `127.0.0.1:${api.port}`;
    expect(requests).toEqual([
      { method: 'GET', code: '200', host },
      { method: 'GET', code: '404', host },
      { method: 'GET', code: '<error>', host },
    ]);
  });
});

describe('a request that fails', () => {
  test('says what the API server said', async () => {
    const got = failureOf(kube.get(CONFIG_MAPS, REF));
    (await api.next()).refuse(429, 'TooManyRequests', { 'retry-after': '7' });
    const error = await got;
    expect(error).toBeInstanceOf(KubeApiError);
    expect(error).toMatchObject({
      status: 429,
      reason: 'TooManyRequests',
      message: 'TooManyRequests it is',
      retryAfterSeconds: 7,
      request: `GET ${PATH}`,
    });
  });

  test('keeps the page of a load balancer out of the message', async () => {
    const got = failureOf(kube.get(CONFIG_MAPS, REF));
    (await api.next()).text('<html>Bad gateway</html>', 502);
    expect(await got).toMatchObject({
      name: 'KubeApiError',
      status: 502,
      message: 'The API server answered HTTP 502',
    });
  });

  test('follows no redirect, with the credentials, to who knows where', async () => {
    const got = failureOf(kube.get(CONFIG_MAPS, REF));
    (await api.next()).text('', 302, { location: 'http://127.0.0.1:1/' });
    expect(await got).toMatchObject({ name: 'KubeApiError', status: 302 });
  });

  test('is a connection error when the answer is no JSON', async () => {
    const got = failureOf(kube.get(CONFIG_MAPS, REF));
    (await api.next()).text('<html>Log in</html>');
    expect(await got).toBeInstanceOf(KubeConnectionError);
  });

  test('is a connection error when nobody listens', async () => {
    api.close();
    const error = await failureOf(kube.get(CONFIG_MAPS, REF));
    expect(error).toBeInstanceOf(KubeConnectionError);
    expect(error).toMatchObject({
      message: expect.stringContaining('ECONNREFUSED'),
      request: `GET ${PATH}`,
    });
  });

  test.each([
    ['before', false],
    ['in the middle of', true],
  ])('is a connection error when time is up %s the answer', async (_, begins) => {
    const clock = new HandClock();
    kube = client({ clock });
    const got = failureOf(kube.get(CONFIG_MAPS, REF));
    const request = await api.next();
    if (begins) {
      request.open();
      request.write('{"kind":');
      await expect.poll(() => requests.length).toBe(1);
    }
    let isOver = false;
    void got.then(() => {
      isOver = true;
    });
    await clock.advance(9_999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    const error = await got;
    expect(error).toBeInstanceOf(KubeConnectionError);
    expect(error).toMatchObject({ message: 'No answer within 10000 ms' });
    await request.left();
    expect(clock.waits).toEqual([]);
  });

  test('does not leave a connection that hangs to the next one', async () => {
    const clock = new HandClock();
    kube = client({ clock });
    const hung = failureOf(kube.get(CONFIG_MAPS, REF));
    await api.next();
    await clock.advance(10_000);
    await hung;
    const got = kube.get(CONFIG_MAPS, REF);
    (await api.next()).json(configMap('a', 1));
    await got;
    expect(api.connections).toBe(2);
  });

  test('ends when its caller wants it to', async () => {
    const controller = new AbortController();
    const got = failureOf(kube.get(CONFIG_MAPS, REF, { signal: controller.signal }));
    const request = await api.next();
    controller.abort(new Error('No longer needed'));
    expect(await got).toMatchObject({ name: 'KubeConnectionError', message: 'No longer needed' });
    await request.left();
  });

  test('ends when the client is closed, and nothing can be asked after', async () => {
    const got = failureOf(kube.get(CONFIG_MAPS, REF));
    const request = await api.next();
    await kube.close();
    expect(await got).toBeInstanceOf(KubeConnectionError);
    await request.left();
    expect(await failureOf(kube.get(CONFIG_MAPS, REF))).toMatchObject({
      name: 'KubeConnectionError',
      message: 'The client is closed',
    });
  });

  test.each(['', '.', '..'])('is never sent for the name "%s"', async (name) => {
    const error = await failureOf(kube.delete(CONFIG_MAPS, { namespace: 'test', name }));
    expect(error).toBeInstanceOf(TypeError);
    expect(api.untaken).toBe(0);
  });
});

describe('a watch', () => {
  const options = { namespace: 'test', resourceVersion: '5', timeoutSeconds: 300 };

  /** What the watch gives, and the error that ends it; undefined when it ends by itself. */
  function follow(signal = new AbortController().signal) {
    const events: WatchEvent<KubeObject>[] = [];
    const watch = async () => {
      for await (const event of kube.watch(CONFIG_MAPS, options, signal)) events.push(event);
    };
    const ended = watch().then(
      () => undefined,
      (error: unknown) => error,
    );
    return { events, ended };
  }

  test('asks for bookmarks and an end, and gives what comes until the server ends it', async () => {
    const { events, ended } = follow();
    const request = await api.next();
    expect(request.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '5',
      timeoutSeconds: '300',
    });
    request.open();
    request.event('ADDED', configMap('a', 6));
    request.event('BOOKMARK', { metadata: { resourceVersion: '7' } });
    request.end();
    expect(await ended).toBeUndefined();
    expect(events).toEqual([
      { type: 'ADDED', object: configMap('a', 6) },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } },
    ]);
  });

  test('gives an object that comes in many reads, cut inside of a character', async () => {
    const { events, ended } = follow();
    const request = await api.next();
    request.open();
    const object = { ...configMap('a', 6), data: { text: 'Füße 🚪' } };
    for (const byte of Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`)) {
      request.write(Buffer.of(byte));
    }
    await expect.poll(() => events).toEqual([{ type: 'ADDED', object }]);
    request.end();
    await ended;
  });

  test('fails with the error that comes as an event', async () => {
    const { ended } = follow();
    const request = await api.next();
    request.open();
    request.event('ERROR', status(410, 'Expired'));
    expect(await ended).toMatchObject({ name: 'KubeApiError', status: 410, reason: 'Expired' });
    // Whatever else may come on it has lost its meaning.
    await request.left();
  });

  test('fails with the error that comes as an answer', async () => {
    const { ended } = follow();
    (await api.next()).refuse(429, 'TooManyRequests', { 'retry-after': '3' });
    expect(await ended).toMatchObject({ name: 'KubeApiError', retryAfterSeconds: 3 });
  });

  test.each([
    ['is reset', (request: { reset(): void }) => request.reset()],
    ['ends inside of a line', (request: { end(): void }) => request.end()],
  ])('fails when the stream %s', async (_, breakOff) => {
    const { events, ended } = follow();
    const request = await api.next();
    request.open();
    request.event('ADDED', configMap('a', 6));
    request.write('{"type":"ADD');
    await expect.poll(() => events.length).toBe(1);
    breakOff(request);
    expect(await ended).toBeInstanceOf(KubeConnectionError);
  });

  test('fails when a line is no JSON', async () => {
    const { ended } = follow();
    const request = await api.next();
    request.open();
    request.write('what?\n');
    expect(await ended).toBeInstanceOf(KubeConnectionError);
  });

  test('has no limit while it is heard, and is dead when it is silent for too long', async () => {
    const clock = new HandClock();
    kube = client({ clock });
    const { events, ended } = follow();
    const request = await api.next();
    request.open();
    for (let version = 6; version < 10; version += 1) {
      request.event('ADDED', configMap('a', version));
      await expect.poll(() => events.length).toBe(version - 5);
      await clock.advance(309_000);
    }
    await clock.advance(1_000);
    const error = await ended;
    expect(error).toBeInstanceOf(KubeConnectionError);
    expect(error).toMatchObject({ message: 'No data was received for 310000 ms' });
    await request.left();
  });

  test('is dead when no answer comes at all', async () => {
    const clock = new HandClock();
    kube = client({ clock });
    const { ended } = follow();
    await api.next();
    await clock.advance(30_000);
    expect(await ended).toMatchObject({ message: 'No data was received for 30000 ms' });
  });

  test('ends without an error when its caller wants it to', async () => {
    const controller = new AbortController();
    const { ended } = follow(controller.signal);
    const request = await api.next();
    request.open();
    controller.abort();
    expect(await ended).toBeUndefined();
    await request.left();
  });

  test('lets go of the connection when nobody listens any more', async () => {
    const iterator = kube.watch(CONFIG_MAPS, options, new AbortController().signal);
    const first = iterator.next();
    const request = await api.next();
    request.open();
    request.event('ADDED', configMap('a', 6));
    await first;
    await iterator.return(undefined);
    await request.left();
  });

  test('takes no connection away from requests, however many there are', async () => {
    const controller = new AbortController();
    const watches = Array.from({ length: 40 }, () => follow(controller.signal));
    for (const _ of watches) (await api.next()).open();
    const got = kube.get(CONFIG_MAPS, REF);
    (await api.next()).json(configMap('a', 1));
    await got;
    controller.abort();
    await Promise.all(watches.map(({ ended }) => ended));
  });
});
