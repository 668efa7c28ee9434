import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { canonicalAddress, isUnspecified } from '../gate/address.ts';
import { mistakeOfHost } from '../gate/host.ts';
import { hasPort, withoutBrackets } from '../gate/hostPort.ts';

/** The address that is meant by what somebody has typed, as `[::1]`. Throws with a text for people when it is none. */
export function listenAddress(text: string): string {
  const address = withoutBrackets(text.trim());
  // Of this machine, a zone is as good as the rest.
  const why = isIP(address) === 0 ? mistakeOfListen(address) : undefined;
  if (why !== undefined) throw new Error(`Gates cannot listen on "${text}": ${why}`);
  return address;
}

function mistakeOfListen(text: string): string | undefined {
  if (text === '') return 'it is empty. To listen on all addresses, use 0.0.0.0 or ::';
  if (hasPort(text))
    return 'write it without a port, and set the port of a gate in spec.listen.port';
  return mistakeOfHost(text);
}

/** All addresses of the machine, where a client cannot connect to "all". */
export function forClients(listen: string): string {
  if (!isUnspecified(listen)) return listen;
  return canonicalAddress(listen) === '::' ? '::1' : '127.0.0.1';
}

/** Whether it is one of this machine's own. */
export function isLocal(address: string): boolean {
  if (isUnspecified(address) || isLoopback(address)) return true;
  const canonical = canonicalAddress(address);
  return Object.values(networkInterfaces()).some((interfaces) =>
    interfaces?.some((each) => canonicalAddress(each.address) === canonical),
  );
}

/** Whether a connection to `address` comes to who listens on `listen`. */
export function reaches(address: string, listen: string): boolean {
  if (isUnspecified(listen)) return isLocal(address);
  // Anyone who connects to "all" gets to loopback.
  if (isUnspecified(address)) return isLoopback(listen);
  return canonicalAddress(address) === canonicalAddress(listen);
}

function isLoopback(address: string): boolean {
  const canonical = canonicalAddress(address);
  return canonical === '::1' || canonical.startsWith('127.');
}
