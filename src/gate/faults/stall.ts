import { z } from 'zod';
import { type Chunk, defineFault } from './fault.ts';

/**
 * The gate stops reading: the sender fills its socket buffers, then blocks.
 * Lifted, the bytes arrive in order and none is lost.
 */
export const stall = defineFault({
  schema: z
    .object({})
    .describe(
      'The gate stops reading this direction: the sender fills its buffers, then blocks. When it is lifted, the bytes arrive in order. Set it to {}.',
    ),
  describe: () => 'stall',
  stage: () => {
    let chunks: Chunk[] = [];
    let held = 0;
    return {
      window: 0,
      get held() {
        return held;
      },
      push(chunk) {
        chunks.push(chunk);
        held += chunk.data.length;
      },
      end() {},
      release() {
        const released = chunks;
        chunks = [];
        held = 0;
        return released;
      },
    };
  },
});
