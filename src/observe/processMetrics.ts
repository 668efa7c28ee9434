import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { version } from './version.ts';

/** The numbers of the process itself. Once in a process: they watch its event loop and its garbage collector. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'chaosgate_build_info',
    help: 'Always 1; what runs is in the labels.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
}
