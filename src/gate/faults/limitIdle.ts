import { z } from 'zod';
import { how, integer } from '../schema.ts';
import { defineFault } from './fault.ts';

const DAY = 86_400_000;

/** The idle timeout of a load balancer or NAT. */
export const limitIdle = defineFault({
  schema: z
    .object({
      milliseconds: integer(
        'Maximum time without a byte in this direction, in milliseconds. Measured from the last byte that the gate read; before the first one, from when the fault was set or the connection opened.',
        { min: 1, max: DAY },
      ),
      how: how
        .default('Fin')
        .describe('How both ends see the close: Fin (orderly) or Reset (an error, RST).'),
    })
    .describe(
      'Closes the connection when no byte has arrived in this direction for that long. Bytes that other faults still hold are discarded. While the gate does not read (stall, or a full buffer with bandwidth), no bytes arrive. The end of the stream is not a byte, so a half-closed connection is idle.',
    ),
  describe: ({ milliseconds, how }) => `limitIdle ${milliseconds}ms ${how}`,
  stage: ({ milliseconds, how }, context) => {
    let lastByteAt = context.monotonic();

    // One timer that checks again, instead of one per byte.
    const check = (): void => {
      const wait = lastByteAt + milliseconds - context.monotonic();
      if (wait > 0) context.after(wait, check);
      else context.close(how);
    };
    context.after(milliseconds, check);

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
      'The idle timeout of a load balancer, NAT or server, which removes connections that a pool keeps unused.',
    sender: 'FIN or ECONNRESET after it has sent no byte for that long.',
    receiver: 'The same at the same time.',
    pitfalls: [
      'It applies to one direction. With `toServer`, a client that only receives, such as one that reads a long result, is idle. Set it for the direction that should be quiet.',
      'A pool may notice a `Reset` of an unused connection before its next request. To make the next request hit a dead connection, use `closeOnData`.',
      'Keep-alive messages of the protocol, such as pings, count as bytes. TCP keep-alive does not.',
    ],
    example: { direction: 'toServer', settings: { milliseconds: 250, how: 'Reset' } },
  },
});
