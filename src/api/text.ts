import type { DirectionConfig, GateConfig } from '../gate/config.ts';
import { faultsOf } from '../gate/faults/configured.ts';

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
  const texts = faultsOf(config).map(({ fault, settings }) => fault.describe(settings));
  if (texts.length === 0) return [];
  const share =
    config.connectionsPercent === 100 ? '' : ` (${config.connectionsPercent}% of connections)`;
  return [`${name} ${texts.join(', ')}${share}`];
}
