import { isDeepStrictEqual } from 'node:util';
import { type DirectionConfig, type GateConfig, gateConfig } from './config.ts';
import type { DirectionName } from './directionName.ts';

/** What is in force on one direction of every connection of a gate. */
export interface Rules {
  readonly seed: number;
  readonly config: DirectionConfig;
  /** What faults share among connections (`scope: Gate`), by field. */
  readonly shared: Map<string, unknown>;
}

export type GateRules = Readonly<Record<DirectionName, Rules>>;

/** Of connections that no fault touches. */
export const UNTOUCHED: GateRules = {
  toServer: { seed: 0, config: gateConfig.shape.toServer.parse({}), shared: new Map() },
  toClient: { seed: 0, config: gateConfig.shape.toClient.parse({}), shared: new Map() },
};

/** The rules of a configuration. A direction keeps its object, and the state in it, unless its rules are others. */
export function rulesOf(config: GateConfig, current: GateRules | undefined): GateRules {
  return {
    toServer: next(config.seed, config.toServer, current?.toServer),
    toClient: next(config.seed, config.toClient, current?.toClient),
  };
}

function next(seed: number, config: DirectionConfig, current: Rules | undefined): Rules {
  const isSame = current?.seed === seed && isDeepStrictEqual(current.config, config);
  return isSame ? current : { seed, config, shared: new Map() };
}
