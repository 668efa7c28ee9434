/**
 * Bytes that one read takes at most. libuv offers 64 KiB; four times that takes a third off the processor time per
 * byte: `npm run bench -- --only throughput` measures it.
 */
export const LARGEST_READ = 262_144;

/** Below this the memory is a slice of a pool, or too little to be worth it. */
const SMALLEST = 4_096;

/** What full reads came in, for the next ones. */
const spares: ArrayBuffer[] = [];
const MOST_SPARES = 4;

/** Uninitialised memory, all of which is the caller's. */
export function memory(bytes: number): Buffer {
  const spare = bytes === LARGEST_READ ? spares.pop() : undefined;
  return spare === undefined ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(spare);
}

/**
 * Frees the memory of bytes that nobody will use any more, now instead of when garbage is collected. At a gigabyte
 * per second the next bytes then land in the same memory, which is still in the processor's cache; and a connection
 * that ends gives back what it held. Does nothing when others may use parts of that memory. Whoever uses it all the
 * same finds it empty.
 */
export function free(bytes: Buffer): void {
  const { buffer, byteLength } = bytes;
  if (byteLength < SMALLEST || byteLength !== buffer.byteLength) return;
  if (!(buffer instanceof ArrayBuffer)) return;
  if (byteLength === LARGEST_READ && spares.length < MOST_SPARES) spares.push(buffer.transfer());
  else buffer.transfer(0);
}
