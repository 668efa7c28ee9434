import { connect, isIP, type Socket } from 'node:net';
import type { GateConfig } from './config.ts';
import { readingSocket } from './reads.ts';
import type { Resolver } from './resolver.ts';
import { ignore, SOCKET_OPTIONS } from './sockets.ts';

/** Why an upstream could not be reached. */
export type UpstreamFailure =
  | 'NameNotResolved'
  | 'ConnectionRefused'
  | 'ConnectTimeout'
  | 'Unreachable'
  | 'LoopDetected'
  | 'AddressDenied'
  | 'ConnectFailed';

export class DialError extends Error {
  override readonly name = 'DialError';
  readonly reason: UpstreamFailure;

  constructor(reason: UpstreamFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}

const REASONS: Record<string, UpstreamFailure> = {
  ECONNREFUSED: 'ConnectionRefused',
  ETIMEDOUT: 'ConnectTimeout',
  EHOSTUNREACH: 'Unreachable',
  ENETUNREACH: 'Unreachable',
};

/**
 * Connects to the upstream: resolves its name, then tries every address in turn, each with its share of what
 * is left of the connect timeout. Rejects with `DialError`, or with the signal's reason.
 *
 * @param onAttempt a socket began to connect to that address, in this turn
 */
export async function dial(
  upstream: GateConfig['upstream'],
  resolver: Resolver,
  signal: AbortSignal,
  onAttempt: (socket: Socket, address: string) => void = () => {},
): Promise<Socket> {
  const { port, connectTimeoutMilliseconds: timeout } = upstream;
  const deadline = performance.now() + timeout;
  const addresses = await addressesOf(upstream, resolver, signal);
  let failure: DialError | undefined;
  for (const [index, address] of addresses.entries()) {
    const share = (deadline - performance.now()) / (addresses.length - index);
    try {
      return await connectTo(address, port, share, signal, onAttempt);
    } catch (error) {
      signal.throwIfAborted();
      failure = dialError(error as NodeJS.ErrnoException, upstream, address);
    }
  }
  throw failure;
}

/**
 * The addresses of the upstream that gates may connect to, at least one. A lookup cannot be cancelled: after the connect timeout it continues
 * without this caller. Rejects with `DialError`, or with the signal's reason.
 */
export async function addressesOf(
  { host, port, connectTimeoutMilliseconds: timeout }: GateConfig['upstream'],
  resolver: Resolver,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const addresses = isIP(host) === 0 ? await resolved(host, resolver, timeout, signal) : [host];
  const [first] = addresses;
  if (first === undefined) throw new DialError('NameNotResolved', `${host} has no address`);
  const allowed = addresses.filter((address) => !resolver.isDenied(address, port));
  if (allowed.length > 0) return allowed;
  const target = host === first ? host : `${host} (${first})`;
  throw new DialError(
    'AddressDenied',
    `Gates may not connect to ${target} port ${port}: the proxy itself is there, or the address is in deniedUpstreams of the proxies' configuration`,
  );
}

async function resolved(
  host: string,
  resolver: Resolver,
  timeout: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await limited(timeout, signal, (resolve, reject) => {
      resolver.resolve(host).then(resolve, reject);
    });
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ETIMEDOUT' ? `no answer within ${timeout} ms` : (code ?? message);
    throw new DialError('NameNotResolved', `${host} could not be resolved: ${why}`);
  }
}

async function connectTo(
  host: string,
  port: number,
  timeout: number,
  signal: AbortSignal,
  onAttempt: (socket: Socket, address: string) => void,
): Promise<Socket> {
  const socket = readingSocket((reads) => connect({ ...SOCKET_OPTIONS, ...reads, host, port }));
  // Stays: until the connection has listeners of its own, an error must not end the process.
  socket.on('error', ignore);
  onAttempt(socket, host);
  try {
    return await limited(timeout, signal, (resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        // What it holds on to is a kilobyte for each open connection.
        socket.off('error', reject);
        if (isItself(socket)) reject(REFUSED);
        else resolve(socket);
      });
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Where nothing listens, TCP connects a socket to itself if the port that it was given is the one that it connects to
 * (RFC 9293, 3.5, simultaneous open).
 */
function isItself({ localPort, remotePort, localAddress, remoteAddress }: Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}

const REFUSED = Object.assign(new Error('It was connected to itself'), { code: 'ECONNREFUSED' });

/** Like `new Promise`, but rejects with ETIMEDOUT when the time is up, and with its reason when the signal aborts. */
function limited<T>(
  milliseconds: number,
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const abort = () => fail(signal.reason);
    const timedOut = () => fail(Object.assign(new Error('Timed out'), { code: 'ETIMEDOUT' }));
    // Timers come before sockets in a turn of the event loop. A process that stood still for longer than the timeout
    // hears only after them that it was connected meanwhile.
    const timer = setTimeout(() => setImmediate(timedOut), Math.max(0, milliseconds));
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    start((value) => {
      end();
      resolve(value);
    }, fail);
  });
}

function dialError(
  { code, message }: NodeJS.ErrnoException,
  { host, port, connectTimeoutMilliseconds }: GateConfig['upstream'],
  address: string,
): DialError {
  const reason = REASONS[code ?? ''] ?? 'ConnectFailed';
  const target = host === address ? `${host} port ${port}` : `${host} (${address}) port ${port}`;
  const texts: Record<UpstreamFailure, string> = {
    NameNotResolved: `${host} could not be resolved`,
    AddressDenied: `${target} is an address that gates may not connect to`,
    ConnectionRefused: `${target} refused the connection: nothing listens there`,
    ConnectTimeout: `${target} did not answer within ${connectTimeoutMilliseconds} ms`,
    Unreachable: `${target} is not reachable: ${code}`,
    LoopDetected: `${target} leads back to this gate`,
    ConnectFailed: `${target} could not be connected to: ${message}`,
  };
  return new DialError(reason, texts[reason]);
}
