import { gateConfigOf, type RunFields } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import type { GateWithUpstream } from '../api/tcpgate.ts';
import type { Snapshot } from '../control/messages.ts';
import type { StoredSnapshot } from '../control/storedSnapshot.ts';
import type { Selector } from './front/handover.ts';
import { type FrontPort, snapshotPorts } from './front/ports.ts';
import type { CurrentRun } from './gateRuns.ts';
import type { Run } from './run.ts';

/** What a gate with `service` runs beside its spec. */
export interface Fronted {
  readonly ports: readonly FrontPort[];
  /** The selector that the Service has without the gate. */
  readonly original: Selector;
  /** false: the gate passes everything. */
  readonly inFront: boolean;
}

/** What the proxies of the gate must run. @param isLevered the lever is engaged for the gate */
export function snapshotOf(
  { metadata, spec }: GateWithUpstream,
  status: TcpGateStatus | undefined,
  { number, durationSeconds }: Run,
  isLevered = false,
  fronted?: Fronted,
): Snapshot {
  const nonce = status?.disconnect?.nonce;
  return {
    generation: metadata.generation,
    config: gateConfigOf(spec),
    run: durationSeconds === undefined ? { number } : { number, durationSeconds },
    ...(fronted === undefined ? {} : { ports: snapshotPorts(fronted.ports) }),
    ...stopOf(spec, isLevered, fronted),
    ...(nonce === undefined ? {} : { disconnectedNonce: nonce }),
  };
}

function stopOf(
  { suspend }: RunFields,
  isLevered: boolean,
  fronted: Fronted | undefined,
): Pick<Snapshot, 'stop'> {
  if (fronted?.inFront === false) return { stop: 'Released' };
  if (suspend) return { stop: 'Suspended' };
  return isLevered ? { stop: 'Lever' } : {};
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
