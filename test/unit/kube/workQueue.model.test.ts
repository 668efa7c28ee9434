import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WorkQueue } from '../../../src/kube/workQueue.ts';
import { flushPromises, HandClock } from '../time/support/handClock.ts';

const CONCURRENCY = 2;

type Ending = 'done' | 'failed' | { readonly requeueAfterMs: number };

interface Real {
  readonly queue: WorkQueue;
  readonly clock: HandClock;
  /** Work that has begun and not ended, by key. */
  readonly running: Map<string, (ending: Ending) => void>;
  /** Every key that work began on, in order. */
  readonly began: string[];
}

/** What the queue has to do, said another way: no timers, only times. */
interface Model {
  now: number;
  waiting: string[];
  /** And whether the key was added meanwhile. */
  running: Map<string, boolean>;
  retries: Map<string, number>;
  delays: Map<string, number>;
  failures: Map<string, number>;
  began: string[];
}

function add(model: Model, key: string): void {
  model.retries.delete(key);
  if (model.running.has(key)) model.running.set(key, true);
  else if (!model.waiting.includes(key)) model.waiting.push(key);
}

function fill(model: Model): void {
  while (model.running.size < CONCURRENCY) {
    const key = model.waiting.shift();
    if (key === undefined) return;
    model.running.set(key, false);
    model.began.push(key);
  }
}

function delay(model: Model, key: string, milliseconds: number): void {
  const dueAt = model.now + milliseconds;
  if ((model.delays.get(key) ?? Number.POSITIVE_INFINITY) <= dueAt) return;
  // Inserted again: of two that are due at the same time, the one that was asked for last comes last.
  model.delays.delete(key);
  model.delays.set(key, dueAt);
}

function finish(model: Model, key: string, ending: Ending): void {
  const wasAdded = model.running.get(key) === true;
  model.running.delete(key);
  const failures = ending === 'failed' ? (model.failures.get(key) ?? 0) + 1 : 0;
  model.failures.set(key, failures);
  if (failures > 0) model.retries.set(key, model.now + 5 * 2 ** (failures - 1));
  if (typeof ending === 'object') model.retries.set(key, model.now + ending.requeueAfterMs);
  if (wasAdded) add(model, key);
}

function pass(model: Model, milliseconds: number): void {
  model.now += milliseconds;
  const due = [model.retries, model.delays].flatMap((timers) =>
    [...timers].filter(([, at]) => at <= model.now).map(([key, at]) => ({ timers, key, at })),
  );
  for (const { timers, key } of due.sort((a, b) => a.at - b.at)) {
    // An earlier one may have done away with it.
    if (!timers.delete(key)) continue;
    add(model, key);
    fill(model);
  }
}

interface Step {
  readonly text: string;
  readonly onModel: (model: Model) => void;
  readonly onReal: (real: Real) => void | Promise<void>;
  readonly isPossible?: (model: Readonly<Model>) => boolean;
}

function command({ text, onModel, onReal, isPossible }: Step): fc.AsyncCommand<Model, Real> {
  return {
    check: (model) => isPossible?.(model) ?? true,
    toString: () => text,
    run: async (model, real) => {
      onModel(model);
      fill(model);
      await onReal(real);
      await flushPromises();
      expect(real.began).toEqual(model.began);
      expect([...real.running.keys()].sort()).toEqual([...model.running.keys()].sort());
    },
  };
}

const key = fc.constantFrom('a', 'b', 'c', 'd');
// Fractions, so that a delay, a wish to be done again and a retry are never due at the same time.
const delayed = fc.nat(40).map((steps) => steps + 0.25);
const again = fc.nat(40).map((steps) => ({ requeueAfterMs: steps + 0.5 }));
const ending: fc.Arbitrary<Ending> = fc.oneof(fc.constant('done'), fc.constant('failed'), again);

const commands = fc.commands(
  [
    key.map((each) =>
      command({
        text: `add ${each}`,
        onModel: (model) => add(model, each),
        onReal: ({ queue }) => queue.add(each),
      }),
    ),
    fc.tuple(key, delayed).map(([each, milliseconds]) =>
      command({
        text: `add ${each} after ${milliseconds}`,
        onModel: (model) => delay(model, each, milliseconds),
        onReal: ({ queue }) => queue.addAfter(each, milliseconds),
      }),
    ),
    fc.tuple(key, ending).map(([each, how]) =>
      command({
        text: `finish ${each} ${JSON.stringify(how)}`,
        isPossible: ({ running }) => running.has(each),
        onModel: (model) => finish(model, each, how),
        onReal: ({ running }) => running.get(each)?.(how),
      }),
    ),
    fc.nat(60).map((milliseconds) =>
      command({
        text: `pass ${milliseconds}`,
        onModel: (model) => pass(model, milliseconds),
        onReal: ({ clock }) => clock.advance(milliseconds),
      }),
    ),
  ],
  { maxCommands: 60, size: 'max' },
);

function start(): { model: Model; real: Real } {
  const clock = new HandClock();
  const running: Real['running'] = new Map();
  const began: string[] = [];
  const work = (each: string) => {
    expect(running.has(each)).toBe(false);
    began.push(each);
    return new Promise<{ requeueAfterMs?: number }>((resolve, reject) => {
      running.set(each, (how) => {
        running.delete(each);
        if (how === 'failed') reject(new Error('failed'));
        else resolve(how === 'done' ? {} : how);
      });
    });
  };
  const queue = new WorkQueue({
    work,
    concurrency: CONCURRENCY,
    onError: () => {},
    clock,
    random: () => 0,
  });
  const model: Model = {
    now: 0,
    waiting: [],
    running: new Map(),
    retries: new Map(),
    delays: new Map(),
    failures: new Map(),
    began: [],
  };
  return { model, real: { queue, clock, running, began } };
}

test('the queue does what its model does, whatever comes in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(commands, (steps) => fc.asyncModelRun(start, steps)),
    { numRuns: 300 },
  );
}, 60_000);
