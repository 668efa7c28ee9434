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
        'Number of bytes to gather before they are sent. Bytes that arrived together with the last of them are sent too. Capped at what the gate may hold for one direction of a connection.',
        { min: 1, max: 16 * MEBIBYTE },
      ),
      maxWaitMilliseconds: integer(
        'Maximum time that a byte waits for others, in milliseconds. Then all gathered bytes are sent, however few.',
        { min: 1, max: HOUR },
      ).default(MINUTE),
    })
    .describe(
      'Holds bytes until minBytes have gathered, maxWaitMilliseconds have passed since the first of them arrived, or the sender has finished (FIN). Then sends them all in one write.',
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
          // A timer even if the time is already up: after a change of faults, held bytes arrive in one turn.
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
      "Proxies and networks that merge small writes, such as Nagle's algorithm or the buffer of a reverse proxy: several messages arrive at a time, and late.",
    sender: 'Nothing.',
    receiver:
      "Silence, then many of the sender's writes as one. All bytes arrive, in order; a FIN releases what has gathered.",
    pitfalls: [
      'If each end waits for the other, a request smaller than `minBytes` waits for `maxWaitMilliseconds`, by default a minute. To delay requests without failing them, set it below their timeout.',
      'A proxy that is short of memory sends what it has gathered, however little. See the bounds on held bytes in docs/tcpgate.md.',
      'It controls how many bytes are sent together, not how they are read: a receiver may still read them in parts.',
    ],
    example: { direction: 'toServer', settings: { minBytes: 350, maxWaitMilliseconds: 350 } },
  },
});
