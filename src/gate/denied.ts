import { BlockList, isIPv6 } from 'node:net';
import { canonicalAddress } from './address.ts';

/** Whether a gate may not connect to a port of an IP address, however that is spelt. */
export type IsDenied = (address: string, port: number) => boolean;

/**
 * @param ranges addresses in CIDR notation, such as `169.254.0.0/16` or `fe80::/10`; an address alone is a range of one.
 *   Throws a `RangeError` that names the first one that is neither
 */
export function deniedBy(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) add(list, range);
  return (address) => {
    const canonical = canonicalAddress(address);
    return list.check(canonical, familyOf(canonical));
  };
}

function add(list: BlockList, range: string): void {
  const [address = '', prefix] = range.split('/');
  const family = familyOf(address);
  const longest = family === 'ipv6' ? 128 : 32;
  try {
    if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) throw new Error('No number of bits');
    list.addSubnet(address, prefix === undefined ? longest : Number(prefix), family);
  } catch (cause) {
    const message = `${range} is no range of IP addresses: write it like 169.254.0.0/16 or fe80::/10`;
    throw new RangeError(message, { cause });
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
