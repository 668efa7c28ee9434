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
      `The proxy in pod ${silent.name} does not respond to the operator: it keeps its faults and ends them on time`,
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
  NoFaults: 'The spec has no faults',
  Ended:
    'The duration of the faults has ended: set spec.faultsNonce to a new value to restart them',
  Suspended: 'spec.suspend is true: the faults start when it is false again',
  Lever:
    'The lever is engaged: the faults resume when it is released, unless their duration has ended by then',
  Released:
    'The gate is not in front of its Service, and passes everything on connections that are still open',
} as const;

function inactive(reason: keyof typeof WHY): Observation {
  return { type: 'FaultsActive', status: 'False', reason, message: WHY[reason] };
}

/** When the faults end, and what sets that time. */
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
    return `The faults are in force${until}: for ${seconds}, the maximum of this installation, instead of the ${durationSeconds} s of spec.durationSeconds`;
  }
  return `The faults are in force${until}: for ${seconds}, as spec.durationSeconds says`;
}
