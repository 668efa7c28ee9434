import { z } from 'zod';
import { how, integer } from '../schema.ts';
import { defineFault } from './fault.ts';

const DAY = 86_400_000;

/** The idle timeout of a load balancer or of a NAT. */
export const limitIdle = defineFault({
  schema: z
    .object({
      milliseconds: integer(
        'Longest time without a byte in this direction, in milliseconds. Counted from the last byte that the gate read, at first from when the fault was set or the connection opened.',
        { min: 1, max: DAY },
      ),
      how: how
        .default('Fin')
        .describe('How both ends see the close: Fin (in order) or Reset (an error, RST).'),
    })
    .describe(
      'The connection is closed when no byte has come in this direction for that long; bytes that other faults hold then are discarded. While the gate does not read (stall, or a full buffer under bandwidth), none comes. The end of the stream is not a byte: a half-closed connection is idle.',
    ),
  describe: ({ milliseconds, how }) => `limitIdle ${milliseconds}ms ${how}`,
  stage: ({ milliseconds, how }, context) => {
    let lastByteAt = context.monotonic();

    // One timer that looks again, and not one for each byte.
    const look = (): void => {
      const wait = lastByteAt + milliseconds - context.monotonic();
      if (wait > 0) context.after(wait, look);
      else context.close(how);
    };
    context.after(milliseconds, look);

    return {
      held: 0,
      push(chunk) {
        lastByteAt = context.monotonic();
        context.pass(chunk);
      },
      end: (end) => context.passEnd(end),
      release: () => [],
    };
  },
  docs: {
    cause:
      'The idle timeout of a load balancer, a NAT or a server: it takes away connections that a pool has kept without using them.',
    sender: 'FIN or ECONNRESET after that long without having sent a byte.',
    receiver: 'The same at the same time.',
    pitfalls: [
      'It looks at one direction. Under `toServer`, a client that only receives is idle, for instance one that reads a long result; set it for the direction that should be quiet.',
      'A `Reset` reaches a pool whose connections nobody uses, so the pool may notice before the next request. To have the next request meet a dead connection, use `closeOnData`.',
      'Messages that keep a connection alive (a ping of the protocol) count as bytes; TCP keep-alive does not.',
    ],
    example: { direction: 'toServer', settings: { milliseconds: 250, how: 'Reset' } },
  },
});
