import { lookup } from 'node:dns/promises';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { PSK_TLS } from '../../../src/control/psk.ts';

interface Target {
  readonly host: string;
  readonly port: number;
}

/** What became of a plain connection so far. */
interface Watched {
  readonly socket: Socket;
  received: string;
  /** `open`, `fin`, or the error's code. */
  state: string;
}

const sockets = new Map<string, Watched>();
let probe: Promise<number[][]> = Promise.resolve([]);

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
    const socket = connect({ ...target, allowHalfOpen: true });
    const watched: Watched = { socket, received: '', state: 'connecting' };
    sockets.set(name, watched);
    socket.on('data', (data) => {
      watched.received += data.toString('latin1');
    });
    socket.on('end', () => {
      watched.state = 'fin';
    });
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
    const settled = () =>
      watched.state !== 'open' || (bytes !== undefined && watched.received.length >= bytes);
    while (!settled() && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return { state: watched.state, received: watched.received };
  },

  async tcpClose({ name }: { name: string }) {
    named(name).socket.destroy();
    sockets.delete(name);
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
