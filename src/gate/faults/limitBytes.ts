import { z } from 'zod';
import { partOf } from '../chunk.ts';
import { free } from '../memory.ts';
import { how, integer, scope } from '../schema.ts';
import { defineFault } from './fault.ts';

const TEBIBYTE = 2 ** 40;

/** The stream ends at a byte, in the middle of a message if that is where the byte is. */
export const limitBytes = defineFault({
  schema: z
    .object({
      bytes: integer(
        'Exact number of bytes that pass in this direction. 0: the first byte closes the connection and does not pass.',
        { min: 0, max: TEBIBYTE },
      ),
      scope: scope
        .default('Connection')
        .describe(
          'What is counted. Connection: each connection separately. Gate: all affected connections of the gate together; the last byte closes all of them, and the count starts over for new connections.',
        ),
      how: how
        .default('Fin')
        .describe(
          'How both ends see the close: Fin (orderly) or Reset (an error, RST). Reset waits until the receiver has the bytes, unless it accepts none for 2 seconds.',
        ),
    })
    .describe(
      'Exactly this many bytes pass, then the connection is closed; if later faults hold the last bytes, it is closed after they have left. From the moment the last byte passes this fault, all further bytes are discarded, in both directions.',
    ),
  describe: ({ bytes, scope, how }) =>
    `limitBytes ${bytes}B${scope === 'Gate' ? ' shared' : ''} ${how}`,
  stage: ({ bytes, scope, how }, context) => {
    const count = scope === 'Gate' ? context.shared(() => new Count(bytes)) : new Count(bytes);
    let isOver = false;
    const leave = count.join((arrivedAt) => {
      isOver = true;
      context.passEnd({ arrivedAt, close: how });
    });
    return {
      held: 0,
      push(chunk) {
        const size = isOver ? 0 : count.take(chunk.data.length);
        free(chunk.data.subarray(size));
        if (isOver) return;
        if (size > 0) context.pass(partOf(chunk, 0, size));
        if (count.isSpent) count.close(chunk.arrivedAt);
      },
      end(end) {
        if (!isOver) context.passEnd(end);
      },
      release() {
        leave();
        return [];
      },
    };
  },
  docs: {
    cause:
      'A truncated message: a process dies while responding, a download breaks off, or a proxy limits the size of a body.',
    sender:
      'FIN or ECONNRESET once this many bytes have passed. Successful writes before that do not mean that their bytes arrived.',
    receiver: 'Exactly this many bytes, then FIN or ECONNRESET.',
    pitfalls: [
      'Every byte of the direction counts: the TLS handshake, the login, the request headers. With a small number, a connection may never get to its first request.',
      "On an open connection, counting starts when the fault is set, and starts over with any change of this direction's faults.",
      'A `Fin` between two messages looks like an orderly end. To cause an error in any case, use `Reset`.',
      'With scope `Gate`, one busy connection ends all of them, as in chaos.py.',
    ],
    example: { direction: 'toClient', settings: { bytes: 450 } },
  },
});

type Close = (arrivedAt: number) => void;

/** The bytes that may still pass, and the connections that close after the last of them. */
class Count {
  readonly #bytes: number;
  readonly #members = new Set<Close>();
  #left: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#left = bytes;
  }

  get isSpent(): boolean {
    return this.#left === 0;
  }

  join(close: Close): () => void {
    this.#members.add(close);
    return () => this.#members.delete(close);
  }

  /** Takes at most as many bytes as are left. */
  take(bytes: number): number {
    const taken = Math.min(bytes, this.#left);
    this.#left -= taken;
    return taken;
  }

  /** Closes all connections and starts over. */
  close(arrivedAt: number): void {
    const members = [...this.#members];
    this.#members.clear();
    this.#left = this.#bytes;
    for (const close of members) close(arrivedAt);
  }
}
