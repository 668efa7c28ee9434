import { createHash } from 'node:crypto';
import type { FrontPort } from './ports.ts';

/** Stands for the ports of the gate's pods: another text for other ports. */
export function portsText(ports: readonly FrontPort[]): string {
  const all = ports.map(({ listen, containerPortName }) => [listen, containerPortName]);
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
}
