import type { Condition, TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import { type CurrentRun, endTimeText } from './gateRuns.ts';
import { ENGAGED, type LeverChange } from './lever.ts';
import { NO_PROXY, NOT_READY } from './trouble.ts';

/** Reasons of Ready that say why there is no proxy, or no new one. */
const TROUBLES = new Set(['NoProxy', 'ProxyNotReady', 'RolloutStuck', 'ChildFailed']);
const STARTING = new Set([NO_PROXY, NOT_READY]);

/** Something worth an Event. The reason is that of the condition which says it. */
export interface EventContent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

/** What happened between two statuses that were written one after the other. */
export function eventsBetween(
  before: TcpGateStatus | undefined,
  after: TcpGateStatus,
): EventContent[] {
  const turned = (type: Condition['type'], status: Condition['status']): Condition | undefined => {
    const is = find(after, type);
    return is?.status === status && find(before, type)?.status !== status ? is : undefined;
  };

  const found: EventContent[] = [];
  if (newlyInForce(before, after)) {
    found.push({ type: 'Normal', reason: 'Programmed', note: `In force: ${after.faults}` });
  }
  const inactive = turned('FaultsActive', 'False');
  const stop = STOPS[inactive?.reason ?? ''];
  if (stop !== undefined) found.push({ type: 'Normal', ...stop(after.faults ?? '') });
  const stalled = turned('Stalled', 'True');
  if (stalled !== undefined) found.push(warning(stalled));
  const trouble = newTrouble(before, after);
  if (trouble !== undefined) found.push(warning(trouble));
  const front = turned('InFront', 'True');
  if (front !== undefined)
    found.push({ type: 'Normal', reason: front.reason, note: front.message });
  const gaveBack = turned('InFront', 'False');
  if (gaveBack?.reason === 'PortsChanged') found.push(warning(gaveBack));
  const lost = turned('UpstreamReachable', 'False');
  if (lost !== undefined) found.push(warning(lost));
  const back = turned('UpstreamReachable', 'True');
  if (back !== undefined && find(before, 'UpstreamReachable')?.status === 'False') {
    found.push({ type: 'Normal', reason: back.reason, note: back.message });
  }
  if (after.disconnect !== undefined && after.disconnect.nonce !== before?.disconnect?.nonce) {
    found.push({ type: 'Normal', reason: 'Disconnected', note: disconnected(after.disconnect) });
  }
  return found;
}

/** Reasons of FaultsActive that are told, with the faults as the status has them; the lever has one Event for all gates. */
const STOPS: Readonly<Record<string, (faults: string) => Omit<EventContent, 'type'>>> = {
  Ended: (faults) => ({
    reason: 'FaultsEnded',
    note: `The duration of the faults has ended: ${faults}`,
  }),
  Suspended: (faults) => ({ reason: 'Suspended', note: `spec.suspend is true: ${faults}` }),
};

/** On its ConfigMap. @param isForAll it is for all gates */
export function leverChanged({ isEngaged, reason }: LeverChange, isForAll: boolean): EventContent {
  const which = isForAll ? 'All gates' : 'The gates of this namespace';
  const why = reason === '' ? '' : ` (${reason})`;
  return isEngaged
    ? { type: 'Warning', reason: 'LeverEngaged', note: `${which} pass everything${why}` }
    : {
        type: 'Normal',
        reason: 'LeverReleased',
        note: `${which} have their faults back for the remaining time${why}`,
      };
}

/** On a ConfigMap that has the name of the lever and does not say what it does. */
export function leverNotEngaged(): EventContent {
  const { key, value } = ENGAGED;
  const note = `The lever is not engaged: set ${key}: ${value} in its data, or delete it`;
  return { type: 'Warning', reason: 'LeverNotEngaged', note };
}

/** An operator that ends faults has found some that were there before it. */
export function faultsGivenAnEnd(run: CurrentRun): EventContent {
  const { durationSeconds } = run;
  const end = endTimeText(run);
  const until = end === undefined ? '' : `, at ${end}`;
  const note = `The faults were set before the operator limited their duration: they end in ${durationSeconds} s${until}, the default of this installation. To change that, set spec.durationSeconds`;
  return { type: 'Warning', reason: 'FaultsGivenAnEnd', note };
}

/** The faults of a gate end sooner than it asks for. */
export function faultsShortened({ spec }: TcpGate, { durationSeconds }: CurrentRun): EventContent {
  const note = `The faults end after ${durationSeconds} s, the maximum of this installation, instead of the ${spec.durationSeconds} s of spec.durationSeconds`;
  return { type: 'Warning', reason: 'FaultsShortened', note };
}

/** A child that somebody else had changed was restored. @param about who had changed what */
export function childRestored(about: string): EventContent {
  return { type: 'Warning', reason: 'ChildChanged', note: `${about}. The operator restored it` };
}

/**
 * Somebody else's status was replaced.
 *
 * @param about who had done what
 * @param isContested it happens again and again
 */
export function statusRestored(about: string, isContested: boolean): EventContent {
  const done = isContested
    ? 'The operator restores it less and less often, until nobody has changed it for 5 minutes'
    : 'The operator restored it';
  return { type: 'Warning', reason: 'StatusChanged', note: `${about}. ${done}` };
}

function disconnected({ nonce, closed }: NonNullable<TcpGateStatus['disconnect']>): string {
  // A proxy of an earlier version does not count.
  const count = closed === undefined ? '' : `${closed} `;
  return `Closed ${count}connection${closed === 1 ? '' : 's'} for nonce ${nonce}`;
}

/** The generation that a programmed gate runs is another one, and it shows in the faults. */
function newlyInForce(before: TcpGateStatus | undefined, after: TcpGateStatus): boolean {
  if (find(after, 'Programmed')?.status !== 'True' || after.faults === before?.faults) return false;
  const [was, is] = [before, after].map((status) => find(status, 'FaultsActive'));
  return (is?.status !== 'False' || is.reason === 'NoFaults') && was?.reason !== 'Lever';
}

/** Another cause than before keeps the gate from its proxy. Without a cause it is on its way. */
function newTrouble(before: TcpGateStatus | undefined, after: TcpGateStatus) {
  const ready = find(after, 'Ready');
  if (ready === undefined || !TROUBLES.has(ready.reason) || STARTING.has(ready.message)) return;
  return find(before, 'Ready')?.message === ready.message ? undefined : ready;
}

function warning({ reason, message }: Condition): EventContent {
  return { type: 'Warning', reason, note: message };
}

function find(status: TcpGateStatus | undefined, type: Condition['type']): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
