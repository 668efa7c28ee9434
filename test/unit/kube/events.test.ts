import { beforeEach, describe, expect, test } from 'vitest';
import { KubeConnectionError } from '../../../src/kube/errors.ts';
import type { Event, Occurrence, Regarding } from '../../../src/kube/event.ts';
import { EventRecorder, type EventRecorderOptions } from '../../../src/kube/eventRecorder.ts';
import { flushPromises, HandClock } from '../time/support/handClock.ts';
import { refusal } from './support/leaseApi.ts';

const GATE: Regarding = {
  apiVersion: 'example.org/v1',
  kind: 'Gate',
  namespace: 'test',
  name: 'postgres',
  uid: 'uid-1',
};
const OPENED: Occurrence = {
  type: 'Normal',
  reason: 'Opened',
  note: 'It is open',
  action: 'Open',
};

let clock: HandClock;
let created: Event[];
let patches: { name: string; patch: object }[];
let failures: unknown[];
let errors: Error[];
let recorder: EventRecorder;
/** While true, requests are neither answered nor refused, until their signal aborts. */
let hangs: boolean;

beforeEach(() => {
  clock = new HandClock();
  created = [];
  patches = [];
  failures = [];
  errors = [];
  hangs = false;
  let ids = 0;
  recorder = new EventRecorder({
    kube: api(),
    controller: 'gate-operator',
    instance: 'pod-1',
    onError: (error) => errors.push(error),
    clock,
    newId: () => {
      ids += 1;
      return `id${ids}`;
    },
  });
});

function api(): EventRecorderOptions['kube'] {
  // Generic over the resource, of which there is one here.
  return {
    create: async (_: unknown, event: Event, options: { signal: AbortSignal }) => {
      await answer(options);
      created.push(event);
      return event;
    },
    mergePatch: async (
      _: unknown,
      { name }: { name: string },
      patch: object,
      options: { signal: AbortSignal },
    ) => {
      await answer(options);
      patches.push({ name, patch });
    },
  } as unknown as EventRecorderOptions['kube'];
}

async function answer({ signal }: { signal: AbortSignal }): Promise<void> {
  if (hangs) {
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new KubeConnectionError('Aborted', 'POST')));
      if (signal.aborted) reject(new KubeConnectionError('Aborted', 'POST'));
    });
  }
  const failure = failures.shift();
  if (failure !== undefined) throw failure;
}

async function record(regarding: Regarding, ...occurrences: Occurrence[]): Promise<void> {
  for (const occurrence of occurrences) recorder.record(regarding, occurrence);
  await flushPromises();
}

describe('an Event', () => {
  test('has what the API asks for', async () => {
    await record(GATE, OPENED);
    expect(created).toEqual([
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { namespace: 'test', name: 'postgres.id1' },
        eventTime: '2026-01-02T03:04:05.678000Z',
        reportingController: 'gate-operator',
        reportingInstance: 'pod-1',
        regarding: GATE,
        ...OPENED,
      },
    ]);
  });

  test('takes only what names its object', async () => {
    const object = { ...GATE, labels: { a: 'b' }, resourceVersion: '7' };
    await record(object, OPENED);
    expect(created[0]?.regarding).toEqual(GATE);
  });

  test('of an object without a namespace is in `default`', async () => {
    const { namespace: _namespace, ...node } = GATE;
    await record(node, OPENED);
    expect(created[0]?.metadata.namespace).toBe('default');
    expect(created[0]?.regarding).toEqual(node);
  });

  test('is cut to what the API takes, in bytes and never inside of a character', async () => {
    const note = `x${'ü'.repeat(1000)}`;
    await record(GATE, { ...OPENED, note, reason: 'R'.repeat(200) });
    const [event] = created;
    expect(event?.note).toBe(`x${'ü'.repeat(511)}`);
    expect(event?.reason).toHaveLength(128);
  });
});

describe('what happens again', () => {
  test('is counted in the first Event, with one write in half a minute', async () => {
    await record(GATE, OPENED);
    for (let second = 0; second < 59; second += 1) {
      await clock.advance(1_000);
      await record(GATE, OPENED);
    }
    expect(created).toHaveLength(1);
    expect(patches).toEqual([
      {
        name: 'postgres.id1',
        patch: { series: { count: 31, lastObservedTime: '2026-01-02T03:04:35.678000Z' } },
      },
    ]);
    await clock.advance(60_000);
    expect(patches).toHaveLength(2);
    expect(patches[1]?.patch).toMatchObject({ series: { count: 60 } });
    await clock.advance(600_000);
    expect(patches).toHaveLength(2);
  });

  test('before the Event is written is counted as well', async () => {
    await record(GATE, OPENED, OPENED, OPENED);
    expect(created).toHaveLength(1);
    await clock.advance(30_000);
    expect(patches[0]?.patch).toMatchObject({ series: { count: 3 } });
  });

  test('after six quiet minutes is a new Event', async () => {
    await record(GATE, OPENED);
    await clock.advance(360_000);
    await record(GATE, OPENED);
    expect(created).toHaveLength(1);
    await clock.advance(360_001);
    await record(GATE, OPENED);
    expect(created.map(({ metadata }) => metadata.name)).toEqual(['postgres.id1', 'postgres.id3']);
  });

  test.each([
    ['note', GATE, { ...OPENED, note: 'Another one' }],
    ['reason', GATE, { ...OPENED, reason: 'Closed' }],
    ['object', { ...GATE, uid: 'uid-2' }, OPENED],
  ])('with another %s is another Event', async (_, regarding, occurrence) => {
    await record(GATE, OPENED);
    await record(regarding, occurrence);
    expect(created).toHaveLength(2);
  });
});

describe('too many Events', () => {
  const numbered = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...OPENED, note: `Note ${index}` }));

  test('of one object are given up, and those of others are not', async () => {
    await record(GATE, ...numbered(100));
    await expect.poll(() => created.length + recorder.dropped).toBe(100);
    expect(created).toHaveLength(25);
    expect(recorder.dropped).toBe(75);
    await record({ ...GATE, name: 'redis', uid: 'uid-2' }, OPENED);
    expect(created).toHaveLength(26);
    await clock.advance(30_000);
    await record(GATE, { ...OPENED, note: 'Later' }, { ...OPENED, note: 'Once more' });
    expect(created).toHaveLength(27);
  });

  test('while nothing can be written do not fill the memory', async () => {
    hangs = true;
    for (let index = 0; index < 3_000; index += 1) {
      recorder.record({ ...GATE, uid: `uid-${index}` }, OPENED);
    }
    expect(recorder.dropped).toBe(2_000);
    const stopped = recorder.stop(1_000);
    await clock.advance(1_000);
    await stopped;
    expect(recorder.dropped).toBe(3_000);
    // Of the one that was on its way; the others were not even tried.
    expect(errors).toHaveLength(1);
  });
});

describe('an Event that cannot be written', () => {
  test('is tried again, and counts on meanwhile', async () => {
    failures = [refusal(500, 'InternalError'), new KubeConnectionError('reset', 'POST')];
    await record(GATE, OPENED);
    expect(created).toEqual([]);
    await record(GATE, OPENED);
    await clock.advance(1_000);
    expect(created).toHaveLength(1);
    await clock.advance(60_000);
    expect(patches[0]?.patch).toMatchObject({ series: { count: 2 } });
    expect(errors).toEqual([]);
  });

  test('though it has been is not written twice', async () => {
    failures = [new KubeConnectionError('no answer', 'POST'), refusal(409, 'AlreadyExists')];
    await record(GATE, OPENED, OPENED);
    await clock.advance(60_000);
    expect(patches).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test('is given up after a while', async () => {
    failures = Array(100).fill(refusal(503, 'ServiceUnavailable'));
    await record(GATE, OPENED);
    await clock.advance(600_000);
    expect(errors).toHaveLength(1);
    expect(failures).toHaveLength(88);
    expect(recorder.dropped).toBe(1);
    expect(clock.waits).toEqual([]);
  });

  test.each([400, 403, 404, 422])('and never can be (%i) is given up at once', async (status) => {
    failures = [refusal(status, 'Refused')];
    await record(GATE, OPENED);
    expect(errors.map(({ message }) => message)).toEqual(['Refused']);
    expect(clock.waits).toEqual([]);
    await record(GATE, OPENED);
    expect(created).toHaveLength(1);
  });

  test('any more because it has expired starts over the next time', async () => {
    await record(GATE, OPENED, OPENED);
    failures = [refusal(404, 'NotFound')];
    await clock.advance(30_000);
    await record(GATE, OPENED);
    expect(created).toHaveLength(2);
  });
});

describe('stopping', () => {
  test('writes what waits, and takes nothing more', async () => {
    await record(GATE, OPENED, OPENED);
    recorder.record(GATE, { ...OPENED, note: 'The last word' });
    await recorder.stop();
    expect(created.map(({ note }) => note)).toEqual(['It is open', 'The last word']);
    expect(patches).toHaveLength(1);
    await record(GATE, { ...OPENED, note: 'Too late' });
    expect(created).toHaveLength(2);
    expect(clock.waits).toEqual([]);
  });

  test('ends when its time is up', async () => {
    hangs = true;
    await record(GATE, OPENED, { ...OPENED, note: 'Another one' });
    let isStopped = false;
    const stopped = recorder.stop(1_000).then(() => {
      isStopped = true;
    });
    await clock.advance(999);
    expect(isStopped).toBe(false);
    await clock.advance(1);
    await stopped;
    expect(recorder.dropped).toBe(2);
  });
});
