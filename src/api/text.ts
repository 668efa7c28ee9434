import type { DirectionConfig, GateConfig } from '../gate/config.ts';
import type { Fault } from '../gate/faults/fault.ts';
import { faults } from '../gate/faults/registry.ts';

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
  return parts.length === 0 ? 'none' : parts.join('; ');
}

function directionText(name: 'toServer' | 'toClient', config: DirectionConfig): string[] {
  const texts = Object.entries(faults as Record<string, Fault>).flatMap(([field, fault]) => {
    const settings = config[field as keyof DirectionConfig];
    return settings === undefined ? [] : fault.describe(settings);
  });
  if (texts.length === 0) return [];
  const share =
    config.connectionsPercent === 100 ? '' : ` (${config.connectionsPercent}% of connections)`;
  return [`${name} ${texts.join(', ')}${share}`];
}
