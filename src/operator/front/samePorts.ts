import { isDeepStrictEqual } from 'node:util';
import type { ServicePort } from './service.ts';

/** Whether two Services have the same ports, which lead to the same targets. */
export function isSamePorts(
  ports: readonly ServicePort[] = [],
  others: readonly ServicePort[] = [],
): boolean {
  return isDeepStrictEqual(ports.map(essence), others.map(essence));
}

function essence({ name, protocol = 'TCP', port, targetPort = port }: ServicePort) {
  return { name, protocol, port, targetPort };
}
