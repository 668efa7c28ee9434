import { randomUUID } from 'node:crypto';
import { servicePort } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import { hasUpstream, type TcpGate } from '../api/tcpgate.ts';
import type { LinkState } from '../control/link.ts';
import type { StoredSnapshot } from '../control/storedSnapshot.ts';
import type { GateSockets } from '../gate/gateSockets.ts';
import { joinHostPort } from '../gate/hostPort.ts';
import { Resolver } from '../gate/resolver.ts';
import { type CurrentRun, GateRuns } from '../operator/gateRuns.ts';
import type {
  EnsureResult,
  GateRuntime,
  Problem,
  ProxyState,
  RuntimeState,
} from '../operator/gateRuntime.ts';
import { NO_LIMITS, type StoredRun } from '../operator/run.ts';
import { snapshotOf, storedSnapshotOf } from '../operator/snapshot.ts';
import { Gates } from '../proxy/gates.ts';
import type { InForce } from '../proxy/inForce.ts';
import type { ManagedGate } from '../proxy/managedGate.ts';
import { defaultProcessBytes } from '../proxy/memory.ts';
import type { Traffic } from '../proxy/numbers.ts';
import { systemClock } from '../time/clock.ts';
import { forClients } from './addresses.ts';
import { Ports } from './ports.ts';

export interface LocalRuntimeOptions {
  /** Address that the gates listen on. */
  readonly listen: string;
  readonly resolver?: Resolver;
  /** Of all gates. Default: no bound. */
  readonly sockets?: GateSockets;
  /** Memory that the connections of all gates may take. Default: what a proxy without a memory limit gives them. */
  readonly processBytes?: number;
  /** Without it, faults that are there when this process starts begin a run. */
  readonly kept?: KeptRuns | undefined;
  /** A gate has changed. Called often, and synchronously. */
  onChange(key: string): void;
}

/** The runs of gates that outlive this process, by key. */
export interface KeptRuns {
  storedRun(key: string): StoredRun | undefined;
  keepRun(key: string, snapshot: StoredSnapshot): void;
}

/** What is kept of a gate in addition to what `Gates` keeps. */
interface Assignment {
  readonly uid: string;
  /** The port that it should listen on. */
  readonly port: number;
}

/** Bytes that one direction of a connection holds at most: the default of a proxy in a cluster. */
const CONNECTION_BYTES = 16 * 1024 * 1024;

/** In a cluster a pod runs a gate; here this process does, and needs no link. */
const THIS_PROCESS: Omit<ProxyState, 'ready' | 'report'> = {
  name: 'this-process',
  running: true,
  terminating: false,
  rejected: undefined,
  endpoint: 'settled',
};

const DONE: EnsureResult = { stored: true, reachable: true, problem: undefined, error: undefined };

const NOT_IN_A_CLUSTER: Problem = {
  terminal: true,
  reason: 'NotInACluster',
  message:
    'spec.service: there are no Services outside a cluster. Delete the gate, and create it with the host and port of the server in spec.upstream',
};

/** Runs the gates in this process. */
export class LocalRuntime implements GateRuntime {
  readonly #listen: string;
  readonly #kept: KeptRuns | undefined;
  readonly #ports: Ports;
  readonly #gates: Gates;
  readonly #runs = new GateRuns({ clock: systemClock, limits: NO_LIMITS });
  readonly #assignments = new Map<string, Assignment>();

  constructor({
    listen,
    resolver = new Resolver(),
    sockets,
    processBytes = defaultProcessBytes(0),
    kept,
    onChange,
  }: LocalRuntimeOptions) {
    this.#listen = listen;
    this.#kept = kept;
    this.#ports = new Ports({ listen, resolver });
    this.#gates = new Gates({
      host: listen,
      buffers: { connectionBytes: CONNECTION_BYTES, processBytes },
      resolver,
      ...(sockets === undefined ? {} : { sockets }),
      instance: randomUUID(),
      onChange,
    });
  }

  async ensure(
    key: string,
    gate: TcpGate,
    status: TcpGateStatus | undefined,
  ): Promise<EnsureResult> {
    const { uid, generation } = gate.metadata;
    if (this.#assignments.get(key)?.uid !== uid) this.remove(key);
    if (!hasUpstream(gate)) return { ...DONE, reachable: false, problem: NOT_IN_A_CLUSTER };
    const before = this.#gates.get(key);
    if (before?.generation === generation) return DONE;
    const port = await this.#ports.choose(key, gate.spec, portIn(status?.address));
    if (port === undefined) {
      const problem = loop(this.#place(servicePort(gate.spec)));
      return { ...DONE, reachable: false, problem };
    }
    this.#assignments.set(key, { uid, port });
    const running = before ?? this.#gates.add(key, { port });
    const stored = this.#kept?.storedRun(key);
    const run = this.#runs.next(key, gate, { stored, links: [linkOf(running)] });
    const snapshot = snapshotOf(gate, status, run);
    await running.listen(port);
    await running.apply(snapshot, remainingOf(run));
    this.#kept?.keepRun(key, storedSnapshotOf(snapshot, gate.spec, run));
    return DONE;
  }

  observe(key: string): RuntimeState {
    const gate = this.#gates.get(key);
    const assigned = this.#assignments.get(key)?.port;
    if (gate === undefined || assigned === undefined) {
      return { address: undefined, run: undefined, proxies: [], trouble: undefined };
    }
    const { port = assigned, listenError } = gate.state ?? {};
    // Until it gets the new port, a gate keeps listening on its old one; a new gate has none.
    const isListening = listenError === undefined || port !== assigned;
    return {
      address: isListening ? this.#place(port) : undefined,
      proxies: [{ ...THIS_PROCESS, ready: gate.notReady === undefined, report: gate.report() }],
      trouble: undefined,
      run: this.#runs.current(key),
    };
  }

  remove(key: string): void {
    this.#ports.release(key);
    this.#runs.forget(key);
    this.#assignments.delete(key);
    this.#gates.remove(key);
  }

  /** What has passed through the gate so far; undefined when it does not run here. */
  traffic(key: string): Traffic | undefined {
    return this.#gates.traffic(key);
  }

  /** What is in force on every open connection of the gate. */
  inForce(key: string): InForce | undefined {
    return this.#gates.get(key)?.inForce;
  }

  /** Closes all gates in order. */
  close(): Promise<void> {
    return this.#gates.close();
  }

  #place(port: number): string {
    return joinHostPort(forClients(this.#listen), port);
  }
}

/** As if the gate were at the other end of a control connection. */
function linkOf(gate: ManagedGate): LinkState {
  const remaining = gate.remainingMilliseconds();
  const endsAt = remaining === undefined ? undefined : systemClock.monotonic() + remaining;
  return { report: gate.report(), endsAt, rejected: undefined };
}

function remainingOf({ endsAt }: CurrentRun): number | undefined {
  return endsAt === undefined ? undefined : Math.max(0, endsAt - systemClock.monotonic());
}

function portIn(address: string | undefined): number | undefined {
  const port = Number(/:(\d+)$/.exec(address ?? '')?.[1]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

function loop(place: string): Problem {
  return {
    terminal: true,
    reason: 'UpstreamIsGate',
    message: `The gate would connect to itself: ${place} is its upstream too. Set spec.listen.port to another port`,
  };
}
