import { GATE_LABEL } from '../desired/common.ts';
import {
  frontingOf,
  type GateRef,
  leadsTo,
  type ReleaseStep,
  releaseStep,
  type SelectingService,
  type Selector,
} from './handover.ts';
import type { FrontRecord } from './record.ts';

/** What was read of a gate with `service`, and of what it needs, at one moment. Nothing of it is remembered. */
export interface Seen {
  readonly gate: GateRef;
  readonly isDeleted: boolean;
  /** The gate has the finalizer. */
  readonly isHeld: boolean;
  /** `spec.faultsNonce`; empty when there is none. */
  readonly nonce: string;
  readonly record: FrontRecord | undefined;
  /** undefined: there is none of that name. */
  readonly service: SelectingService | undefined;
  readonly origin: Origin | undefined;
  /** Whether the gate may be put in front; undefined: nobody has looked yet. */
  readonly mayFront: boolean | undefined;
  /** A pod of the gate is ready, and all of them have the ports of the Service. */
  readonly areProxiesReady: boolean;
  /** A connection was made through a pod of the gate and the origin Service. */
  readonly isProved: boolean;
  /** An EndpointSlice of the Service may name a pod of the gate yet. */
  readonly isListed: boolean;
  readonly isDrained: boolean;
}

/** The Service that leads to the servers while the fronted one leads to the gate. */
export interface Origin {
  readonly selector: Selector | undefined;
  /** Its ports, and their targets, are those of the fronted Service. */
  readonly hasPorts: boolean;
}

export type Action =
  /** Nothing of the gate is anywhere: its finalizer is not there, or may go. */
  | { readonly do: 'nothing' }
  | { readonly do: 'letGo' }
  | { readonly do: 'check' }
  /** There is no Service, it may not be fronted, or nobody knows its selector. */
  | { readonly do: 'refuse'; readonly why: 'NotFound' | 'Check' | 'Lost' }
  /** Sets the finalizer. */
  | { readonly do: 'hold' }
  | { readonly do: 'record'; readonly record: FrontRecord | undefined }
  | { readonly do: 'await'; readonly what: 'Proxies' | 'Proof' | 'Slices' | 'Drain' }
  /** Puts the gate in front. @param original the selector that the Service has without it */
  | { readonly do: 'switch'; readonly original: Selector }
  | { readonly do: 'release'; readonly step: ReleaseStep; readonly why: ReleaseReason }
  | { readonly do: 'stay'; readonly at: 'InFront' | 'Out' };

type ReleaseReason = 'Deleted' | 'PortsChanged' | 'Reverted';

const REFUSED: Action = { do: 'refuse', why: 'Check' };

/** The next thing to do. What another process of the operator has begun goes on from here. */
export function decide(seen: Seen): Action {
  const { service, gate, origin } = seen;
  if (seen.isDeleted && !seen.isHeld) return { do: 'nothing' };
  if (service === undefined) return missing(seen);
  const step = releaseStep(service, gate, origin?.selector);
  if (step === 'lost') return { do: 'refuse', why: 'Lost' };
  if (seen.isDeleted) return leaving(seen, step);
  if (step === undefined) return untouched(seen, service);
  if (!seen.isHeld) return { do: 'hold' };
  return touched(seen, service, step);
}

function missing({ isDeleted, record }: Seen): Action {
  if (isDeleted) return { do: 'letGo' };
  // One that is made under its name is another Service.
  if (record?.at === 'InFront') return { do: 'record', record: undefined };
  return { do: 'refuse', why: 'NotFound' };
}

function leaving({ isListed, isDrained }: Seen, step: ReleaseStep | undefined): Action {
  if (step !== undefined) return { do: 'release', step, why: 'Deleted' };
  if (isListed) return { do: 'await', what: 'Slices' };
  return isDrained ? { do: 'letGo' } : { do: 'await', what: 'Drain' };
}

/** The Service is marked as the gate's, or has the gate in its selector. */
function touched(seen: Seen, service: SelectingService, step: ReleaseStep): Action {
  const { gate, origin, record } = seen;
  if (step.kind === 'returnOwner') return { do: 'release', step, why: 'PortsChanged' };
  if (!leadsTo(service, gate.uid) || isOut(seen)) {
    // First, so that the gate stays away whatever comes next. A record of before `faultsNonce` changed has marks of then.
    if (record?.at !== 'Out') return { do: 'record', record: { at: 'Out', nonce: seen.nonce } };
    return { do: 'release', step, why: 'Reverted' };
  }
  if (origin?.hasPorts === false) {
    // What was in front of the Service is not taken away by somebody else.
    if (record !== undefined) return { do: 'record', record: undefined };
    return { do: 'release', step, why: 'PortsChanged' };
  }
  const original = frontingOf(service)?.original;
  const isMarked = original !== undefined && service.metadata.labels?.[GATE_LABEL] === gate.name;
  const known = original ?? origin?.selector;
  // Without its marks, nobody else can restore the Service, and the watch does not report its changes.
  if (!isMarked && known !== undefined) return { do: 'switch', original: known };
  const uid = service.metadata.uid ?? '';
  const isRecorded = record?.at === 'InFront' && record.service === uid;
  if (!isRecorded) return { do: 'record', record: { at: 'InFront', service: uid } };
  return { do: 'stay', at: 'InFront' };
}

/** The Service says nothing of the gate. */
function untouched(seen: Seen, service: SelectingService): Action {
  const { record, mayFront, isHeld } = seen;
  if (record?.at === 'InFront' && record.service === service.metadata.uid) {
    return { do: 'record', record: { at: 'Out', nonce: seen.nonce } };
  }
  if (isOut(seen)) return { do: 'stay', at: 'Out' };
  // Another gate's.
  if (frontingOf(service) !== undefined) return mayFront === undefined ? { do: 'check' } : REFUSED;
  if (mayFront === undefined) return { do: 'check' };
  if (!mayFront) return REFUSED;
  if (!isHeld) return { do: 'hold' };
  if (record !== undefined) return { do: 'record', record: undefined };
  if (!seen.areProxiesReady || seen.origin?.hasPorts !== true) {
    return { do: 'await', what: 'Proxies' };
  }
  if (!seen.isProved) return { do: 'await', what: 'Proof' };
  return { do: 'switch', original: service.spec?.selector ?? {} };
}

function isOut({ record, nonce }: Seen): boolean {
  return record?.at === 'Out' && record.nonce === nonce;
}
