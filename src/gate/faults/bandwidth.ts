import { z } from 'zod';
import type { End } from '../chunk.ts';
import { Pacer, PIECES_PER_SECOND } from '../pacer.ts';
import { Queue } from '../queue.ts';
import { integer, scope } from '../schema.ts';
import { defineFault } from './fault.ts';

const SMALLEST_WINDOW = 32;
/** A turn of a busy loop at the highest rates that are promised. */
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
      bytesPerSecond: integer('Bytes that pass in a second.', { min: 1, max: TEBIBYTE }),
      burstBytes: integer(
        'Bytes that may leave at once after a pause, as far as the pause has saved them up; a connection that opens, and a change of the faults, begin with all of them. 0: none, so that every byte takes its time. A pause below 20 ms is none.',
        { min: 0, max: GIBIBYTE },
      ).default(0),
      scope: scope
        .default('Connection')
        .describe(
          'What has that bandwidth. Connection: each of its own. Gate: all connections of the gate that the faults touch share it; those that send take turns, and one that pauses leaves its share to the others.',
        ),
    })
    .describe(
      "Bytes leave at a limited rate, and the gate reads no faster: the sender's buffers fill, then it blocks. They leave in pieces of a twentieth of a second's worth, divided among the connections that share it: at most 64 KiB, at least one byte. 2 bytes per second are one byte every half second. Right within 2 percent over 5 seconds from 1 kB/s to 100 MB/s.",
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
    /** Bytes that the link has carried and for which there was no room behind it. */
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
    cause: 'A narrow or shared link, a server that is throttled, a client on a mobile network.',
    sender:
      'Its writes succeed until the buffers on the way are full (about 4 MiB over loopback on Linux), then they take as long as the rate allows.',
    receiver:
      'Bytes in small pieces at that rate, and the FIN behind the last of them. Lifted, what is held arrives at once.',
    pitfalls: [
      'Measure at the receiver: what fits into the buffers has left the sender long before it arrives.',
      'The time limit of a request sees it only if the request is large for the rate: 100 bytes at 10000 bytes per second take 10 milliseconds.',
      'It counts the bytes of the stream, without the headers of TCP and IP.',
    ],
    example: { direction: 'toClient', settings: { bytesPerSecond: 500 } },
  },
});
