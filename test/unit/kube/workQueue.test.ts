import { beforeEach, describe, expect, test } from 'vitest';
import { KubeApiError } from '../../../src/kube/errors.ts';
import { WorkQueue, type WorkQueueOptions } from '../../../src/kube/workQueue.ts';
import { flushPromises, HandClock } from '../time/support/handClock.ts';

interface Run {
  readonly key: string;
  done(result?: { requeueAfterMs?: number }): Promise<void>;
  fail(error?: unknown): Promise<void>;
}

let clock: HandClock;
let runs: Run[];
let errors: string[];
let metrics: string[];

function open(concurrency = 2, more: Partial<WorkQueueOptions> = {}): WorkQueue {
  return new WorkQueue({
    ...more,
    work: (key) => {
      const { promise, resolve, reject } = Promise.withResolvers<{ requeueAfterMs?: number }>();
      runs.push({
        key,
        done: (result = {}) => {
          resolve(result);
          return flushPromises();
        },
        fail: (error = new Error('no')) => {
          reject(error);
          return flushPromises();
        },
      });
      return promise;
    },
    concurrency,
    onError: (key, error, retry) => errors.push(`${key} ${error.message} ${retry}`),
    metrics: {
      depth: (depth) => metrics.push(`depth ${depth}`),
      added: () => metrics.push('added'),
      retried: () => metrics.push('retried'),
      waited: (seconds) => metrics.push(`waited ${seconds}`),
      worked: (seconds) => metrics.push(`worked ${seconds}`),
    },
    clock,
    random: () => 0,
  });
}

beforeEach(() => {
  clock = new HandClock();
  runs = [];
  errors = [];
  metrics = [];
});

const keys = () => runs.map(({ key }) => key);

/** The run that began last. */
function last(): Run {
  const run = runs.at(-1);
  if (run === undefined) throw new Error('Nothing runs');
  return run;
}

async function add(queue: WorkQueue, ...added: string[]): Promise<void> {
  for (const key of added) queue.add(key);
  await flushPromises();
}

describe('a key', () => {
  test('is worked on once for all the times it was added while it waited', async () => {
    await add(open(), 'a', 'a', 'a');
    await last().done();
    expect(keys()).toEqual(['a']);
  });

  test('is not worked on before the one that adds it is done', async () => {
    open().add('a');
    expect(runs).toEqual([]);
    await flushPromises();
    expect(keys()).toEqual(['a']);
  });

  test('that is added while it is worked on is worked on once more, afterwards', async () => {
    const queue = open();
    await add(queue, 'a');
    await add(queue, 'a', 'a');
    expect(keys()).toEqual(['a']);
    await last().done();
    expect(keys()).toEqual(['a', 'a']);
    await last().done();
    expect(keys()).toEqual(['a', 'a']);
  });

  test('waits for its turn, first come, first served', async () => {
    await add(open(2), 'a', 'b', 'c', 'd');
    expect(keys()).toEqual(['a', 'b']);
    await runs[1]?.done();
    expect(keys()).toEqual(['a', 'b', 'c']);
    await runs[0]?.done();
    expect(keys()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('that comes again does not get ahead of those that wait', async () => {
    const queue = open(1);
    await add(queue, 'a', 'b');
    await add(queue, 'a');
    await last().done();
    await last().done();
    expect(keys()).toEqual(['a', 'b', 'a']);
  });

  test('that is delayed comes at its time, the earlier of two', async () => {
    const queue = open();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 300);
    await clock.advance(199);
    expect(keys()).toEqual([]);
    await clock.advance(1);
    expect(keys()).toEqual(['a']);
    await last().done();
    await clock.advance(1_000);
    expect(keys()).toEqual(['a']);
  });

  test('that is delayed comes at its time, whatever happens to it before', async () => {
    const queue = open();
    queue.addAfter('a', 500);
    await add(queue, 'a');
    await last().done();
    await clock.advance(500);
    expect(keys()).toEqual(['a', 'a']);
  });
});

describe('work', () => {
  test('that fails is done again, later each time, within a minute', async () => {
    await add(open(), 'a');
    const waits: number[] = [];
    for (let count = 0; count < 16; count += 1) {
      await last().fail();
      const [wait = 0] = clock.waits;
      waits.push(wait);
      const before = runs.length;
      await clock.advance(wait - 1);
      expect(runs.length).toBe(before);
      await clock.advance(1);
      expect(runs.length).toBe(before + 1);
    }
    expect(waits.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(waits.slice(-2)).toEqual([30_000, 30_000]);
    expect(errors.slice(0, 2)).toEqual(['a no 5', 'a no 10']);
  });

  test('that fails and then does not is forgiven', async () => {
    const queue = open();
    await add(queue, 'a');
    await last().fail();
    await clock.advance(5);
    await last().fail();
    await clock.advance(10);
    await last().done();
    await add(queue, 'a');
    await last().fail();
    expect(clock.waits).toEqual([5]);
  });

  test('that waits to be done again is done at once when its key is added, and not twice', async () => {
    const queue = open();
    await add(queue, 'a');
    await last().fail();
    await add(queue, 'a');
    expect(keys()).toEqual(['a', 'a']);
    await last().done();
    expect(clock.waits).toEqual([]);
    expect(keys()).toEqual(['a', 'a']);
  });

  test('that fails while its key was added is done again at once', async () => {
    const queue = open();
    await add(queue, 'a');
    await add(queue, 'a');
    await last().fail();
    expect(keys()).toEqual(['a', 'a']);
    expect(clock.waits).toEqual([]);
  });

  test('that throws at once, and no Error, fails like any other', async () => {
    const queue = new WorkQueue({
      work: () => {
        throw 'text';
      },
      concurrency: 1,
      onError: (key, error) => errors.push(`${key} ${error.message}`),
      clock,
    });
    await add(queue, 'a');
    expect(errors).toEqual(['a text']);
    await queue.stop();
  });

  test('that the API server is too busy for is done again when it says', async () => {
    await add(open(), 'a');
    const busy = { status: 429, reason: '', message: 'busy', retryAfterSeconds: 3, request: '' };
    await last().fail(new KubeApiError(busy));
    expect(clock.waits).toEqual([3_000]);
  });

  test('can ask to be done again', async () => {
    await add(open(), 'a');
    await last().done({ requeueAfterMs: 5_000 });
    await clock.advance(4_999);
    expect(keys()).toEqual(['a']);
    await clock.advance(1);
    expect(keys()).toEqual(['a', 'a']);
  });

  test('that asked to be done again forgets it when it was done for another reason', async () => {
    const queue = open();
    await add(queue, 'a');
    await last().done({ requeueAfterMs: 5_000 });
    await add(queue, 'a');
    await last().done();
    expect(clock.waits).toEqual([]);
  });
});

describe('stopping', () => {
  test('waits for what runs, and starts nothing any more', async () => {
    const queue = open(1);
    queue.addAfter('c', 10);
    await add(queue, 'a', 'b');
    await add(queue, 'a');
    let isStopped = false;
    const stopped = queue.stop().then(() => {
      isStopped = true;
    });
    queue.add('d');
    queue.addAfter('d', 10);
    await flushPromises();
    expect(isStopped).toBe(false);
    await last().fail();
    await stopped;
    await clock.advance(100_000);
    expect(keys()).toEqual(['a']);
    expect(clock.waits).toEqual([]);
  });

  test('is done at once when nothing runs, and can be asked for twice', async () => {
    const queue = open();
    queue.addAfter('a', 10);
    await Promise.all([queue.stop(), queue.stop()]);
    expect(clock.waits).toEqual([]);
  });
});

test('what is urgent waits for nothing that is not', async () => {
  const rank = (key: string) => ({ group: '', isUrgent: key.startsWith('urgent') });
  const queue = open(3, { notUrgentConcurrency: 2, rank });
  await add(queue, 'a', 'b', 'c', 'd');
  expect(keys()).toEqual(['a', 'b']);
  await add(queue, 'urgent-1', 'urgent-2');
  expect(keys()).toEqual(['a', 'b', 'urgent-1']);
  await last().done();
  expect(keys()).toEqual(['a', 'b', 'urgent-1', 'urgent-2']);
  await last().done();
  expect(keys()).toHaveLength(4);
  await runs[0]?.done();
  expect(keys().slice(4)).toEqual(['c']);
});

test('lets all else have its turn while it works on keys of which none waits for anything', async () => {
  const worked: string[] = [];
  const queue = new WorkQueue({
    work: async (key) => {
      worked.push(key);
      return {};
    },
    concurrency: 2,
    onError: () => {},
  });
  for (const key of 'abcdef') queue.add(key);
  const seen: number[] = [];
  while (worked.length < 6) {
    seen.push(worked.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(seen).toEqual([0, 2, 4]);
});

test('the metrics tell what waits, for how long, and how long the work took', async () => {
  const queue = open(1);
  await add(queue, 'a', 'b', 'b');
  await clock.advance(2_000);
  await last().fail();
  await clock.advance(1_000);
  await last().done();
  expect(metrics.join(', ')).toBe(
    'added, depth 1, added, depth 2, depth 1, waited 0, ' +
      'retried, worked 2, depth 0, waited 2, ' +
      // The retry of `a` comes after 5 ms and waits until `b` is done.
      'added, depth 1, worked 1, depth 0, waited 0.995',
  );
});
