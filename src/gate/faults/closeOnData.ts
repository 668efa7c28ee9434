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
        .describe('How both ends see the close: Fin (in order) or Reset (an error, RST).'),
    })
    .describe(
      'The first byte in this direction closes the connection that it came on; nothing is forwarded, and no fault behind it sees a byte. Silent connections stay open.',
    ),
  describe: ({ how }) => `closeOnData ${how}`,
  stage: ({ how }, context) => ({
    held: 0,
    // Reads the first byte while the receiver does not read: it is not for it.
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
      'An end that crashes on a message, or a proxy in between that has thrown the connection away and finds out when it is used: what a pool sees that hands out a connection which died while it was idle.',
    sender: 'Its first write succeeds, then comes FIN (`Fin`) or an error, ECONNRESET (`Reset`).',
    receiver: 'FIN or ECONNRESET, without a byte of what was sent.',
    pitfalls: [
      'It stays armed: a client that connects anew is closed again by the first byte of its handshake. For one strike, use `disconnect`.',
      'Some servers speak first (MySQL, SMTP, SSH): there `toClient` closes each new connection at once, and `toServer` right after the greeting.',
      'With `Fin`, what the sender writes after the close is still taken for up to 2 seconds, and discarded.',
    ],
    example: { direction: 'toServer', settings: { how: 'Reset' } },
  },
});
