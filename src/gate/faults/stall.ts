import { z } from 'zod';
import { CHUNK_COST, type Chunk } from '../chunk.ts';
import { defineFault } from './fault.ts';

/**
 * The gate stops reading: the sender fills its socket buffers, then blocks.
 * Lifted, the bytes arrive in order and none is lost.
 */
export const stall = defineFault({
  schema: z
    .object({})
    .describe(
      'The gate stops reading this direction: the sender fills its buffers, then blocks. When it is lifted, the bytes arrive in order. Until then nothing comes to the other faults of this direction: what they count, delay or close on waits too, except for time that passes. Set it to {}.',
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
      get cost() {
        return held + CHUNK_COST * chunks.length;
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
  docs: {
    cause:
      'A process that hangs: it is stopped, swaps, collects garbage, or all of its threads wait for something. Its kernel still answers, so the connection looks alive.',
    sender:
      'Its writes succeed until the buffers on the way are full (about 4 MiB over loopback on Linux), then they block. No error comes, not even with TCP keep-alive, which the kernels answer among themselves. Lifted, its writes go on.',
    receiver:
      'Silence. Lifted, every byte that was sent meanwhile arrives, in order, and the FIN behind them.',
    pitfalls: [
      'A small request fits into the buffers, so it is the wait for its answer that lasts, not its write. To see a write block, send megabytes.',
      'A socket with `TCP_USER_TIMEOUT` ([tcp(7)](https://man7.org/linux/man-pages/man7/tcp.7.html)) does notice once the buffers are full: it fails with ETIMEDOUT after that time.',
      'It lasts until it is lifted, then everything arrives, also requests that the client has given up since. Where they must not be run, use `drop`, or close the connections with `disconnect` in the patch that lifts.',
      'An RST of the sender is seen within about a second, also behind bytes that are not read: it ends the connection, and what was held is discarded.',
    ],
    example: { direction: 'toServer', settings: {} },
  },
});
