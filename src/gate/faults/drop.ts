import { z } from 'zod';
import { defineFault } from './fault.ts';

/** Bytes are read and thrown away: the sender never blocks. The end of the stream still passes. */
export const drop = defineFault({
  schema: z
    .object({})
    .describe(
      'Bytes of this direction are read and thrown away: the sender never blocks, the receiver waits for good. FIN and RST still pass. Set it to {}.',
    ),
  describe: () => 'drop',
  stage: (_, context) => ({
    held: 0,
    // Reads on while the receiver does not: what comes is not for it.
    window: Number.POSITIVE_INFINITY,
    push() {},
    end: (arrivedAt) => context.passEnd(arrivedAt),
    release: () => [],
  }),
});
