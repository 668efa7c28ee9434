import type { Observation } from '../api/conditions.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import { NO_FAULTS } from '../api/text.ts';
import type { Report } from '../control/messages.ts';
import { endTimeText } from './gateRuns.ts';
import { isLive, type RuntimeState } from './gateRuntime.ts';

type State = NonNullable<Report['run']>['state'];

/** What tells whether a gate's faults are in force. */
interface Watched extends Pick<RuntimeState, 'run' | 'proxies'> {
  readonly gate: TcpGate;
}

/** Whether faults are in force: no less than every proxy has to say that they are not. */
export function faultsActiveObservation(watched: Watched): Observation {
  const { gate, run, proxies } = watched;
  const { generation } = gate.metadata;
  const live = proxies.filter(isLive);
  const silent = live.find(({ report }) => report === undefined);
  if (silent !== undefined) {
    return unknown(
      'ProxyUnreachable',
      `The proxy in pod ${silent.name} does not answer the operator: it keeps the faults that it has, and ends them by itself`,
    );
  }
  const reports = live.flatMap(({ report }) => report ?? []);
  const isInForce = reports.every(
    (report) =>
      report.generation >= generation &&
      (report.run === undefined || report.run.number === run?.number),
  );
  const states = reports.map(
    ({ run: reported, faults }): State =>
      // A proxy of an earlier version ends nothing by itself.
      reported === undefined ? (faults === NO_FAULTS ? 'NoFaults' : 'InForce') : reported.state,
  );
  if (!isInForce || run === undefined || reports.length === 0) {
    return unknown('Programming', `Generation ${generation} is on its way to the proxies`);
  }
  if (states.includes('InForce')) {
    return {
      type: 'FaultsActive',
      status: 'True',
      reason: 'InForce',
      message: untilText(watched),
    };
  }
  return inactive(
    states.find((state) => state !== 'NoFaults' && state !== 'InForce') ?? 'NoFaults',
  );
}

function unknown(reason: string, message: string): Observation {
  return { type: 'FaultsActive', status: 'Unknown', reason, message };
}

const WHY = {
  NoFaults: 'The spec has no fault',
  Ended: 'The time of the faults is up: set spec.faultsNonce to a new value to start them again',
  Suspended: 'spec.suspend is true: the faults start when it is false again',
  Lever:
    'The lever is engaged: the faults are back when it is released, unless their time is up by then',
  Released:
    'The gate is not in front of its Service, and passes everything on connections that are open yet',
} as const;

function inactive(reason: keyof typeof WHY): Observation {
  return { type: 'FaultsActive', status: 'False', reason, message: WHY[reason] };
}

/** Which end the faults have, and who has set it. */
function untilText({ gate, run }: Watched): string {
  const { durationSeconds } = gate.spec;
  if (run?.durationSeconds === undefined)
    return 'The faults are in force until somebody lifts them';
  const end = endTimeText(run);
  const until = end === undefined ? '' : ` until ${end}`;
  const seconds = `${run.durationSeconds} s`;
  if (durationSeconds === undefined) {
    return `The faults are in force${until}: for ${seconds}, the default of this installation, since spec.durationSeconds is not set`;
  }
  if (durationSeconds > run.durationSeconds) {
    return `The faults are in force${until}: for ${seconds}, the longest time that this installation allows, instead of the ${durationSeconds} s of spec.durationSeconds`;
  }
  return `The faults are in force${until}: for ${seconds}, as spec.durationSeconds says`;
}
