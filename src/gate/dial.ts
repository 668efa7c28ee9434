import { connect, type Socket } from 'node:net';
import type { GateConfig } from './config.ts';
import type { Resolver } from './resolver.ts';
import { SOCKET_OPTIONS } from './sockets.ts';

/** Why an upstream could not be reached. */
export type UpstreamFailure =
  | 'NameNotResolved'
  | 'ConnectionRefused'
  | 'ConnectTimeout'
  | 'Unreachable'
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
 */
export async function dial(
  upstream: GateConfig['upstream'],
  resolver: Resolver,
  signal: AbortSignal,
): Promise<Socket> {
  const { host, port, connectTimeoutMilliseconds: timeout } = upstream;
  const deadline = performance.now() + timeout;
  const addresses = await resolve(host, resolver, timeout, signal);
  let failure = new DialError('NameNotResolved', `${host} has no address`);
  for (const [index, address] of addresses.entries()) {
    const share = (deadline - performance.now()) / (addresses.length - index);
    try {
      return await connectTo(address, port, share, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = dialError(error as NodeJS.ErrnoException, upstream, address);
    }
  }
  throw failure;
}

/** A lookup can not be taken back: past the timeout it goes on without this connection. */
async function resolve(
  host: string,
  resolver: Resolver,
  timeout: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const limit = limitTime(timeout, signal);
  try {
    return await Promise.race([resolver.resolve(host), limit.over]);
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ETIMEDOUT' ? `no answer within ${timeout} ms` : (code ?? message);
    throw new DialError('NameNotResolved', `${host} could not be resolved: ${why}`);
  } finally {
    limit.end();
  }
}

async function connectTo(
  host: string,
  port: number,
  timeout: number,
  signal: AbortSignal,
): Promise<Socket> {
  const limit = limitTime(timeout, signal);
  const socket = connect({ ...SOCKET_OPTIONS, host, port });
  const connected = new Promise<Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    // Stays: until the connection has listeners of its own, an error must not end the process.
    socket.on('error', reject);
  });
  try {
    return await Promise.race([connected, limit.over]);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    limit.end();
  }
}

/** A promise that only ever rejects: with ETIMEDOUT when the time is up, or when the signal aborts. */
function limitTime(milliseconds: number, signal: AbortSignal) {
  let end = () => {};
  const over = new Promise<never>((_, reject) => {
    const timer = setTimeout(
      () => reject(Object.assign(new Error('Timed out'), { code: 'ETIMEDOUT' })),
      Math.max(0, milliseconds),
    );
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  // Whoever races against it may be done first.
  over.catch(() => {});
  return { over, end };
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
    ConnectionRefused: `${target} refused the connection: nothing listens there`,
    ConnectTimeout: `${target} did not answer within ${connectTimeoutMilliseconds} ms`,
    Unreachable: `${target} is not reachable: ${code}`,
    ConnectFailed: `${target} could not be connected to: ${message}`,
  };
  return new DialError(reason, texts[reason]);
}
