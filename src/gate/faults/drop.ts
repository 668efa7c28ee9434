import { z } from 'zod';
import { free } from '../memory.ts';
import { defineFault } from './fault.ts';

/** Bytes are read and thrown away: the sender never blocks. The end of the stream still passes. */
export const drop = defineFault({
  schema: z
    .object({})
    .describe(
      'Bytes of this direction are read and thrown away: the sender never blocks, the receiver waits for good. FIN and RST still pass. No byte comes to the faults behind it: for limitBytes none has passed, for limitIdle none has come. Set it to {}.',
    ),
  describe: () => 'drop',
  stage: (_, context) => ({
    held: 0,
    // Reads on while the receiver does not: what comes is not for it.
    window: Number.POSITIVE_INFINITY,
    push: ({ data }) => free(data),
    end: (end) => context.passEnd(end),
    release: () => [],
  }),
  docs: {
    cause:
      'A request or an answer that is lost although the connection is well: a server that reads and never answers, a proxy that takes bytes and forgets them, a consumer that died while its machine still acknowledges.',
    sender: 'Nothing: its writes succeed, however much it writes.',
    receiver:
      'Silence. Lifted, it gets what is sent from then on; what was dropped stays lost. A FIN still comes, and tells nothing of the gap.',
    pitfalls: [
      'Lifted in the middle of a message, the receiver takes the rest of it for the beginning of the next: most protocols are out of step on that connection for good, and with TLS it ends with an error at the next record. Close the connections with `disconnect` in the patch that lifts, or lift between messages.',
      'Who waits for an answer without a time limit waits for good. For a receiver that gets the bytes late, use `stall` or `delay`.',
    ],
    example: { direction: 'toServer', settings: {} },
  },
});
