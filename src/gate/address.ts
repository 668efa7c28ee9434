import { isIP, SocketAddress } from 'node:net';

/**
 * The one spelling of an IP address by which two are compared: short, without a zone, and IPv4 in IPv6
 * (`::ffff:127.0.0.1`, RFC 4291, 2.5.5.2) as IPv4. Anything else is returned as it is.
 */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [plain = address] = address.split('%');
  if (isIP(plain) !== 6) return address;
  const short = new SocketAddress({ address: plain, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(short)?.[1] ?? short;
}

/** Whether it means all addresses of a machine. A connection to it reaches loopback. */
export function isUnspecified(address: string): boolean {
  return ['0.0.0.0', '::'].includes(canonicalAddress(address));
}
