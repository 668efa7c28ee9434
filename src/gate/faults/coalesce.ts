import { z } from 'zod';
import { Queue } from '../queue.ts';
import { integer } from '../schema.ts';
import { defineFault } from './fault.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const MEBIBYTE = 1_048_576;

/** The opposite of `slice`: many small writes arrive as one. */
export const coalesce = defineFault({
  schema: z
    .object({
      minBytes: integer(
        'Bytes that must be there before they leave. Whatever has come with the last of them leaves too. Never more than the gate may hold for one direction of a connection: so many are enough then.',
        { min: 1, max: 16 * MEBIBYTE },
      ),
      maxWaitMilliseconds: integer(
        'Longest time that a byte waits for others, in milliseconds: then all that are there leave, however few.',
        { min: 1, max: HOUR },
      ).default(MINUTE),
    })
    .describe(
      'Bytes are held until minBytes of them are there, or maxWaitMilliseconds have passed since the first of them came, or the sender is done (FIN). Then they leave all at once, in one write.',
    ),
  describe: ({ minBytes, maxWaitMilliseconds }) =>
    `coalesce ${minBytes}B within ${maxWaitMilliseconds}ms`,
  stage: ({ minBytes, maxWaitMilliseconds }, context) => {
    const enough = Math.min(minBytes, context.connectionBytes);
    const queue = new Queue();
    let cancelTimer = () => {};

    const leave = (): void => {
      cancelTimer();
      for (const chunk of queue.take(queue.bytes)) context.pass(chunk);
    };

    return {
      window: enough,
      get held() {
        return queue.bytes;
      },
      get cost() {
        return queue.cost;
      },
      push(chunk) {
        const isFirst = queue.bytes === 0;
        queue.push(chunk);
        if (queue.bytes >= enough || queue.cost >= context.connectionBytes) {
          leave();
        } else if (isFirst) {
          // A timer also when the time is up already: after a change of faults, what was held comes in one turn.
          const wait = chunk.arrivedAt + maxWaitMilliseconds - context.monotonic();
          cancelTimer = context.after(Math.max(0, wait), leave);
        }
      },
      end(end) {
        leave();
        context.passEnd(end);
      },
      relent() {
        const isHolding = queue.bytes > 0;
        leave();
        return isHolding;
      },
      release: () => queue.drain(),
    };
  },
  docs: {
    cause:
      "Proxies and networks that gather small writes, for instance Nagle's algorithm or the buffer of a reverse proxy: messages arrive several at a time, and late.",
    sender: 'Nothing.',
    receiver:
      'Silence, then many writes of the sender as one. All bytes, in order; a FIN lets go what has gathered.',
    pitfalls: [
      'Where each end waits for the other, a request that is smaller than `minBytes` waits for `maxWaitMilliseconds`, a minute if not set. To let requests through late, set it below their time limit.',
      'A proxy that is short of memory lets go what it has gathered, however little: see the bounds on held bytes in docs/tcpgate.md.',
      'It says how many bytes leave together, not how they are read: a receiver may still read them in parts.',
    ],
    example: { direction: 'toServer', settings: { minBytes: 350, maxWaitMilliseconds: 350 } },
  },
});
