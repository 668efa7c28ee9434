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
        'Variation of the delay, in milliseconds. Each run of bytes is delayed by milliseconds plus or minus up to this value. Never reorders bytes.',
        { min: 0, max: HOUR },
      ).default(0),
    })
    .describe(
      'Sends every byte this long after it arrived, in order. Throughput is not limited until held bytes reach their bounds (proxy.buffers of the chart: per direction of a connection, and in total); then the sender has to wait. Accurate to 2 ms for 99 of 100 bytes on an idle core.',
    ),
  [
    {
      cel: 'self.jitterMilliseconds <= self.milliseconds',
      holds: ({ milliseconds, jitterMilliseconds }) => jitterMilliseconds <= milliseconds,
      message:
        'jitterMilliseconds must not be greater than milliseconds: lower it, or raise milliseconds',
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

    // Keeps the order: nothing is due before what arrived earlier.
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
    cause:
      'A server in another region, a slow network, or an overloaded server that responds late.',
    sender: 'Nothing until 16 MiB are in flight; then writes block until the first of them arrive.',
    receiver:
      'Every byte, and the FIN, that much later. What was sent together arrives together. When the fault is lifted, everything still in flight arrives at once. An RST is not delayed.',
    pitfalls: [
      'It delays one direction. A round trip takes longer by the delays of both directions together, and an exchange of several round trips (TLS, a login, a query in several steps) takes that each time.',
      'The TCP handshake takes place between client and gate and is not delayed, so connecting is as fast as before. To make connections slow to open, use `newConnections: Hold`.',
      'A delay in one direction may stay just below a timeout that both directions together exceed. Choose a delay well above or well below the timeout.',
      'At the bound on held bytes, a delay limits the rate: with 16 MiB and one second, to 16 MiB per second and connection.',
    ],
    example: { direction: 'toClient', settings: { milliseconds: 300, jitterMilliseconds: 50 } },
  },
});

/** No byte has this position. */
const END_KEY = -1;

type Entry =
  | { readonly due: number; readonly chunk: Chunk }
  | { readonly due: number; readonly chunk?: undefined; readonly end: End };
