import type { DirectionConfig, GateConfig } from '../gate/config.ts';
import { faultsOf } from '../gate/faults/configured.ts';
import { MAX_FAULTS } from './status.ts';

/** Why faults that a gate has are not in force. */
export type Stop = 'Ended' | 'Suspended' | 'Lever' | 'Released';

/** What is in force, in one line, such as `none (ended: toClient delay 300ms)`. @param faults as `faultsText` has it */
export function inForceText(faults: string, stop: Stop | undefined): string {
  if (stop === undefined || faults === NO_FAULTS) return faults;
  const start = `${NO_FAULTS} (${stop.toLowerCase()}: `;
  return `${start}${faults.slice(0, MAX_FAULTS - start.length - 1)})`;
}

export const NO_FAULTS = 'none';

/**
 * What a gate does to its connections, in one line: `none`, or for instance
 * `newConnections Refuse; toClient delay 300ms, closeOnData Fin (50% of connections)`.
 */
export function faultsText(
  config: Pick<GateConfig, 'newConnections' | 'toServer' | 'toClient'>,
): string {
  const parts = [
    config.newConnections === 'Accept' ? [] : [`newConnections ${config.newConnections}`],
    directionText('toServer', config.toServer),
    directionText('toClient', config.toClient),
  ].flat();
  return parts.length === 0 ? NO_FAULTS : parts.join('; ');
}

function directionText(name: 'toServer' | 'toClient', config: DirectionConfig): string[] {
  const texts = faultsOf(config).map(({ fault, settings }) => fault.describe(settings));
  if (texts.length === 0) return [];
  const share =
    config.connectionsPercent === 100 ? '' : ` (${config.connectionsPercent}% of connections)`;
  return [`${name} ${texts.join(', ')}${share}`];
}

/** Such as `1 gate`, `2 gates`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
