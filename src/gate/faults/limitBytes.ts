import { z } from 'zod';
import { partOf } from '../chunk.ts';
import { free } from '../memory.ts';
import { how, integer, scope } from '../schema.ts';
import { defineFault } from './fault.ts';

const TEBIBYTE = 2 ** 40;

/** The stream ends at a byte, whatever message that byte was part of. */
export const limitBytes = defineFault({
  schema: z
    .object({
      bytes: integer(
        'Bytes of this direction that pass, exactly. 0: the first byte that comes closes the connection and does not pass.',
        { min: 0, max: TEBIBYTE },
      ),
      scope: scope
        .default('Connection')
        .describe(
          'What is counted. Connection: each on its own. Gate: all connections of the gate that the faults touch together; the last byte closes every one of them, and the count starts over for those that come then.',
        ),
      how: how
        .default('Fin')
        .describe(
          'How both ends see the close: Fin (in order) or Reset (an error, RST), which waits until the receiver has the bytes, unless it takes none for 2 seconds.',
        ),
    })
    .describe(
      'Exactly so many bytes pass, then the connection is closed, behind the last of them when other faults still hold it. From the moment when the last of them passes this fault, whatever else comes is discarded, in both directions.',
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
      'A message that is cut: a process that dies while it answers, a download that breaks off, a proxy with a limit on the size of a body.',
    sender:
      'FIN or ECONNRESET once so many bytes have passed; that its last writes succeeded does not tell that they arrived.',
    receiver: 'Exactly so many bytes, then FIN or ECONNRESET.',
    pitfalls: [
      'Every byte of the direction counts: a handshake of TLS, a login, the head of a request. A small number may never let a connection come to its first request.',
      'An open connection counts from when the fault was set, and any change of the faults of this direction starts over.',
      'A `Fin` that falls between two messages looks like an orderly end. To be an error for everyone, `Reset`.',
      'With scope `Gate` one busy connection ends them all, as in chaos.py.',
    ],
    example: { direction: 'toClient', settings: { bytes: 450 } },
  },
});

type Close = (arrivedAt: number) => void;

/** The bytes that may still pass, and the connections that close behind the last of them. */
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

  /** Takes as many bytes as there are left. */
  take(bytes: number): number {
    const taken = Math.min(bytes, this.#left);
    this.#left -= taken;
    return taken;
  }

  /** Closes everyone and starts over. */
  close(arrivedAt: number): void {
    const members = [...this.#members];
    this.#members.clear();
    this.#left = this.#bytes;
    for (const close of members) close(arrivedAt);
  }
}
