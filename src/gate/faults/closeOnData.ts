import { z } from 'zod';
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
      'The first byte in this direction closes the connection that it came on; nothing is forwarded. Silent connections stay open.',
    ),
  describe: ({ how }) => `closeOnData ${how}`,
  stage: ({ how }, context) => ({
    held: 0,
    // Reads the first byte while the receiver does not read: it is not for it.
    window: 1,
    push: () => context.close(how),
    end: (arrivedAt) => context.passEnd(arrivedAt),
    release: () => [],
  }),
});
