/**
 * What the operator does for a gate whose count changes: all of it but the message that brings the count, with
 * `KeptObjects` in place of the API server. Each line, a `CountsRequest`, is answered with the seconds of processor time
 * that its changes took.
 */
import { createInterface } from 'node:readline';
import { API_VERSION, KIND } from '../../src/api/names.ts';
import { ControlServer } from '../../src/control/server.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { Children } from '../../src/operator/children.ts';
import { operatorConfig } from '../../src/operator/config.ts';
import { Contests } from '../../src/operator/contests.ts';
import { GATE_LABEL, PORTS } from '../../src/operator/desired/common.ts';
import { Endpoints } from '../../src/operator/endpoints.ts';
import { GateRuns } from '../../src/operator/gateRuns.ts';
import type { GateRuntime, RuntimeState } from '../../src/operator/gateRuntime.ts';
import { keptChild } from '../../src/operator/kept.ts';
import { Links } from '../../src/operator/links.ts';
import { PodRuntime } from '../../src/operator/podRuntime.ts';
import { Reconciler } from '../../src/operator/reconciler.ts';
import { CHILDREN, type ChildKind, TCP_GATES } from '../../src/operator/resources.ts';
import { StatusWriter } from '../../src/operator/statusWriter.ts';
import { systemClock } from '../../src/time/clock.ts';
import { until } from '../../test/cluster/poll.ts';
import { FIRST_PORT, loopbackGates } from './gates.ts';
import { KeptObjects } from './keptObjects.ts';
import type { CountsAnswer, CountsRequest } from './protocol.ts';

const METADATA = { name: 'gate', namespace: 'bench' };
const KEY = 'bench/gate';
const GATE = {
  apiVersion: API_VERSION,
  kind: KIND,
  metadata: METADATA,
  spec: {
    upstream: { host: '127.0.0.1', port: 9 },
    toServer: { delay: { milliseconds: 1 } },
    toClient: { substitute: [{ pattern: 'yes', replacement: 'no' }] },
  },
};
const POD = {
  ...{ uid: 'pod', name: 'gate-chaosgate-0', ip: '127.32.0.0' },
  ...{ ready: true, running: true, terminating: false, createdAt: 0, trouble: undefined },
  ports: undefined,
};
const SLICE = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'gate-slice', namespace: 'bench', labels: { [GATE_LABEL]: 'gate' } },
  endpoints: [{ targetRef: { kind: 'Pod', uid: POD.uid } }],
};
const OPERATOR = { name: 'bench/operator', namespace: 'bench', labels: { app: 'operator' } };
const PATIENCE = { timeoutMs: 30_000, intervalMs: 10 };

const { proxy, faults } = operatorConfig.parse({ proxy: { image: 'none' } });
const keep = (kind: ChildKind, object: KubeObject) =>
  keptChild(kind, object, { proxy, operator: OPERATOR });
const kube = new KeptObjects((object) => keep(object.kind as ChildKind, object) ?? object);
const links = new Links({ onChange() {}, onReport() {}, onError() {} });
const endpoints = new Endpoints({ settleMilliseconds: 0, clock: systemClock, onChange() {} });
const children = new Children({
  kube,
  keep,
  cached: (kind, key) => kube.find(CHILDREN[kind], key),
  contests: new Contests(systemClock.monotonic),
  onRestored() {},
});
const podRuntime = new PodRuntime({
  ...{ proxy, operator: OPERATOR, clusterDomain: 'cluster.local', children, links, endpoints },
  pods: () => [POD],
  runs: new GateRuns({ clock: systemClock, limits: faults }),
  isLevered: () => false,
  fronts: undefined,
});
const gate = (key: string) => kube.find(TCP_GATES, key);
const statuses = new StatusWriter({ kube, cached: gate, onWritten() {}, onRestored() {} });
const runtime: GateRuntime = {
  ensure: (...of) => podRuntime.ensure(...of),
  observe: (...of) => withCount(podRuntime.observe(...of)),
  remove: (key) => podRuntime.remove(key),
};
const reconciler = new Reconciler({ gate, runtime, statuses });
let accepted = 0;

await start();
for await (const line of createInterface({ input: process.stdin })) {
  const request: CountsRequest = JSON.parse(line);
  // The compiler, and what the way before has left to collect.
  await change(request.way, request.changes / 10);
  const before = process.cpuUsage();
  await change(request.way, request.changes);
  const { user, system } = process.cpuUsage(before);
  const answer: CountsAnswer = { seconds: (user + system) / 1e6 };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** Until the gate is ready, with a proxy that runs it. */
async function start(): Promise<void> {
  await kube.apply(TCP_GATES, GATE);
  await reconciler.reconcile(KEY);
  const { key } = links.key(KEY) ?? {};
  if (key === undefined) throw new Error('The operator has no key for the proxy');
  const hosted = loopbackGates().add(KEY, { port: FIRST_PORT, key });
  const control = new ControlServer({
    gate: (name) => (name === KEY ? hosted : undefined),
    onError() {},
  });
  await control.listen(PORTS.control, POD.ip);
  endpoints.changed(SLICE, undefined);
  await until('the gate is ready', PATIENCE, async () => {
    reconciler.invalidate(KEY);
    await reconciler.reconcile(KEY);
    return isReady();
  });
}

function isReady(): boolean {
  const { status } = gate(KEY) as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

async function change(way: CountsRequest['way'], changes: number): Promise<void> {
  for (let count = 0; count < changes; count += 1) {
    accepted += 1;
    if (way === 'whole') reconciler.invalidate(KEY);
    await reconciler.reconcile(KEY);
  }
}

/** As if the proxy had just reported it. */
function withCount(state: RuntimeState): RuntimeState {
  const connections = { active: 1, accepted };
  const proxies = state.proxies.map(({ report, ...one }) => ({
    ...one,
    report: report === undefined ? undefined : { ...report, connections },
  }));
  return { ...state, proxies };
}
