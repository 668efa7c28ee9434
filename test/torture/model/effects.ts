import { type GateConfig, gateConfig } from '../../../src/gate/config.ts';
import type { DirectionName } from '../../../src/gate/directionName.ts';

/** What a gate may do to the bytes of one direction, by its faults. */
export interface Effects {
  readonly loses: boolean;
  readonly corrupts: boolean;
  readonly substitutes: boolean;
}

/** The only substitution of the campaign: one byte for another, so that places stay. */
export const SUBSTITUTION = { pattern: '(?s)[\\x00-\\x03]', replacement: 'Z' } as const;
const HIGHEST_REPLACED = 3;
const REPLACEMENT = 'Z'.charCodeAt(0);

export function isReplaced(byte: number): boolean {
  return byte <= HIGHEST_REPLACED;
}

/** Whether the gate may have made the one of the other. */
export function isSubstitution(sent: number, received: number): boolean {
  return isReplaced(sent) && received === REPLACEMENT;
}

export function effectsOf(config: GateConfig, direction: DirectionName): Effects {
  const { drop, corrupt, substitute } = config[direction];
  return {
    loses: drop !== undefined,
    corrupts: corrupt !== undefined,
    substitutes: substitute !== undefined,
  };
}

/** What is in force of a configuration while its faults are not. */
export function passing(config: GateConfig): GateConfig {
  const { toServer, toClient, newConnections } = gateConfig.parse({ upstream: config.upstream });
  return { ...config, toServer, toClient, newConnections };
}

/** Clients that a campaign never has at once. */
const ENOUGH = 10_000;

/** Whether a client that has just come may be refused or reset. */
export function turnsAway({ newConnections, maxConnections }: GateConfig): boolean {
  return newConnections === 'Refuse' || newConnections === 'Reset' || maxConnections < ENOUGH;
}

/** Whether the gate may close connections that are open. */
export function closes(config: GateConfig): boolean {
  return [config.toServer, config.toClient].some(
    ({ closeOnData, limitTime, limitIdle, limitBytes }) =>
      [closeOnData, limitTime, limitIdle, limitBytes].some((fault) => fault !== undefined),
  );
}
