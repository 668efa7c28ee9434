import { randomUUID } from 'node:crypto';
import { Resolver } from '../../src/gate/resolver.ts';
import { Gates, type GatesOptions } from '../../src/proxy/gates.ts';
import { GateMetrics } from '../../src/proxy/metrics.ts';
import { BUFFERS } from '../buffers.ts';

/** A port for the first gate of a machine: below those that the kernel chooses from (ip_local_port_range). */
export const FIRST_PORT = 15_000;

/** The gates of one process, on the loopback address. */
export function loopbackGates(
  observer: Pick<GatesOptions, 'onChange' | 'onApplied'> = { onChange: () => {} },
): Gates {
  return new Gates({
    ...observer,
    host: '127.0.0.1',
    buffers: BUFFERS,
    numbers: new GateMetrics(),
    resolver: new Resolver(),
    instance: randomUUID(),
  });
}
