import { beforeEach, expect, test } from 'vitest';
import { ObjectCache } from '../../../src/kube/objectCache.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { configMap } from './support/objects.ts';

let changes: string[];
let cache: ObjectCache<KubeObject>;

const versionOf = (object: KubeObject | undefined) => object?.metadata.resourceVersion ?? '-';

beforeEach(() => {
  changes = [];
  cache = new ObjectCache((key, current, previous) =>
    changes.push(`${key} ${versionOf(previous)} -> ${versionOf(current)}`),
  );
});

test('the cache tells additions, changes and deletions, with what was before', () => {
  cache.set(configMap('a', 1));
  cache.set(configMap('a', 2));
  cache.delete('test/a');
  expect(changes).toEqual(['test/a - -> 1', 'test/a 1 -> 2', 'test/a 2 -> -']);
});

test('the cache says nothing of what is as it was', () => {
  cache.set(configMap('a', 1));
  changes = [];
  cache.set(configMap('a', 1));
  cache.replace([configMap('a', 1)]);
  cache.delete('test/b');
  expect(changes).toEqual([]);
});

test('a list in place of what was there tells what is gone, changed and new', () => {
  cache.replace([configMap('a', 1), configMap('b', 2), configMap('c', 3)]);
  changes = [];
  cache.replace([configMap('b', 2), configMap('c', 5), configMap('d', 4)]);
  expect(changes).toEqual(['test/a 1 -> -', 'test/c 3 -> 5', 'test/d - -> 4']);
  expect(cache.list().map(versionOf)).toEqual(['2', '5', '4']);
});

test('another object of the same name is a deletion and an addition', () => {
  cache.set(configMap('a', 1, 'first'));
  changes = [];
  cache.set(configMap('a', 2, 'second'));
  expect(changes).toEqual(['test/a 1 -> -', 'test/a - -> 2']);
});

test('the cache has changed already when it tells', () => {
  const seen: (string | undefined)[] = [];
  const telling = new ObjectCache<KubeObject>((key) => seen.push(versionOf(telling.get(key))));
  telling.set(configMap('a', 1));
  telling.set(configMap('a', 2));
  telling.delete('test/a');
  expect(seen).toEqual(['1', '2', '-']);
});
