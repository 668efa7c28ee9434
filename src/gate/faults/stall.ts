import { z } from 'zod';
import { CHUNK_COST, type Chunk } from '../chunk.ts';
import { defineFault } from './fault.ts';

/**
 * The gate stops reading: the sender fills its socket buffers, then blocks. When the fault is lifted, the bytes arrive in
 * order and none is lost.
 */
export const stall = defineFault({
  schema: z
    .object({})
    .describe(
      'The gate stops reading this direction: the sender fills its buffers, then blocks. When the fault is lifted, the bytes arrive in order. Until then, no bytes reach the other faults of this direction, but their timers run. Set it to {}.',
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
      'A process hangs: it is stopped, swapping, collecting garbage, or all of its threads are blocked. Its kernel still responds, so the connection looks alive.',
    sender:
      'Writes succeed until the buffers on the path are full (about 4 MiB over loopback on Linux), then they block. There is no error, not even with TCP keep-alive, because the kernels answer the probes. When the fault is lifted, writes continue.',
    receiver:
      'Silence. When the fault is lifted, every byte sent in the meantime arrives, in order, followed by the FIN if there was one.',
    pitfalls: [
      'A small request fits into the buffers, so the client blocks waiting for the response, not in the write. To see a write block, send megabytes.',
      'A socket with `TCP_USER_TIMEOUT` ([tcp(7)](https://man7.org/linux/man-pages/man7/tcp.7.html)) does notice: once the buffers are full, it fails with ETIMEDOUT after that time.',
      'When the fault is lifted, everything arrives, including requests that the client has given up on. If those must not run, use `drop`, or close the connections with `disconnect` in the patch that lifts the fault.',
      'An RST from the sender is noticed within about a second, even behind unread bytes. It ends the connection, and held bytes are discarded.',
    ],
    example: { direction: 'toServer', settings: {} },
  },
});
