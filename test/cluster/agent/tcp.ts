import { lookup } from 'node:dns/promises';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { PSK_TLS } from '../../../src/control/psk.ts';

interface Target {
  readonly host: string;
  readonly port: number;
}

/** State of a plain connection so far. */
interface Watched {
  readonly socket: Socket;
  received: string;
  /** Lengths of the reads. */
  reads: number[];
  /** `open`, `fin`, or the error's code. */
  state: string;
}

const sockets = new Map<string, Watched>();
/** What has come to `tcpListen`. */
const accepted: Watched[] = [];
let probe: Promise<number[][]> = Promise.resolve([]);

/** Bytes of one write of `tcpFill`, and milliseconds after which nothing more is going to be taken. */
const FILL = 65_536;
const QUIET = 300;

export const tcpMethods = {
  /** Connects, and says how that went: `open`, or the error's code (`ECONNREFUSED`, `ETIMEDOUT`...). */
  async tcpOpen({
    name,
    target,
    timeoutMs = 5_000,
  }: {
    name: string;
    target: Target;
    timeoutMs?: number;
  }) {
    const socket = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const watched = watch(socket, 'connecting');
    sockets.set(name, watched);
    return new Promise<string>((resolve) => {
      const settle = (state: string) => {
        if (watched.state === 'connecting' || watched.state === 'open') watched.state = state;
        resolve(watched.state);
      };
      socket.on('connect', () => settle('open'));
      socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      setTimeout(
        () => settle(watched.state === 'connecting' ? 'ETIMEDOUT' : watched.state),
        timeoutMs,
      );
    });
  },

  async tcpWrite({ name, text }: { name: string; text: string }) {
    named(name).socket.write(text, 'latin1');
  },

  /** Waits until the state is another than `open` or the received text has that length, at most so long. */
  async tcpWait({ name, bytes, timeoutMs }: { name: string; bytes?: number; timeoutMs: number }) {
    const watched = named(name);
    const deadline = performance.now() + timeoutMs;
    const isDone = () =>
      watched.state !== 'open' || (bytes !== undefined && watched.received.length >= bytes);
    while (!isDone() && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return { state: watched.state, received: watched.received };
  },

  async tcpClose({ name }: { name: string }) {
    named(name).socket.destroy();
    sockets.delete(name);
  },

  /** Forgets what was received so far. */
  async tcpForget({ name }: { name: string }) {
    Object.assign(named(name), { received: '', reads: [] });
  },

  /** How many bytes were received, and the lengths of the first 100 reads. */
  async tcpReads({ name }: { name: string }) {
    const { received, reads } = named(name);
    return { bytes: received.length, lengths: reads.slice(0, 100) };
  },

  /** Writes so many bytes; says how many the system has taken when it takes no more for a while. */
  async tcpFill({ name, bytes }: { name: string; bytes: number }) {
    const { socket } = named(name);
    const before = socket.bytesWritten - socket.writableLength;
    for (let left = bytes; left > 0; left -= FILL) socket.write(Buffer.alloc(Math.min(left, FILL)));
    const taken = () => socket.bytesWritten - socket.writableLength - before;
    for (let last = -1; last !== taken() && taken() < bytes; ) {
      last = taken();
      await new Promise((resolve) => setTimeout(resolve, QUIET));
    }
    return taken();
  },

  /** Takes connections on, and waits for what the test wants of them. */
  async tcpListen({ port }: { port: number }) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      accepted.push(watch(socket, 'open'));
    });
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen(port, resolve);
    });
  },

  /** Gives the connection a name that has received this text and nothing else, when there is one. */
  async tcpAccept({ name, text, timeoutMs }: { name: string; text: string; timeoutMs: number }) {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const found = accepted.find(({ received }) => received === text);
      if (found !== undefined) {
        sockets.set(name, found);
        return tcpMethods.tcpForget({ name });
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`No connection has received ${text}`);
  },

  /** How many connections came so far. */
  async tcpAccepted(_: Record<string, never>) {
    return accepted.length;
  },

  /** From now on, what is received on this connection is sent back. */
  async tcpAnswer({ name }: { name: string }) {
    const { socket } = named(name);
    socket.on('data', (data) => socket.write(data));
  },

  /** Milliseconds that one byte takes there and back, on each of the named connections at once. */
  async tcpRoundTrips({ names, timeoutMs = 10_000 }: { names: string[]; timeoutMs?: number }) {
    return Promise.all(names.map((name) => roundTrip(named(name), timeoutMs)));
  },

  /** Measures `tcpRoundTrips` again and again in the background, for so long; `tcpProbed` waits for the figures. */
  async tcpProbe({ names, forMs, everyMs }: { names: string[]; forMs: number; everyMs: number }) {
    probe = measure(names, forMs, everyMs);
  },

  async tcpProbed(_: Record<string, never>) {
    return probe;
  },

  /**
   * Sends a byte every so often on each connection until one has come back as another one, and tells when: in nanoseconds
   * of the monotonic clock, which all processes of a machine share.
   */
  async tcpChanges({ names, everyMs }: { names: string[]; everyMs: number }) {
    return Promise.all(names.map((name, index) => firstChange(named(name), everyMs, index)));
  },

  /** Serves what it reads on the port, until the process ends. */
  async tcpEcho({ port }: { port: number }) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen(port, resolve);
    });
  },

  /** Tries the control port of a proxy with a key; says what came of it. */
  async controlTry({
    target,
    identity,
    keyBase64,
  }: {
    target: Target;
    identity: string;
    keyBase64: string;
  }) {
    return new Promise<string>((resolve) => {
      const socket = connectTls({
        ...PSK_TLS,
        ...target,
        pskCallback: () => ({ psk: Buffer.from(keyBase64, 'base64'), identity }),
        checkServerIdentity: () => undefined,
      });
      socket.on('data', (data) => resolve(`answered: ${data.toString()}`));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.on('close', () => resolve('closed'));
      setTimeout(() => resolve('silence'), 5_000);
    });
  },

  async resolve({ host }: { host: string }) {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  },
};

const SENT = 0x78;

function firstChange({ socket }: Watched, everyMs: number, index: number): Promise<string> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    // The connections take turns, or all of their bytes would come at once.
    const first = setTimeout(() => {
      timer = setInterval(() => socket.write(Buffer.of(SENT)), everyMs);
    }, index % everyMs);
    const look = (data: Buffer) => {
      if (data.every((byte) => byte === SENT)) return;
      clearTimeout(first);
      clearInterval(timer);
      socket.off('data', look);
      resolve(String(process.hrtime.bigint()));
    };
    socket.on('data', look);
  });
}

function watch(socket: Socket, state: string): Watched {
  const watched: Watched = { socket, received: '', reads: [], state };
  socket.on('data', (data) => {
    watched.received += data.toString('latin1');
    watched.reads.push(data.length);
  });
  socket.on('end', () => {
    watched.state = 'fin';
  });
  socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (watched.state === 'open') watched.state = code ?? message;
  });
  return watched;
}

function named(name: string): Watched {
  const watched = sockets.get(name);
  if (watched === undefined) throw new Error(`No connection ${name}`);
  return watched;
}

async function measure(names: string[], forMs: number, everyMs: number): Promise<number[][]> {
  const figures: number[][] = [];
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    figures.push(await tcpMethods.tcpRoundTrips({ names }));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return figures;
}

async function roundTrip({ socket }: Watched, timeoutMs: number): Promise<number> {
  const start = performance.now();
  return new Promise((resolve) => {
    const done = () => {
      socket.off('data', done);
      clearTimeout(timer);
      resolve(performance.now() - start);
    };
    const timer = setTimeout(done, timeoutMs);
    socket.on('data', done);
    socket.write('x');
  });
}
