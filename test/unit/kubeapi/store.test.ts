import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/json/json.ts';
import { StatusError } from '../../../src/kubeapi/errors.ts';
import type { CollectionOptions } from '../../../src/kubeapi/store/collection.ts';
import type { Change } from '../../../src/kubeapi/store/history.ts';
import { Store, type StoreOptions } from '../../../src/kubeapi/store/store.ts';

const object = (value: number, more: object = {}): JsonObject => ({ metadata: {}, value, ...more });

function storeOf({
  changes = 100,
  characters = 1_000_000,
  limit,
  persist,
}: {
  changes?: number;
  characters?: number;
  limit?: CollectionOptions['limit'];
  persist?: StoreOptions['persist'];
} = {}) {
  const store = new Store({
    collections: {
      things: {
        history: { changes, characters },
        ...(limit === undefined ? {} : { limit }),
        keep: ({ value = null }) => ({ value }),
      },
    },
    firstVersion: 1_000,
    ...(persist === undefined ? {} : { persist }),
  });
  return { store, things: store.collection('things') };
}

describe('the store', () => {
  test('gives each change the next version', async () => {
    const { store, things } = storeOf();
    await store.change('things', 'a', () => object(1));
    await store.change('things', 'a', () => object(2));
    expect(things.get('a')).toEqual({ metadata: { resourceVersion: '1002' }, value: 2 });
    const last = await store.change('things', 'a', () => undefined);
    expect([last, things.get('a'), store.version]).toMatchObject([{ value: 2 }, undefined, 1_003]);
  });

  test('changes nothing for the same object, and hands errors on', async () => {
    const { store } = storeOf();
    await store.change('things', 'a', () => object(1));
    await store.change('things', 'a', (current) => current);
    await expect(
      store.change('things', 'a', () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(store.version).toBe(1_001);
    await store.change('things', 'a', () => object(2));
    expect(store.version).toBe(1_002);
  });

  test('shows each write what the one before it left, however slow that is to be kept', async () => {
    const { store, things } = storeOf({
      persist: () => new Promise((resolve) => setImmediate(resolve)),
    });
    const add = (current: JsonObject | undefined) => object(Number(current?.value ?? 0) + 1);
    await Promise.all(Array.from({ length: 20 }, () => store.change('things', 'a', add)));
    expect(things.get('a')?.value).toBe(20);
  });

  test('lists by key', async () => {
    const { store, things } = storeOf();
    for (const key of ['b/z', 'a/y', 'a/b']) await store.change('things', key, () => object(0));
    expect(things.entries().map(([key]) => key)).toEqual(['a/b', 'a/y', 'b/z']);
  });

  test('knows what was at an earlier version', async () => {
    const { store, things } = storeOf();
    await store.change('things', 'a', () => object(1));
    await store.change('things', 'b', () => object(2));
    await store.change('things', 'a', () => undefined);
    await store.change('things', 'b', () => object(3));
    const values = (version: number) =>
      things.entriesAt(version)?.map(([key, { value }]) => [key, value]);
    expect(values(1_002)).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(values(1_003)).toEqual([['b', 2]]);
    expect(values(1_000)).toEqual([]);
    expect(values(999)).toBeUndefined();
  });

  test('forgets what is too long ago or too much, and says so', async () => {
    const few = storeOf({ changes: 4 });
    for (let count = 0; count < 20; count += 1)
      await few.store.change('things', 'a', () => object(count));
    expect(few.things.since(1_001)).toBeUndefined();
    expect(few.things.since(1_018)?.map(({ version }) => version)).toEqual([1_019, 1_020]);
    expect(1_020 - few.things.floor).toBeGreaterThanOrEqual(4);

    const large = storeOf({ characters: 1_000 });
    const text = 'x'.repeat(300);
    for (let count = 0; count < 20; count += 1) {
      await large.store.change('things', 'a', () => object(count, { text }));
    }
    expect(1_020 - large.things.floor).toBeLessThan(4);
  });

  test('makes room for the newest where there is a limit', async () => {
    const { store, things } = storeOf({ limit: { objects: 2, characters: 1_000 } });
    const heard: Change[] = [];
    things.subscribe((change) => heard.push(change));
    for (const key of ['a', 'b', 'c']) await store.change('things', key, () => object(0));
    expect(things.entries().map(([key]) => key)).toEqual(['b', 'c']);
    expect(heard.map(({ key, after }) => [key, after !== undefined])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
      ['a', false],
    ]);
  });

  test('makes room for a large one, however many go for it, and keeps that', async () => {
    const { store, things } = storeOf({ limit: { objects: 10, characters: 1_000 } });
    for (const key of ['a', 'b', 'c']) {
      await store.change('things', key, () => object(0, { text: 'x'.repeat(300) }));
    }
    await store.change('things', 'd', () => object(0, { text: 'x'.repeat(500) }));
    expect(things.entries().map(([key]) => key)).toEqual(['c', 'd']);
    await store.change('things', 'e', () => object(0, { text: 'x'.repeat(5_000) }));
    expect(things.entries().map(([key]) => key)).toEqual(['e']);
    await store.change('things', 'e', () => undefined);
    await store.change('things', 'a', () => object(0));
    await store.change('things', 'b', () => object(0));
    expect(things.entries()).toHaveLength(2);
  });

  test('tells of no change to who does not listen any more', async () => {
    const { store, things } = storeOf();
    const heard: number[] = [];
    const stop = things.subscribe(({ version }) => heard.push(version));
    await store.change('things', 'a', () => object(1));
    stop();
    await store.change('things', 'a', () => object(2));
    expect(heard).toEqual([1_001]);
  });
});

describe('what has to outlive the process', () => {
  test('is kept before anybody sees the change', async () => {
    const kept: unknown[] = [];
    const { store, things } = storeOf({
      persist: async (objects) => {
        kept.push([objects, things.get('a')?.value]);
      },
    });
    await store.change('things', 'a', () => object(1, { status: 'x' }));
    expect(kept).toEqual([[[{ value: 1 }], undefined]]);
    await store.change('things', 'a', () => undefined);
    expect(kept.at(-1)).toEqual([[], 1]);
  });

  test('is not kept again when nothing of it changed', async () => {
    let count = 0;
    const { store } = storeOf({
      persist: async () => {
        count += 1;
      },
    });
    await store.change('things', 'a', () => object(1));
    await store.change('things', 'a', () => object(1, { status: 'y' }));
    expect(count).toBe(1);
  });

  test('when it cannot be kept, nothing has changed and the client is told', async () => {
    let isFull = false;
    const { store, things } = storeOf({
      persist: async () => {
        if (isFull) throw new Error('no space left on device');
      },
    });
    await store.change('things', 'a', () => object(1));
    isFull = true;
    const heard: Change[] = [];
    things.subscribe((change) => heard.push(change));
    const failure = await store
      .change('things', 'a', () => object(2))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StatusError);
    expect(failure).toMatchObject({ code: 500, message: expect.stringContaining('no space left') });
    expect([things.get('a')?.value, heard, store.version]).toEqual([1, [], 1_001]);
    isFull = false;
    await store.change('things', 'a', () => object(3));
    expect(things.get('a')?.value).toBe(3);
  });
});
