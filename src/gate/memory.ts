/**
 * Bytes that one read takes at most. libuv offers 64 KiB; four times that takes a third off the processor time per
 * byte: `npm run bench -- --only throughput` measures it.
 */
export const LARGEST_READ = 262_144;

/** Bytes that one read takes when memory is short, and before it is known what a connection is like. */
export const SMALLEST_READ = 4_096;

/** Smaller ones are cut from Node's pool: they are not worth the trouble. */
const SMALLEST = 4_096;

/** Kept for the next reads at most: more are not in the processor's cache, and no budget counts them. */
const MOST_SPARES = 32;

/** Milliseconds that memory is kept for the next reads when none has wanted it. */
const IDLE_TIME = 1_000;

/** Bytes that are in use yet, of each piece of memory that was handed out. */
const used = new WeakMap<ArrayBufferLike, number>();

/** What full reads came in, for the next ones. */
const spares: ArrayBuffer[] = [];
/** Spare buffers unused since the last sweep. */
let unwanted = 0;
let isWatched = false;

/** Uninitialised memory for bytes on their way through a gate. */
export function memory(bytes: number): Buffer {
  if (bytes < SMALLEST) return Buffer.allocUnsafe(bytes);
  const spare = bytes === LARGEST_READ ? spares.pop() : undefined;
  unwanted = Math.min(unwanted, spares.length);
  const buffer = spare === undefined ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(spare);
  used.set(buffer.buffer, bytes);
  return buffer;
}

/**
 * Bytes that are no longer used. When all bytes of one read are free, so is its memory, now instead of
 * when garbage is collected: at a gigabyte per second the next bytes then land in memory that the processor has in its
 * cache, and a delay that ends gives back what it held. Each byte may be freed once. Does nothing to other memory.
 */
export function free({ buffer, byteLength }: Uint8Array): void {
  const before = used.get(buffer);
  if (before === undefined || !(buffer instanceof ArrayBuffer)) return;
  const left = before - byteLength;
  if (left > 0) {
    used.set(buffer, left);
    return;
  }
  used.delete(buffer);
  // A view that still exists finds it empty, not filled with other bytes.
  if (buffer.byteLength === LARGEST_READ && spares.length < MOST_SPARES) keep(buffer.transfer());
  else buffer.transfer(0);
}

function keep(spare: ArrayBuffer): void {
  spares.push(spare);
  if (!isWatched) watch();
}

function watch(): void {
  isWatched = true;
  unwanted = spares.length;
  const look = () => {
    for (const spare of spares.splice(0, unwanted)) spare.transfer(0);
    isWatched = false;
    if (spares.length > 0) watch();
  };
  setTimeout(look, IDLE_TIME).unref();
}
