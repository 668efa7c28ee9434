import { z } from 'zod';
import { CHUNK_COST, type Chunk, type End } from '../chunk.ts';
import { Fifo } from '../fifo.ts';
import { integer, withRules } from '../schema.ts';
import { defineFault } from './fault.ts';

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
      'Every byte leaves that long after it came, in order. A line and not a store: throughput is not capped until the bounds on held bytes are reached (proxy.buffers of the chart: for each direction of a connection, and for all of them together); then the sender has to wait. Right within 2 ms for 99 of 100 bytes on an idle core.',
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
        const wait = entry.due - context.monotonic();
        if (wait > 0) {
          cancelTimer = context.after(wait, leave);
          return;
        }
        line.shift();
        held -= entry.chunk?.data.length ?? 0;
        if (entry.chunk === undefined) context.passEnd(entry.end);
        else context.pass(entry.chunk);
      }
    };

    return {
      latencyMilliseconds: milliseconds + jitterMilliseconds,
      get held() {
        return held;
      },
      get cost() {
        return held + CHUNK_COST * line.length;
      },
      push: (chunk) => add({ due: dueAt(chunk.arrivedAt, chunk.offset), chunk }),
      end: (end) => add({ due: dueAt(end.arrivedAt, END_KEY), end }),
      release() {
        cancelTimer();
        held = 0;
        return line.drain().flatMap(({ chunk }) => chunk ?? []);
      },
    };
  },
  docs: {
    cause: 'A server in another region, a slow network, a server under load that answers late.',
    sender:
      'Nothing, until 16 MiB are on the way; then its writes block until the first of them arrive.',
    receiver:
      'Every byte, and the FIN, that much later; what was sent together arrives together. Lifted, what is still on the way arrives at once. An RST is not delayed.',
    pitfalls: [
      'It is the delay of one way. An exchange takes as much longer as both directions are delayed together, and one that goes back and forth (TLS, a login, a query in several steps) takes it each time.',
      'The handshake of TCP is between the client and the gate, and is not delayed: connecting is as fast as ever. For a connection that is slow to open, use `newConnections: Hold`.',
      'A delay in one direction may just stay below a time limit that both together exceed: choose one well above or well below.',
      'Past the bound on held bytes a delay limits the rate: with 16 MiB and one second, 16 MiB in a second per connection.',
    ],
    example: { direction: 'toClient', settings: { milliseconds: 300, jitterMilliseconds: 50 } },
  },
});

/** No byte has this position. */
const END_KEY = -1;

type Entry =
  | { readonly due: number; readonly chunk: Chunk }
  | { readonly due: number; readonly chunk?: undefined; readonly end: End };
