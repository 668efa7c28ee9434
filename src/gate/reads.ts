import { Socket, type SocketConstructorOpts } from 'node:net';
import type { DuplexOptions } from 'node:stream';
import { free, LARGEST_READ, memory, SMALLEST_READ } from './memory.ts';
import { SOCKET_OPTIONS } from './sockets.ts';

/** Where most reads end up: memory of its own would cost each open connection that much. */
const landing = Buffer.allocUnsafeSlow(LARGEST_READ);

/** Beginnings of `landing`, by their length. */
const landings = new Map<number, Buffer>();

/** Bytes of a read that nobody has an interest in. */
const DISCARDED = 65_536;

/** Bytes that are read before a connection is made: an RST is only seen by those who read. */
const EARLY = SMALLEST_READ;

/**
 * Bytes that the next read may take, at most `LARGEST_READ`. Asked after each read.
 *
 * @param wasFull the last read took as many as it might: there may be more
 */
export type ReadSize = (wasFull: boolean) => number;

type ReadOptions = Pick<SocketConstructorOpts, 'onread'> &
  Pick<DuplexOptions, 'readableHighWaterMark'>;

const readers = new WeakMap<Socket, Reader>();

/** Lets `size` decide how much is read from the socket at once, from the read after the next; undefined ends that. */
export function sizeReads(socket: Socket, size: ReadSize | undefined): void {
  readers.get(socket)?.setSize(size);
}

/**
 * How a socket is read: up to `LARGEST_READ` bytes at once; it is a stream as ever. What comes in bulk is not copied:
 * after a full read the next goes into memory that is handed on as it is, and that the socket keeps until then.
 * `npm run bench -- --only throughput` measures it.
 */
class Reader {
  #socket: Socket | undefined;
  #size: ReadSize | undefined;
  #early = 0;
  #wasFull = false;
  /** Memory that the next read fills; undefined while that goes to where all do. */
  #own: Buffer | undefined;
  /** Something frees it when the socket is closed. */
  #isWatched = false;

  readonly options: ReadOptions = {
    // Else Node reads on into a paused socket, up to 64 KiB.
    readableHighWaterMark: 0,
    onread: {
      buffer: () => this.#prepare(),
      callback: (count, buffer) => this.#take(count, buffer),
    },
  };

  attach(socket: Socket): void {
    this.#socket = socket;
    readers.set(socket, this);
  }

  setSize(size: ReadSize | undefined): void {
    this.#size = size;
  }

  #prepare(): Uint8Array {
    const bytes = this.#nextSize();
    // What only just fills the largest read is worth no memory of its own: it comes a second time or not at all.
    const isBulk = bytes === LARGEST_READ && this.#wasFull;
    if (!isBulk) return landingOf(bytes);
    this.#own = memory(bytes);
    this.#watch();
    return this.#own;
  }

  #nextSize(): number {
    if (this.#size !== undefined) return this.#size(this.#wasFull);
    return this.#socket?.readableFlowing === true ? DISCARDED : SMALLEST_READ;
  }

  /** @returns whether to read on */
  #take(count: number, buffer: Uint8Array): boolean {
    const socket = this.#socket;
    if (socket === undefined) return false;
    const own = this.#own;
    this.#own = undefined;
    this.#wasFull = count === buffer.length;
    let data = own;
    if (data === undefined || !this.#wasFull) {
      data = memory(count);
      data.set(buffer.subarray(0, count));
      if (own !== undefined) free(own);
    }
    const isWanted = socket.push(data);
    if (this.#size !== undefined || socket.readableFlowing === true) return isWanted;
    this.#early += count;
    return this.#early < EARLY;
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#socket?.once('close', () => {
      if (this.#own !== undefined) free(this.#own);
      this.#own = undefined;
    });
  }
}

function landingOf(bytes: number): Buffer {
  let part = landings.get(bytes);
  if (part === undefined) {
    part = landing.subarray(0, bytes);
    landings.set(bytes, part);
  }
  return part;
}

/** Makes a socket with options that let it read as `sizeReads` tells. */
export function readingSocket(make: (options: ReadOptions) => Socket): Socket {
  const reader = new Reader();
  const socket = make(reader.options);
  reader.attach(socket);
  return socket;
}

/**
 * The same client, paused, in a socket with large reads: a server makes its sockets without. Node has no public way
 * to hand a connection on to another socket; `_handle` is what its own modules do it by.
 */
export function withLargeReads(client: Socket): Socket {
  const owner = client as unknown as { _handle: unknown };
  const handle = owner._handle;
  owner._handle = null;
  // Without a handle it closes nothing, but its server no longer counts it.
  client.destroy();
  const socket = readingSocket(
    (reads) => new Socket({ ...SOCKET_OPTIONS, ...reads, handle } as SocketConstructorOpts),
  );
  return socket.pause();
}
