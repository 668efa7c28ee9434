import { gateConfigOf, type RunFields } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import type { GateWithUpstream } from '../api/tcpgate.ts';
import type { Snapshot } from '../control/messages.ts';
import type { StoredSnapshot } from '../control/storedSnapshot.ts';
import type { CurrentRun } from './gateRuns.ts';
import type { Run } from './run.ts';

/** What the proxies of the gate must run. @param isLevered the lever is engaged for the gate */
export function snapshotOf(
  { metadata, spec }: GateWithUpstream,
  status: TcpGateStatus | undefined,
  { number, durationSeconds }: Run,
  isLevered = false,
): Snapshot {
  const nonce = status?.disconnect?.nonce;
  return {
    generation: metadata.generation,
    config: gateConfigOf(spec),
    run: durationSeconds === undefined ? { number } : { number, durationSeconds },
    ...(spec.suspend ? { stop: 'Suspended' } : isLevered ? { stop: 'Lever' } : {}),
    ...(nonce === undefined ? {} : { disconnectedNonce: nonce }),
  };
}

/** The same for a proxy, or an operator, that starts. */
export function storedSnapshotOf(
  snapshot: Snapshot,
  { durationSeconds, suspend, faultsNonce }: RunFields,
  { endTime, hasEnded }: CurrentRun,
): StoredSnapshot {
  return {
    ...snapshot,
    startedFor: {
      suspend,
      ...(durationSeconds === undefined ? {} : { durationSeconds }),
      ...(faultsNonce === undefined ? {} : { faultsNonce }),
    },
    ...(endTime === undefined ? {} : { endTime }),
    ...(hasEnded ? { hasEnded } : {}),
  };
}
