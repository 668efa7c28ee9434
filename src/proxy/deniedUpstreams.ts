import { networkInterfaces } from 'node:os';
import { deniedBy, type IsDenied } from '../gate/denied.ts';

/**
 * What a proxy's gate may not connect to. Where loopback is denied, so are all other addresses of the proxy's pod: they
 * lead to the same ports. What stands for all addresses (`0.0.0.0`, `::`) leads to loopback.
 *
 * @param ranges in CIDR notation. Throws a `RangeError` for one that is not
 */
export function deniedUpstreams(ranges: readonly string[], own = ownAddresses()): IsDenied {
  const isNamed = deniedBy(ranges);
  return isNamed('127.0.0.1') ? deniedBy([...ranges, ...own, '0.0.0.0', '::']) : isNamed;
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address);
}
