import { describe, expect, test } from 'vitest';
import { type JsonObject, textIn } from '../../../src/json/json.ts';
import type { Environment } from '../../../src/kubeapi/environment.ts';
import { keyOf, type Target } from '../../../src/kubeapi/request.ts';
import { Store } from '../../../src/kubeapi/store/store.ts';
import { type WatchEvent, watch } from '../../../src/kubeapi/verbs/watch.ts';
import { widgets } from './support/widgets.ts';

const environment: Environment = { wall: () => 0, uid: () => 'u', suffix: () => 'x' };
const target: Target = { kind: widgets, namespace: 'default', name: '', subresource: '' };

/** A store with a few changes to watch. */
class World {
  readonly store = new Store({
    collections: { widgets: { history: { changes: 8, characters: 1_000_000 } } },
    firstVersion: 100,
  });

  async write(name: string, labels: Record<string, string> | undefined, namespace = 'default') {
    const object: JsonObject | undefined = labels && {
      kind: 'Widget',
      metadata: { name, namespace, labels },
    };
    await this.store.change('widgets', keyOf({ namespace, name }), () => object);
  }

  /** Everything that a watch sends from now on; a line for each event. */
  watch(query: string, at: Partial<Target> = {}): { events: string[]; stop: () => void } {
    const events: string[] = [];
    const context = { store: this.store, environment, kinds: [widgets] };
    const opened = watch(context, { ...target, ...at }, new URLSearchParams(query));
    const stop = opened.start((event) => events.push(lineOf(event)));
    return { events, stop };
  }
}

function lineOf({ type, object }: WatchEvent): string {
  const { name = '', resourceVersion = '' } = (object.metadata ?? {}) as Record<string, string>;
  return type === 'ERROR'
    ? `${type} ${textIn(object, 'message')}`
    : `${type} ${name} ${resourceVersion}`;
}

describe('a watch', () => {
  test('from a version tells all that came after it, and goes on', async () => {
    const world = new World();
    await world.write('a', {});
    await world.write('b', {});
    const { events } = world.watch('resourceVersion=101');
    await world.write('a', undefined);
    expect(events).toEqual(['ADDED b 102', 'DELETED a 103']);
  });

  test('without a version begins with what there is', async () => {
    const world = new World();
    await world.write('a', {});
    const { events, stop } = world.watch('');
    await world.write('a', { x: 'y' });
    stop();
    await world.write('a', {});
    expect(events).toEqual(['ADDED a 101', 'MODIFIED a 102']);
  });

  test('shows what comes to match as added, and what ceases to as deleted', async () => {
    const world = new World();
    await world.write('a', { app: 'x' });
    const { events } = world.watch('resourceVersion=101&labelSelector=app%3Dy');
    await world.write('a', { app: 'y' });
    await world.write('a', { app: 'y', more: '' });
    await world.write('a', { app: 'z' });
    await world.write('a', undefined);
    expect(events).toEqual(['ADDED a 102', 'MODIFIED a 103', 'DELETED a 104']);
  });

  test('sees its namespace alone, or all of them', async () => {
    const world = new World();
    const { events } = world.watch('');
    const all = world.watch('', { namespace: '' });
    await world.write('a', {}, 'default-2');
    await world.write('a', {});
    expect(events).toEqual(['ADDED a 102']);
    expect(all.events).toHaveLength(2);
  });

  test('says where the first events end when asked to', async () => {
    const world = new World();
    await world.write('a', {});
    const query =
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    expect(world.watch(query).events).toEqual(['ADDED a 101', 'BOOKMARK  101']);
  });

  test('from too long ago gets one error and nothing more', async () => {
    const world = new World();
    for (let count = 0; count < 20; count += 1) await world.write('a', { count: `${count}` });
    const { events } = world.watch('resourceVersion=101');
    await world.write('b', {});
    expect(events).toHaveLength(1);
    expect(events[0]).toMatch(/^ERROR too old resource version: 101 \(1\d\d\)$/);
  });

  test('from a version to come hears nothing until then', async () => {
    const world = new World();
    const { events } = world.watch('resourceVersion=102');
    for (const name of ['a', 'b', 'c']) await world.write(name, {});
    expect(events).toEqual(['ADDED c 103']);
  });
});
