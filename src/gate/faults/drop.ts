import { z } from 'zod';
import { free } from '../memory.ts';
import { defineFault } from './fault.ts';

/** Bytes are read and discarded: the sender never blocks. The end of the stream still passes. */
export const drop = defineFault({
  schema: z
    .object({})
    .describe(
      'Bytes of this direction are read and discarded: the sender never blocks, and the receiver waits forever. FIN and RST still pass. Later faults see no bytes: limitBytes counts none, and limitIdle sees an idle connection. Set it to {}.',
    ),
  describe: () => 'drop',
  stage: (_, context) => ({
    held: 0,
    // Keeps reading even if the receiver does not: these bytes never reach it.
    window: Number.POSITIVE_INFINITY,
    push: ({ data }) => free(data),
    end: (end) => context.passEnd(end),
    release: () => [],
  }),
  docs: {
    cause:
      'A request or response is lost although the connection is healthy: a server reads and never responds, a proxy accepts bytes and loses them, or a consumer died while its machine still acknowledges packets.',
    sender: 'Nothing: all writes succeed.',
    receiver:
      'Silence. When the fault is lifted, the receiver gets what is sent from then on; dropped bytes stay lost. A FIN still arrives and does not reveal the gap.',
    pitfalls: [
      'If you lift it in the middle of a message, the receiver takes the rest for the beginning of the next message. Most protocols never recover on that connection, and TLS fails at the next record. Lift it between messages, or close the connections with `disconnect` in the same patch.',
      'A receiver without a timeout waits forever. To deliver the bytes late instead, use `stall` or `delay`.',
    ],
    example: { direction: 'toServer', settings: {} },
  },
});
