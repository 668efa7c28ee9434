import { networkInterfaces } from 'node:os';
import { deniedBy, type IsDenied } from '../gate/denied.ts';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** They mean all addresses, and lead to loopback. */
const UNSPECIFIED = ['0.0.0.0', '::'];

/**
 * What a proxy's gate may not connect to: its process by `ports`, whatever the ranges are, and the ranges. Where loopback
 * is one, so are all other addresses of the proxy's pod: they lead to the same ports.
 *
 * @param ranges in CIDR notation. Throws a `RangeError` for one that is not
 * @param ports those of the proxy that are for the operator, the kubelet and metrics
 */
export function deniedUpstreams(
  ranges: readonly string[],
  ports: readonly number[],
  addresses = ownAddresses(),
): IsDenied {
  const isNamed = deniedBy(ranges);
  const isOwn = deniedBy([...LOOPBACK, ...UNSPECIFIED, ...addresses]);
  const isOwnDenied = isNamed('127.0.0.1');
  return (address, port) =>
    isNamed(address) || ((isOwnDenied || ports.includes(port)) && isOwn(address));
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address);
}
