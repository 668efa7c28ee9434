import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** An address as it stands before a port: `[::1]`, `127.0.0.1`. */
export function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

/** All addresses of the machine, where a client can not connect to "all". */
export function forClients(listen: string): string {
  if (listen === '0.0.0.0') return '127.0.0.1';
  return listen === '::' ? '::1' : listen;
}

/** Whether it is one of this machine's own. */
export function isLocal(address: string): boolean {
  if (isUnspecified(address) || address === '::1' || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((interfaces) =>
    interfaces?.some((each) => each.address === address),
  );
}

/** Whether a connection to `address` comes to who listens on `listen`. */
export function reaches(address: string, listen: string): boolean {
  if (isUnspecified(listen)) return isLocal(address);
  // Whoever connects to "all" gets to loopback.
  if (isUnspecified(address)) return listen === '::1' || listen.startsWith('127.');
  return address === listen;
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
