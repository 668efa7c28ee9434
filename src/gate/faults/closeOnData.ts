import { z } from 'zod';
import { free } from '../memory.ts';
import { how } from '../schema.ts';
import { defineFault } from './fault.ts';

/** The first byte of this direction closes its connection; nothing is forwarded. */
export const closeOnData = defineFault({
  schema: z
    .object({
      how: how
        .default('Fin')
        .describe('How both ends see the close: Fin (orderly) or Reset (an error, RST).'),
    })
    .describe(
      'The first byte in this direction closes its connection. Nothing is forwarded, and later faults see no bytes. Silent connections stay open.',
    ),
  describe: ({ how }) => `closeOnData ${how}`,
  stage: ({ how }, context) => ({
    held: 0,
    // Reads the first byte even if the receiver does not read: it never reaches the receiver.
    window: 1,
    push({ data }) {
      free(data);
      context.close(how);
    },
    end: (end) => context.passEnd(end),
    release: () => [],
  }),
  docs: {
    cause:
      'An end crashes on a message, or a proxy in between has lost the connection and notices when it is used. A connection pool sees this when it hands out a connection that died while idle.',
    sender:
      'The first write succeeds, followed by a FIN (`Fin`) or the error ECONNRESET (`Reset`).',
    receiver: 'FIN or ECONNRESET, and none of the bytes that were sent.',
    pitfalls: [
      'The fault stays active: a client that reconnects is closed again by the first byte of its handshake. To close connections once, use `disconnect`.',
      'Some servers speak first (MySQL, SMTP, SSH). With these, `toClient` closes each new connection immediately, and `toServer` right after the greeting.',
      'With `Fin`, bytes that the sender writes after the close are still accepted for up to 2 seconds, and discarded.',
    ],
    example: { direction: 'toServer', settings: { how: 'Reset' } },
  },
});
