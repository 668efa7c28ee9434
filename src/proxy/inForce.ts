import { faultsText, inForceText, NO_FAULTS, type Stop } from '../api/text.ts';
import type { Report, Snapshot } from '../control/messages.ts';
import { type GateConfig, gateConfig } from '../gate/config.ts';

type RunState = NonNullable<Report['run']>['state'];

/** What a gate runs of a snapshot. */
export interface InForce {
  readonly config: GateConfig;
  readonly state: RunState;
  /** The same in one line, for people. */
  readonly faults: string;
}

const { toServer, toClient } = gateConfig.shape;

/** A patch that lifts every fault makes this of them. */
const PASSING = {
  newConnections: 'Accept',
  toServer: toServer.parse({}),
  toClient: toClient.parse({}),
} as const;

/**
 * What is to be in force of the snapshot. Of several reasons to pass everything, the one that lasts longest is told: a
 * run that has ended does not come back when the lever is released.
 */
export function inForceOf({ config, stop }: Snapshot, isEnded: boolean): InForce {
  const text = faultsText(config);
  const because = isEnded && (stop === undefined || stop === 'Lever') ? 'Ended' : stop;
  return {
    config: because === undefined ? config : { ...config, ...PASSING },
    state: text === NO_FAULTS ? 'NoFaults' : (because ?? 'InForce'),
    faults: inForceText(text, because satisfies Stop | undefined),
  };
}
