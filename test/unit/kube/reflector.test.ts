/** The reflector against an HTTP server on loopback of which the test plays the API server. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { HandClock } from '../time/support/handClock.ts';
import { Inbox } from './support/inbox.ts';
import { CONFIG_MAPS, configMap, listOf } from './support/objects.ts';
import {
  type Exchange,
  plainConfig,
  type ScriptedApi,
  scriptedApi,
  status,
} from './support/scriptedApi.ts';

let api: ScriptedApi;
let kube: Kube;
let clock: HandClock;
let changes: Inbox<string>;
let errors: Inbox<Error>;
let reflector: Reflector<KubeObject>;
let onChange: (key: string) => void;

const versionOf = (object: KubeObject | undefined) => object?.metadata.resourceVersion ?? '-';

beforeEach(async () => {
  api = await scriptedApi();
  clock = new HandClock();
  changes = new Inbox();
  errors = new Inbox();
  onChange = () => {};
  kube = new Kube(plainConfig(`http://127.0.0.1:${api.port}`), { userAgent: 'test/1', clock });
  reflector = new Reflector({
    kube,
    resource: CONFIG_MAPS,
    namespace: 'test',
    labelSelector: 'app=x',
    onChange: (key, current, previous) => {
      changes.put(`${key} ${versionOf(previous)} -> ${versionOf(current)}`);
      onChange(key);
    },
    onError: (error) => errors.put(error),
    clock,
    random: () => 0,
  });
});

afterEach(async () => {
  await reflector.stop();
  await kube.close();
  api.close();
});

async function nextList(): Promise<Exchange> {
  const request = await api.next();
  expect(request.query).not.toHaveProperty('watch');
  return request;
}

async function nextWatch(resourceVersion: number): Promise<Exchange> {
  const request = await api.next();
  expect(request.query).toMatchObject({ watch: 'true', resourceVersion: String(resourceVersion) });
  return request;
}

/** Started, with `a` at version 5 in the cache and an open watch. */
async function watching(): Promise<Exchange> {
  reflector.start();
  (await nextList()).json(listOf(5, [configMap('a', 5)]));
  expect(await changes.next()).toBe('test/a - -> 5');
  const watch = await nextWatch(5);
  watch.open();
  return watch;
}

/** Waits for the error, and then for the time that the reflector stays away. */
async function failsAndWaits(milliseconds: number): Promise<Error> {
  const error = await errors.next();
  expect(clock.waits).toEqual([milliseconds]);
  await clock.advance(milliseconds - 1);
  expect(api.untaken).toBe(0);
  await clock.advance(1);
  return error;
}

describe('a reflector', () => {
  test('lists page by page, is synced, and watches from there', async () => {
    reflector.start();
    let isSynced = false;
    void reflector.synced.then(() => {
      isSynced = true;
    });
    const first = await nextList();
    expect(first.path).toBe('/api/v1/namespaces/test/configmaps');
    expect(first.query).toEqual({ labelSelector: 'app=x', limit: '500' });
    first.json(listOf(5, [configMap('a', 3)], { continue: 'page-2' }));
    const second = await nextList();
    expect(second.query).toEqual({ labelSelector: 'app=x', limit: '500', continue: 'page-2' });
    expect([isSynced, changes.size]).toEqual([false, 0]);
    second.json(listOf(5, [configMap('b', 4)]));
    await reflector.synced;
    expect(reflector.list()).toEqual([configMap('a', 3), configMap('b', 4)]);

    const watch = await nextWatch(5);
    expect(watch.query).toMatchObject({
      labelSelector: 'app=x',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '240',
    });
    watch.open();
    watch.event('MODIFIED', configMap('a', 6));
    watch.event('DELETED', configMap('b', 7));
    watch.event('ADDED', configMap('c', 8));
    const told = [];
    for (let count = 0; count < 5; count += 1) told.push(await changes.next());
    expect(told).toEqual([
      'test/a - -> 3',
      'test/b - -> 4',
      'test/a 3 -> 6',
      'test/b 4 -> -',
      'test/c - -> 8',
    ]);
    expect(reflector.get('test/a')).toEqual(configMap('a', 6));
    expect(reflector.get('test/b')).toBeUndefined();
    expect(reflector.counts).toEqual({
      lists: 1,
      watches: 1,
      restarts: 0,
      silenceMilliseconds: 0,
    });
  });

  test('keeps no managedFields', async () => {
    const watch = await watching();
    const { metadata, ...object } = configMap('b', 6);
    watch.event('ADDED', { ...object, metadata: { ...metadata, managedFields: [{}] } });
    await changes.next();
    expect(reflector.get('test/b')).toEqual(configMap('b', 6));
  });

  test('begins the next watch at once, where the last event or bookmark was', async () => {
    const watch = await watching();
    watch.event('ADDED', configMap('b', 6));
    watch.event('BOOKMARK', { metadata: { resourceVersion: '90' } });
    await changes.next();
    await clock.advance(240_000);
    watch.end();
    (await nextWatch(90)).open();
    expect(errors.size).toBe(0);
    expect(changes.size).toBe(0);
  });

  test('lists again after a watch that was silent to its very end, without even a bookmark', async () => {
    const watch = await watching();
    await expect.poll(() => reflector.counts.watches).toBe(1);
    await clock.advance(240_000);
    watch.end();
    (await nextList()).json(listOf(3, [configMap('a', 2)]));
    expect(await changes.next()).toBe('test/a 5 -> 2');
    (await nextWatch(3)).open();
    expect(errors.size).toBe(0);
  });

  test('does not list again after a quiet watch that was cut off early', async () => {
    const watch = await watching();
    await expect.poll(() => reflector.counts.watches).toBe(1);
    await clock.advance(60_000);
    watch.end();
    (await nextWatch(5)).open();
  });

  test('goes on after an exception in its handler', async () => {
    onChange = (key) => {
      throw new Error(`Handler of ${key}`);
    };
    const watch = await watching();
    watch.event('ADDED', configMap('b', 6));
    watch.event('ADDED', configMap('c', 7));
    expect((await errors.next()).message).toBe('Handler of test/a');
    expect((await errors.next()).message).toBe('Handler of test/b');
    expect((await errors.next()).message).toBe('Handler of test/c');
    expect(reflector.list()).toHaveLength(3);
    expect(reflector.counts.restarts).toBe(0);
  });
});

describe('a list that fails', () => {
  test('is tried again, later each time, until it works', async () => {
    reflector.start();
    (await nextList()).refuse(500, 'InternalError');
    await failsAndWaits(800);
    (await nextList()).reset();
    await failsAndWaits(1_600);
    (await nextList()).refuse(403, 'Forbidden');
    await failsAndWaits(3_200);
    (await nextList()).text('<html>no JSON</html>');
    await failsAndWaits(6_400);
    (await nextList()).json(listOf(5, []));
    await reflector.synced;
    expect(reflector.counts).toMatchObject({ lists: 5, restarts: 4 });
  });

  test('is tried again when the server wants it', async () => {
    reflector.start();
    (await nextList()).refuse(429, 'TooManyRequests', { 'retry-after': '9' });
    await failsAndWaits(9_000);
    (await nextList()).json(listOf(5, []));
    await reflector.synced;
  });

  test('hangs no longer than a request may', async () => {
    reflector.start();
    await nextList();
    await clock.advance(10_000);
    await failsAndWaits(800);
    (await nextList()).json(listOf(5, []));
    await reflector.synced;
  });

  test('starts over at once when its pages have expired', async () => {
    reflector.start();
    (await nextList()).json(listOf(5, [configMap('a', 3)], { continue: 'page-2' }));
    (await nextList()).refuse(410, 'Expired');
    const again = await nextList();
    expect(again.query).not.toHaveProperty('continue');
    again.json(listOf(9, [configMap('b', 8)]));
    await reflector.synced;
    expect(reflector.list()).toEqual([configMap('b', 8)]);
  });
});

describe('a watch that fails', () => {
  test.each([
    ['500', (watch: Exchange) => watch.refuse(500, 'InternalError'), 800],
    ['403', (watch: Exchange) => watch.refuse(403, 'Forbidden'), 800],
    [
      '429 with a time to wait',
      (watch: Exchange) => watch.refuse(429, 'TooManyRequests', { 'retry-after': '5' }),
      5_000,
    ],
    ['a connection that breaks', (watch: Exchange) => watch.reset(), 800],
  ])('with %s is tried again from where it was', async (_, fail, wait) => {
    reflector.start();
    (await nextList()).json(listOf(5, []));
    fail(await nextWatch(5));
    await failsAndWaits(wait);
    const watch = await nextWatch(5);
    watch.open();
    watch.event('ADDED', configMap('a', 6));
    expect(await changes.next()).toBe('test/a - -> 6');
    expect(reflector.counts).toMatchObject({ lists: 1, watches: 1, restarts: 1 });
  });

  test('in the middle of an event goes on after the last whole one', async () => {
    const watch = await watching();
    watch.event('MODIFIED', configMap('a', 6));
    watch.write('{"type":"MODIFIED","object":{"meta');
    expect(await changes.next()).toBe('test/a 5 -> 6');
    watch.reset();
    await failsAndWaits(800);
    const next = await nextWatch(6);
    next.open();
    next.event('MODIFIED', configMap('a', 7));
    expect(await changes.next()).toBe('test/a 6 -> 7');
  });

  test('does not give up while the server is away', async () => {
    await watching();
    api.close();
    for (const wait of [800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]) {
      await failsAndWaits(wait);
    }
  });

  test('forgets its failures once a watch has lived', async () => {
    let watch = await watching();
    watch.reset();
    await failsAndWaits(800);
    (await nextWatch(5)).reset();
    await failsAndWaits(1_600);
    watch = await nextWatch(5);
    watch.open();
    watch.event('MODIFIED', configMap('a', 6));
    await changes.next();
    await clock.advance(10_001);
    watch.reset();
    await failsAndWaits(800);
  });

  test('because nothing is heard any more is given up', async () => {
    const watch = await watching();
    await expect.poll(() => reflector.counts.watches).toBe(1);
    await clock.advance(250_000);
    const error = await failsAndWaits(800);
    expect(error.message).toBe('No data was received for 250000 ms');
    await watch.left();
    (await nextWatch(5)).open();
  });

  test('often because its version does not exist starts over with a list', async () => {
    reflector.start();
    (await nextList()).json(listOf(900, []));
    for (const wait of [800, 1_600, 3_200]) {
      (await nextWatch(900)).refuse(504, 'Timeout');
      await failsAndWaits(wait);
    }
    (await nextList()).json(listOf(7, []));
    (await nextWatch(7)).open();
  });
});

describe('a version that is too old', () => {
  test.each([
    [
      'as an answer',
      async (watch: Exchange) => {
        watch.reset();
        await failsAndWaits(800);
        (await nextWatch(6)).refuse(410, 'Gone');
      },
    ],
    [
      'as an event on a stream that then ends',
      async (watch: Exchange) => {
        watch.event('ERROR', status(410, 'Expired'));
        watch.end();
      },
    ],
    [
      'as an event on a stream that then stays open',
      async (watch: Exchange) => watch.event('ERROR', status(410, 'Expired')),
    ],
  ])('%s leads to a list at once, which tells what was missed', async (_, expire) => {
    const watch = await watching();
    watch.event('ADDED', configMap('b', 6, 'first'));
    await changes.next();
    await expire(watch);
    expect(clock.waits.filter((wait) => wait < 10_000)).toEqual([]);
    (await nextList()).json(listOf(50, [configMap('b', 40, 'second'), configMap('c', 41)]));
    expect(await changes.next()).toBe('test/a 5 -> -');
    expect(await changes.next()).toBe('test/b 6 -> -');
    expect(await changes.next()).toBe('test/b - -> 40');
    expect(await changes.next()).toBe('test/c - -> 41');
    (await nextWatch(50)).open();
  });

  test('again and again does not make it list again and again at once', async () => {
    const watch = await watching();
    watch.event('ERROR', status(410, 'Expired'));
    await errors.next();
    (await nextList()).json(listOf(6, []));
    (await nextWatch(6)).refuse(410, 'Gone');
    await failsAndWaits(1_600);
    await nextList();
  });
});

describe('stopping', () => {
  test('during the list leaves it, and opens no watch', async () => {
    reflector.start();
    const list = await nextList();
    await reflector.stop();
    await list.left();
    expect(api.untaken).toBe(0);
    expect(clock.waits).toEqual([]);
    expect(errors.size).toBe(0);
  });

  test('during the watch leaves it, without an error', async () => {
    const watch = await watching();
    await reflector.stop();
    await watch.left();
    expect(clock.waits).toEqual([]);
    expect(errors.size).toBe(0);
  });

  test('during a wait ends it', async () => {
    reflector.start();
    (await nextList()).refuse(500, 'InternalError');
    await errors.next();
    await reflector.stop();
    expect(clock.waits).toEqual([]);
  });

  test('in a handler tells nothing any more', async () => {
    onChange = () => void reflector.stop();
    reflector.start();
    (await nextList()).json(listOf(5, [configMap('a', 3), configMap('b', 4)]));
    expect(await changes.next()).toBe('test/a - -> 3');
    await reflector.stop();
    expect(changes.size).toBe(0);
    expect(api.untaken).toBe(0);
  });

  test('before the start keeps it from starting', async () => {
    await reflector.stop();
    reflector.start();
    await reflector.stop();
    expect(api.untaken).toBe(0);
  });

  test('is the end, also for one that is started twice', async () => {
    reflector.start();
    reflector.start();
    const list = await nextList();
    expect(api.untaken).toBe(0);
    await reflector.stop();
    await list.left();
    reflector.start();
    expect(reflector.counts.lists).toBe(1);
  });
});
