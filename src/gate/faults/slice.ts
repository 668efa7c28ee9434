import { z } from 'zod';
import type { End } from '../chunk.ts';
import { Queue } from '../queue.ts';
import { integer, withRules } from '../schema.ts';
import { defineFault } from './fault.ts';

const HOUR = 3_600_000;
const MEBIBYTE = 1_048_576;

/** Writes in a row, about a millisecond's worth: a megabyte of single bytes must not hold up other connections. */
const WRITES_PER_TURN = 256;

/** Milliseconds by which a timer may be late and the writes behind it still keep to the schedule. */
const LATENESS = 10;

const schema = withRules(
  z
    .object({
      maxBytes: integer('Longest write, in bytes.', { min: 1, max: MEBIBYTE }),
      varianceBytes: integer(
        'How much shorter a write may be, in bytes: each is cut to a length between maxBytes - varianceBytes and maxBytes, drawn from the seed by its position in the stream.',
        { min: 0, max: MEBIBYTE - 1 },
      ).default(0),
      gapMilliseconds: integer(
        'Time from one write to the next, in milliseconds. 0: they follow one another at once, and the system may put some of them together again on their way.',
        { min: 0, max: HOUR },
      ).default(0),
    })
    .describe(
      'Bytes leave in small writes of their own, in order. A write takes what is there and never waits for more; the first after a pause leaves at once.',
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
    /** The receiver has not taken the last write yet: more of them would each take memory. */
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
          // What a write has made room for may have set one already.
          cancelTimer();
          cancelTimer = context.after(Math.max(0, due - now), leave);
          return;
        }
        // Counted on from when it was due, or every late timer would lower the rate for good.
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
      'Networks and proxies that cut messages anywhere: a reader that takes one read for one message works on the machine of its author and fails here.',
    sender: 'Nothing; with a gap and many bytes, writes that block, as with `bandwidth`.',
    receiver: 'The same bytes in many small reads.',
    pitfalls: [
      'TCP has no messages: pieces that follow one another at once may be put together again on the way, or in the buffer of a receiver that reads late. A gap keeps them apart.',
      'Gaps add up: a mebibyte in pieces of 100 bytes with a gap of 10 milliseconds takes almost two minutes.',
      'A correct program must not mind. When something breaks under it, that is a bug which it has found.',
    ],
    example: { direction: 'toServer', settings: { maxBytes: 20, gapMilliseconds: 20 } },
  },
});
