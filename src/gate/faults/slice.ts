import { z } from 'zod';
import type { End } from '../chunk.ts';
import { Queue } from '../queue.ts';
import { integer, withRules } from '../schema.ts';
import { defineFault } from './fault.ts';

const HOUR = 3_600_000;
const MEBIBYTE = 1_048_576;

/** Writes per turn, about a millisecond's worth: a megabyte of single bytes must not hold up other connections. */
const WRITES_PER_TURN = 256;

/** Milliseconds that a timer may be late with later writes still catching up. */
const LATENESS = 10;

const schema = withRules(
  z
    .object({
      maxBytes: integer('Maximum size of a write, in bytes.', { min: 1, max: MEBIBYTE }),
      varianceBytes: integer(
        'How much smaller a write may be, in bytes. Each write has a size between maxBytes - varianceBytes and maxBytes, drawn from the seed by its position in the stream.',
        { min: 0, max: MEBIBYTE - 1 },
      ).default(0),
      gapMilliseconds: integer(
        'Time between writes, in milliseconds. 0: writes follow one another immediately, and the system may merge some of them again.',
        { min: 0, max: HOUR },
      ).default(0),
    })
    .describe(
      'Splits bytes into small writes, in order. A write never waits for more bytes, and the first one after a pause is sent immediately.',
    ),
  [
    {
      cel: 'self.varianceBytes < self.maxBytes',
      holds: ({ maxBytes, varianceBytes }) => varianceBytes < maxBytes,
      message: 'varianceBytes must be smaller than maxBytes: lower it, or raise maxBytes',
    },
  ],
);

export const slice = defineFault({
  schema,
  describe: ({ maxBytes, varianceBytes, gapMilliseconds }) => {
    const size = varianceBytes === 0 ? `${maxBytes}B` : `${maxBytes - varianceBytes}-${maxBytes}B`;
    return gapMilliseconds === 0 ? `slice ${size}` : `slice ${size} every ${gapMilliseconds}ms`;
  },
  stage: ({ maxBytes, varianceBytes, gapMilliseconds }, context) => {
    const queue = new Queue();
    let ends: End[] = [];
    let due = Number.NEGATIVE_INFINITY;
    let cancelTimer = () => {};
    /** The receiver has not accepted the last write yet: each further one would take memory. */
    let isBlocked = false;

    const sizeAt = (offset: number): number =>
      varianceBytes === 0
        ? maxBytes
        : maxBytes - Math.floor(context.random(offset) * (varianceBytes + 1));

    const leave = (): void => {
      isBlocked = false;
      for (let writes = 0; queue.bytes > 0; writes += 1) {
        const now = context.monotonic();
        if (!context.hasRoom()) {
          isBlocked = true;
          return;
        }
        if (due > now || writes === WRITES_PER_TURN) {
          // A write may have set a timer already.
          cancelTimer();
          cancelTimer = context.after(Math.max(0, due - now), leave);
          return;
        }
        // Measured from when it was due: otherwise every late timer would lower the rate.
        due = Math.max(due, now - LATENESS) + gapMilliseconds;
        for (const chunk of queue.take(sizeAt(queue.offset ?? 0))) context.pass(chunk);
      }
      passEnds();
    };

    const passEnds = (): void => {
      const passing = ends;
      ends = [];
      for (const end of passing) context.passEnd(end);
    };

    return {
      window: maxBytes,
      bytesPerSecond: (maxBytes / gapMilliseconds) * 1_000,
      get held() {
        return queue.bytes;
      },
      get cost() {
        return queue.cost;
      },
      push(chunk) {
        const isIdle = queue.bytes === 0;
        queue.push(chunk);
        if (!isIdle) return;
        due = Math.max(due, context.monotonic());
        leave();
      },
      end(end) {
        ends.push(end);
        if (queue.bytes === 0) passEnds();
      },
      goOn() {
        if (isBlocked) leave();
      },
      release: () => queue.drain(),
    };
  },
  docs: {
    cause:
      "Networks and proxies split messages anywhere. A reader that takes one read for one message works on its author's machine and fails here.",
    sender: 'Nothing. With a gap and many bytes, writes block, as with `bandwidth`.',
    receiver: 'The same bytes in many small reads.',
    pitfalls: [
      'TCP has no messages: pieces without a gap may be merged again on the path, or in the buffer of a receiver that reads late. A gap keeps them apart.',
      'Gaps add up: 1 MiB in pieces of 100 bytes with a gap of 10 milliseconds takes almost two minutes.',
      'A correct program does not notice it. Anything that breaks is a bug that it has found.',
    ],
    example: { direction: 'toServer', settings: { maxBytes: 20, gapMilliseconds: 20 } },
  },
});
