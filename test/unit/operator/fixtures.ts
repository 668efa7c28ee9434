import {
  type GateWithUpstream,
  type TcpGate,
  tcpGate,
  withUpstream,
} from '../../../src/api/tcpgate.ts';
import type { LinkState } from '../../../src/control/link.ts';
import type { Report } from '../../../src/control/messages.ts';
import type { EndpointState } from '../../../src/operator/endpoints.ts';
import type { CurrentRun } from '../../../src/operator/gateRuns.ts';
import { proxiesOf } from '../../../src/operator/podRuntime.ts';
import type { ProxyPod } from '../../../src/operator/pods.ts';
import type { Observed } from '../../../src/operator/status.ts';
import { troubleOf } from '../../../src/operator/trouble.ts';

/** A TcpGate `staging/postgres` of generation 3. */
export function aGate(spec: object = {}, metadata: object = {}): GateWithUpstream {
  const upstream = { host: 'postgres-primary', port: 5432, connectTimeoutMilliseconds: 5_000 };
  const gate = parsedGate({ upstream, ...spec }, metadata);
  return withUpstream(gate, gate.spec.upstream ?? upstream);
}

/** A TcpGate `staging/postgres-chaos` in front of the Service `postgres`. */
export function aFrontGate(service: object = {}, spec: object = {}): TcpGate {
  const metadata = { name: 'postgres-chaos', uid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' };
  return parsedGate({ service: { name: 'postgres', ...service }, ...spec }, metadata);
}

function parsedGate(spec: object, metadata: object): TcpGate {
  return tcpGate.parse({
    metadata: {
      name: 'postgres',
      namespace: 'staging',
      uid: 'gate-uid',
      generation: 3,
      resourceVersion: '10',
      ...metadata,
    },
    spec,
  });
}

export function aPod(changes: Partial<ProxyPod> = {}): ProxyPod {
  return {
    uid: 'pod-1',
    name: 'postgres-chaosgate-1',
    ip: '10.0.0.1',
    ready: true,
    running: true,
    terminating: false,
    ports: undefined,
    createdAt: 0,
    trouble: undefined,
    ...changes,
  };
}

function aReport(changes: Partial<Report> = {}): Report {
  return {
    instance: 'a',
    generation: 3,
    faults: 'none',
    connections: { active: 0, accepted: 0 },
    run: { number: 1, state: 'NoFaults' },
    upstream: { reachable: true },
    ...changes,
  };
}

export function heard(changes: Partial<Report> = {}): LinkState {
  return { report: aReport(changes), rejected: undefined };
}

/** The run of a gate without a fault. */
export function aRun(changes: Partial<CurrentRun> = {}): CurrentRun {
  const none = { durationSeconds: undefined, endsAt: undefined, endTime: undefined };
  const hasEnded = false;
  return { number: 1, cause: 'any', hasEnded, ...none, ...changes };
}

/** What was seen, as a test says it: pods, and by their uid what is known of each. */
export interface Seen extends Omit<Observed, 'proxies'> {
  readonly pods: readonly ProxyPod[];
  readonly links: ReadonlyMap<string, LinkState>;
  readonly endpoints: ReadonlyMap<string, EndpointState>;
}

export function observed(changes: Partial<Seen> = {}): Observed {
  const { pods, links, endpoints, trouble, ...seen }: Seen = {
    gate: aGate(),
    address: 'postgres.staging.svc:5432',
    run: aRun(),
    pods: [aPod()],
    links: new Map([['pod-1', heard()]]),
    endpoints: new Map([['pod-1', 'settled']]),
    trouble: undefined,
    problem: undefined,
    stored: true,
    reachable: true,
    ...changes,
  };
  return { ...seen, proxies: proxiesOf(pods, links, endpoints), trouble: troubleOf(pods, trouble) };
}
