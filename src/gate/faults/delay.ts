import { z } from 'zod';
import { Fifo } from '../fifo.ts';
import { integer, withRules } from '../schema.ts';
import { type Chunk, defineFault } from './fault.ts';

const HOUR = 3_600_000;

const schema = withRules(
  z
    .object({
      milliseconds: integer(
        'Time between the arrival of a byte and its departure, in milliseconds.',
        {
          min: 0,
          max: HOUR,
        },
      ),
      jitterMilliseconds: integer(
        'Spread around that time, in milliseconds: each run of bytes is delayed by milliseconds plus or minus up to this much. Never changes their order.',
        { min: 0, max: HOUR },
      ).default(0),
    })
    .describe(
      'Every byte leaves that long after it came, in order. A line and not a store: throughput is not capped until the bound on held bytes is reached.',
    ),
  [
    {
      cel: 'self.jitterMilliseconds <= self.milliseconds',
      holds: ({ milliseconds, jitterMilliseconds }) => jitterMilliseconds <= milliseconds,
      message:
        'jitterMilliseconds must not be larger than milliseconds: lower it, or raise milliseconds',
    },
  ],
);

export const delay = defineFault({
  schema,
  describe: ({ milliseconds, jitterMilliseconds }) =>
    jitterMilliseconds === 0
      ? `delay ${milliseconds}ms`
      : `delay ${milliseconds}ms±${jitterMilliseconds}ms`,
  stage: ({ milliseconds, jitterMilliseconds }, context) => {
    const line = new Fifo<Entry>();
    let held = 0;
    let lastDue = Number.NEGATIVE_INFINITY;
    let cancelTimer = () => {};

    // Order is kept: nothing is due before what came ahead of it.
    const dueAt = (arrivedAt: number, offset: number): number => {
      const jitter = jitterMilliseconds * (2 * context.random(offset) - 1);
      lastDue = Math.max(lastDue, arrivedAt + milliseconds + jitter);
      return lastDue;
    };

    const add = (entry: Entry): void => {
      const wasEmpty = line.isEmpty;
      line.push(entry);
      held += entry.chunk?.data.length ?? 0;
      if (wasEmpty) leave();
    };

    const leave = (): void => {
      cancelTimer();
      for (let entry = line.head; entry !== undefined; entry = line.head) {
        const wait = entry.due - context.now();
        if (wait > 0) {
          cancelTimer = context.after(wait, leave);
          return;
        }
        line.shift();
        held -= entry.chunk?.data.length ?? 0;
        if (entry.chunk === undefined) context.passEnd(entry.arrivedAt);
        else context.pass(entry.chunk);
      }
    };

    return {
      window: context.connectionBytes,
      get held() {
        return held;
      },
      push: (chunk) =>
        add({ due: dueAt(chunk.arrivedAt, chunk.offset), arrivedAt: chunk.arrivedAt, chunk }),
      end: (arrivedAt) => add({ due: dueAt(arrivedAt, -1), arrivedAt, chunk: undefined }),
      release() {
        cancelTimer();
        held = 0;
        return line.drain().flatMap(({ chunk }) => chunk ?? []);
      },
    };
  },
});

interface Entry {
  readonly due: number;
  readonly arrivedAt: number;
  /** undefined: the end of the stream. */
  readonly chunk: Chunk | undefined;
}
