import type { z } from 'zod';
import { conditionsFrom, type Observation } from '../api/conditions.ts';
import { upstreamText } from '../api/spec.ts';
import { MAX_FAULTS, type TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import { counted, NO_FAULTS } from '../api/text.ts';
import type { Report } from '../control/messages.ts';
import { faultsActiveObservation } from './faultsActive.ts';
import { endTimeText } from './gateRuns.ts';
import {
  type EnsureResult,
  isLive,
  type Problem,
  type ProxyState,
  type RuntimeState,
} from './gateRuntime.ts';
import { inFrontObservations } from './inFront.ts';
import { because, NO_PROXY, NOT_READY } from './trouble.ts';

const UNREACHABLE = `${NO_FAULTS} (unreachable: `;

/** One proxy per gate; a share of the connections each needs a design of its own. */
const DESIRED_PROXIES = 1;

/** What was seen of one gate and of what runs for it, at one moment. */
export interface Observed extends RuntimeState, Omit<EnsureResult, 'error'> {
  readonly gate: TcpGate;
}

/** The status of a gate that is new: kstatus takes an object that says nothing for one that is done. */
export function startingStatus(
  generation: number,
  previous: TcpGateStatus | undefined,
  now: Date,
): TcpGateStatus {
  const starting = { reason: 'Starting', message: 'The operator is setting up the gate' };
  return {
    ...previous,
    observedGeneration: generation,
    conditions: conditionsFrom(
      [
        { type: 'Ready', status: 'Unknown', ...starting },
        { type: 'Programmed', status: 'Unknown', ...starting },
        { type: 'Reconciling', status: 'True', ...starting },
      ],
      [],
      generation,
      now,
    ),
  };
}

/** The status that says what was observed. `previous` gives the conditions their history. */
export function statusOf(
  observed: Observed,
  previous: TcpGateStatus | undefined,
  now: Date,
): TcpGateStatus {
  const { gate } = observed;
  const { proxies } = observed;
  const reports = proxies.flatMap(({ report }) => report ?? []);
  const connections = connectionsOf(proxies, reports, previous);
  const programmed = programmedObservation(observed, connections.active);
  const faultsEndTime = observed.run === undefined ? undefined : endTimeText(observed.run);
  const disconnect = disconnectOf(reports, previous?.disconnect);

  return {
    observedGeneration: gate.metadata.generation,
    ...(observed.reachable && observed.address !== undefined ? { address: observed.address } : {}),
    upstream: upstreamText(gate.spec),
    faults: faultsOf(observed, connections.active, previous),
    ...(faultsEndTime === undefined ? {} : { faultsEndTime }),
    connections,
    proxies: {
      desired: gate.spec.service?.replicas ?? DESIRED_PROXIES,
      ready: proxies.filter(isServing).length,
      programmed: proxies.filter((proxy) => proxy.ready && runs(proxy, gate.metadata.generation))
        .length,
    },
    ...(disconnect === undefined ? {} : { disconnect }),
    conditions: conditionsFrom(
      [
        ...summary(problemOf(observed, programmed, previous), observed.trouble),
        programmed,
        connectedObservation(proxies, reports, connections.active),
        faultsActiveObservation(observed),
        upstreamObservation(reports),
        ...inFrontObservations(observed, previous),
      ],
      previous?.conditions ?? [],
      gate.metadata.generation,
      now,
    ),
  };
}

/** The status of a gate whose spec this operator does not understand; what runs is left as it is. */
export function invalidStatus(
  generation: number,
  error: z.ZodError,
  previous: TcpGateStatus | undefined,
  now: Date,
): TcpGateStatus {
  const message = error.issues
    .map(({ path, message: text }) => `${path.join('.')}: ${text}`)
    .join('; ');
  return {
    ...previous,
    observedGeneration: generation,
    conditions: conditionsFrom(
      summary({ terminal: true, reason: 'InvalidSpec', message }),
      previous?.conditions ?? [],
      generation,
      now,
    ),
  };
}

function isServing({ ready, terminating }: ProxyState): boolean {
  return ready && !terminating;
}

function runs({ report }: ProxyState, generation: number): boolean {
  return (report?.generation ?? 0) >= generation;
}

/** Ready, and kstatus's Reconciling and Stalled, which are there only while they are true. */
function summary(problem: Problem | undefined, trouble?: string): Observation[] {
  if (problem === undefined && trouble !== undefined) {
    const message = `The gate does what its spec says, but a new proxy does not start: ${trouble}`;
    const stuck = { status: 'True', reason: 'RolloutStuck', message } as const;
    return [
      { type: 'Ready', ...stuck },
      { type: 'Reconciling', ...stuck },
    ];
  }
  if (problem === undefined) {
    return [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Serving',
        message: 'The gate does what its spec says',
      },
    ];
  }
  const { terminal, reason, message } = problem;
  return [
    { type: 'Ready', status: 'False', reason, message },
    { type: terminal ? 'Stalled' : 'Reconciling', status: 'True', reason, message },
  ];
}

/** What keeps the gate from doing what its spec says. */
function problemOf(
  observed: Observed,
  programmed: Observation,
  previous: TcpGateStatus | undefined,
): Problem | undefined {
  const { problem, proxies } = observed;
  if (problem !== undefined) return problem;
  if (programmed.status !== 'True') return { terminal: false, ...programmed };
  const overLimit = proxies.flatMap(({ report }) => report?.overLimit ?? [])[0];
  if (overLimit !== undefined) {
    return { terminal: false, reason: 'ConnectionLimit', message: overLimit };
  }
  return notReady(observed) ?? notReached(observed, previous);
}

/** What is in the way of every client that would connect now. */
function unreachable({ problem, reachable, proxies }: Observed): Problem | undefined {
  if (problem !== undefined && (problem.terminal || !reachable)) return problem;
  const listenError = proxies.flatMap(({ report }) => report?.listenError ?? [])[0];
  if (listenError === undefined) return undefined;
  return { terminal: false, reason: 'ListenFailed', message: listenError };
}

function notReady({ proxies, trouble }: Observed): Problem | undefined {
  if (proxies.some(isServing)) return undefined;
  return {
    terminal: false,
    reason: 'ProxyNotReady',
    message: because(NOT_READY, trouble),
  };
}

/**
 * Nothing that a client can reach yet, although a proxy is ready. A gate that was Ready stays so while its Service leads
 * to a proxy: for an operator that was started just now, every endpoint is new.
 */
function notReached(
  { proxies }: Observed,
  previous: TcpGateStatus | undefined,
): Problem | undefined {
  const states = proxies.filter(isServing).flatMap(({ endpoint }) => endpoint ?? []);
  const wasReady = previous?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  if (states.includes('settled') || (states.length > 0 && wasReady === true)) return undefined;
  const message =
    states.length === 0
      ? 'No EndpointSlice of the Service lists a ready proxy'
      : 'The Service leads to a ready proxy; the nodes are being updated';
  return { terminal: false, reason: 'EndpointsNotReady', message };
}

/** What is in force on every connection. Faults are not in force while no client can reach the gate. */
function faultsOf(observed: Observed, active: number, previous: TcpGateStatus | undefined): string {
  const faults = inForce(observed.proxies, previous).slice(0, MAX_FAULTS - UNREACHABLE.length - 1);
  const isMet = active > 0 || (unreachable(observed) ?? notReady(observed)) === undefined;
  return isMet || faults.startsWith(NO_FAULTS) ? faults : `${UNREACHABLE}${faults})`;
}

/** What the proxies run, as far as it can be told. */
function inForce(proxies: readonly ProxyState[], previous: TcpGateStatus | undefined): string {
  const reported = new Set(proxies.flatMap(({ report }) => report?.faults ?? []));
  if (reported.size > 0) return [...reported].join(' | ');
  // An unreachable proxy keeps its faults.
  const { faults = NO_FAULTS } = previous ?? {};
  if (!proxies.some(({ running }) => running)) return NO_FAULTS;
  return faults.startsWith(UNREACHABLE) ? faults.slice(UNREACHABLE.length, -1) : faults;
}

/** Nothing less than an answer of every process that may carry connections will do, and a way to them. */
function programmedObservation(observed: Observed, active: number): Observation {
  const { gate, stored, proxies, trouble } = observed;
  const { generation } = gate.metadata;
  const no = (reason: string, message: string): Observation => ({
    type: 'Programmed',
    status: 'False',
    reason,
    message,
  });

  const problem = unreachable(observed);
  if (problem !== undefined) return no(problem.reason, problem.message);
  const rejected = proxies.flatMap((proxy) => proxy.rejected ?? [])[0];
  if (rejected !== undefined && rejected.generation >= generation) {
    return no('ProxyRejected', rejected.message);
  }
  const live = proxies.filter(isLive);
  if (live.length === 0) return no('NoProxy', because(NO_PROXY, trouble));
  const silent = live.find(({ report }) => report === undefined);
  if (silent?.violation !== undefined) {
    return no(
      'ProxyMisbehaves',
      `The operator closed the connection to the proxy in pod ${silent.name} and retries within a minute: ${silent.violation}`,
    );
  }
  if (silent !== undefined) {
    return no(
      'ProxyUnreachable',
      because(`The proxy in pod ${silent.name} does not respond to the operator`, trouble),
    );
  }
  const ahead = live.find((proxy) => runs(proxy, generation + 1));
  if (ahead !== undefined) {
    return no(
      'ProxyAhead',
      `The proxy in pod ${ahead.name} runs generation ${ahead.report?.generation}, which this gate does not have yet: if this persists, somebody else has its key, so delete the gate and create it again`,
    );
  }
  if (!stored || !live.every((proxy) => runs(proxy, generation))) {
    return no('Programming', `Generation ${generation} is on its way to the proxies`);
  }
  const waiting = active === 0 ? notReady(observed) : undefined;
  if (waiting !== undefined) return no(waiting.reason, waiting.message);
  return {
    type: 'Programmed',
    status: 'True',
    reason: 'Programmed',
    message: `Every open connection runs generation ${generation}`,
  };
}

/** The last disconnect that every proxy ran, and how many connections it closed in all of them. */
function disconnectOf(
  reports: readonly Report[],
  previous: TcpGateStatus['disconnect'],
): TcpGateStatus['disconnect'] {
  const nonces = new Set(reports.map(({ disconnectNonce }) => disconnectNonce));
  const [common] = nonces.size === 1 ? nonces : [];
  const nonce = common ?? previous?.nonce;
  if (nonce === undefined) return undefined;
  const counts = reports.flatMap(({ disconnectNonce, disconnectClosed }) =>
    disconnectNonce === nonce ? (disconnectClosed ?? []) : [],
  );
  // A proxy that was started since has closed none.
  const before = previous?.nonce === nonce ? previous.closed : undefined;
  const closed = counts.length === 0 ? before : Math.max(sum(counts), before ?? 0);
  return closed === undefined ? { nonce } : { nonce, closed };
}

function connectionsOf(
  proxies: readonly ProxyState[],
  reports: readonly Report[],
  previous: TcpGateStatus | undefined,
) {
  // An unreachable proxy still has its connections: the last count is more accurate than 0.
  if (reports.length === 0 && proxies.some(({ running }) => running)) {
    return previous?.connections ?? { active: 0, accepted: 0 };
  }
  return {
    active: sum(reports.map(({ connections }) => connections.active)),
    accepted: sum(reports.map(({ connections }) => connections.accepted)),
  };
}

function connectedObservation(
  proxies: readonly ProxyState[],
  reports: readonly Report[],
  active: number,
): Observation {
  if (reports.length === 0 && proxies.some(({ running }) => running)) {
    return {
      type: 'Connected',
      status: 'Unknown',
      reason: 'ProxyUnreachable',
      message: 'No proxy responds to the operator',
    };
  }
  return active > 0
    ? {
        type: 'Connected',
        status: 'True',
        reason: 'Open',
        message: `At least one connection is open${undecidedNote(reports)}`,
      }
    : {
        type: 'Connected',
        status: 'False',
        reason: 'NoConnection',
        message: 'No connection is open',
      };
}

/** A fault that waits for bytes which do not come looks like a server that does not answer. */
function undecidedNote(reports: readonly Report[]): string {
  const undecided = reports.flatMap((report) => report.undecided ?? []);
  if (undecided.length === 0) return '';
  const connections = sum(undecided.map((one) => one.connections));
  const bytes = sum(undecided.map((one) => one.bytes));
  return `; until more bytes arrive, substitute holds ${counted(bytes, 'byte')} on ${counted(connections, 'connection')} that may begin a match`;
}

function upstreamObservation(reports: readonly Report[]): Observation {
  const failed = reports.find(({ upstream }) => upstream.reachable === false)?.upstream;
  if (failed !== undefined) {
    return {
      type: 'UpstreamReachable',
      status: 'False',
      reason: failed.reason ?? 'Unreachable',
      message: failed.message ?? 'The upstream cannot be reached',
    };
  }
  return reports.some(({ upstream }) => upstream.reachable)
    ? {
        type: 'UpstreamReachable',
        status: 'True',
        reason: 'Connects',
        message: 'The last client was connected to the upstream',
      }
    : {
        type: 'UpstreamReachable',
        status: 'Unknown',
        reason: 'NotTried',
        message: 'No client has tried to connect yet: a gate opens no connections of its own',
      };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
