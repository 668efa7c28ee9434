import { z } from 'zod';
import type { End } from '../chunk.ts';
import { Pacer, PIECES_PER_SECOND } from '../pacer.ts';
import { Queue } from '../queue.ts';
import { integer, scope } from '../schema.ts';
import { defineFault } from './fault.ts';

const SMALLEST_WINDOW = 32;
/** What a busy event loop needs per turn at the highest supported rates. */
const LARGEST_WINDOW = 4 * 2 ** 20;
const GIBIBYTE = 2 ** 30;
const TEBIBYTE = 2 ** 40;

/** Bytes that the gate reads ahead: two pieces, so that the link never waits for a read. */
function windowFor(bytesPerSecond: number): number {
  const twoPieces = Math.ceil((2 * bytesPerSecond) / PIECES_PER_SECOND);
  return Math.min(LARGEST_WINDOW, Math.max(SMALLEST_WINDOW, twoPieces));
}

export const bandwidth = defineFault({
  schema: z
    .object({
      bytesPerSecond: integer('Rate limit, in bytes per second.', { min: 1, max: TEBIBYTE }),
      burstBytes: integer(
        'Maximum number of bytes sent at once after a pause, to the extent that the pause left the rate unused. New connections, and changed faults, start with the full burst. 0: no bursts. Pauses shorter than 20 ms do not count.',
        { min: 0, max: GIBIBYTE },
      ).default(0),
      scope: scope
        .default('Connection')
        .describe(
          'What the rate applies to. Connection: each connection separately. Gate: all affected connections of the gate share it; senders take turns, and a connection that pauses leaves its share to the others.',
        ),
    })
    .describe(
      "Sends bytes at a limited rate and reads no faster: the sender's buffers fill, then it blocks. Bytes are sent in pieces of 1/20 second's worth, divided among the connections that share the rate: at most 64 KiB, at least one byte. For example, 2 bytes per second are one byte every half second. Accurate to 2 percent over 5 seconds, from 1 kB/s to 100 MB/s.",
    ),
  describe: ({ bytesPerSecond, burstBytes, scope }) =>
    [
      `bandwidth ${bytesPerSecond}B/s`,
      scope === 'Gate' ? ' shared' : '',
      burstBytes === 0 ? '' : ` burst ${burstBytes}B`,
    ].join(''),
  stage: ({ bytesPerSecond, burstBytes, scope }, context) => {
    const pacer =
      scope === 'Gate'
        ? context.shared((clock) => new Pacer(clock, bytesPerSecond, burstBytes))
        : new Pacer(context, bytesPerSecond, burstBytes);
    const queue = new Queue();
    let ends: End[] = [];
    /** Bytes due to be sent for which the next stage had no room yet. */
    let carried = 0;

    const passEnds = (): void => {
      const due = ends;
      ends = [];
      for (const end of due) context.passEnd(end);
    };

    const leave = (): void => {
      if (carried === 0 || !context.hasRoom()) return;
      const bytes = carried;
      carried = 0;
      for (const chunk of queue.take(bytes)) context.pass(chunk);
      if (queue.bytes === 0) passEnds();
    };

    const sender = {
      get waiting() {
        return queue.bytes - carried;
      },
      send(bytes: number) {
        carried += bytes;
        leave();
      },
    };

    return {
      window: windowFor(bytesPerSecond),
      bytesPerSecond,
      get held() {
        return queue.bytes;
      },
      get cost() {
        return queue.cost;
      },
      push(chunk) {
        const isIdle = sender.waiting === 0;
        queue.push(chunk);
        if (isIdle) pacer.enter(sender);
      },
      end(end) {
        ends.push(end);
        if (queue.bytes === 0) passEnds();
      },
      goOn: leave,
      release() {
        pacer.leave(sender);
        carried = 0;
        return queue.drain();
      },
    };
  },
  docs: {
    cause: 'A slow or shared link, a throttled server, or a client on a mobile network.',
    sender:
      'Writes succeed until the buffers on the path are full (about 4 MiB over loopback on Linux), then they are as slow as the rate.',
    receiver:
      'Bytes in small pieces at that rate, followed by the FIN. When the fault is lifted, held bytes arrive at once.',
    pitfalls: [
      'Measure at the receiver: bytes that fit into the buffers leave the sender long before they arrive.',
      'It triggers a request timeout only if the request is large for the rate: 100 bytes at 10000 bytes per second take 10 milliseconds.',
      'It counts the bytes of the stream, without TCP and IP headers.',
    ],
    example: { direction: 'toClient', settings: { bytesPerSecond: 500 } },
  },
});
