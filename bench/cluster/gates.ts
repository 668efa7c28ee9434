import { API_VERSION, KIND } from '../../src/api/names.ts';
import { type TcpGate, tcpGate } from '../../src/api/tcpgate.ts';
import type { Kube } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Resource } from '../../src/kube/resource.ts';
import { childLabels, childName } from '../../src/operator/desired/common.ts';
import { desiredDeployment } from '../../src/operator/desired/deployment.ts';
import { CHILDREN, PODS, TCP_GATES } from '../../src/operator/resources.ts';
import type { ProxySettings } from './operatorProcess.ts';
import { inParallel } from './parallel.ts';

const NAMESPACES: Resource<KubeObject> = { group: '', version: 'v1', plural: 'namespaces' };
const MANAGER = 'chaosgate-bench';

/** Nobody schedules it, so that no kubelet runs it. */
const NO_SCHEDULER = 'chaosgate-bench';

/** Kubernetes promises to be quick with no more than 2,000 Deployments in one (its scalability thresholds). */
const GATES_PER_NAMESPACE = 1_000;

/** The names of as many namespaces as so many gates need. */
export function namespacesFor(count: number): readonly string[] {
  const name = `bench-${count}-${Date.now().toString(36)}`;
  return Array.from({ length: Math.ceil(count / GATES_PER_NAMESPACE) }, (_, n) => `${name}-${n}`);
}

/** Gates in new namespaces, which nothing runs yet. */
export async function createGates(
  kube: Kube,
  namespaces: readonly string[],
  count: number,
  upstreamPort: number,
): Promise<TcpGate[]> {
  for (const name of namespaces) {
    await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const gates: TcpGate[] = [];
  await inParallel([...Array(count).keys()], async (index) => {
    const namespace = namespaces[Math.floor(index / GATES_PER_NAMESPACE)] ?? '';
    const created = await kube.create(TCP_GATES, {
      apiVersion: API_VERSION,
      kind: KIND,
      metadata: { name: `gate-${index}`, namespace },
      spec: { upstream: { host: '127.0.0.1', port: upstreamPort } },
    } as KubeObject);
    gates.push(tcpGate.parse(created));
  });
  return gates;
}

/**
 * Each gate's Deployment, as the operator will want it but paused: its controller makes no pod of it. A kubelet for so
 * many pods does not fit on a machine.
 */
export async function createPausedDeployments(
  kube: Kube,
  gates: readonly TcpGate[],
  proxy: ProxySettings,
): Promise<void> {
  await inParallel(gates, (gate) => {
    const deployment = desiredDeployment(gate, proxy);
    const paused = { ...deployment, spec: { ...deployment.spec, paused: true } };
    return kube.create(CHILDREN.Deployment as Resource<KubeObject>, paused as KubeObject);
  });
}

/** A pod for each gate, which runs and is ready at that address, as its kubelet would report it. */
export async function createPods(
  kube: Kube,
  gates: readonly TcpGate[],
  addressOf: (gate: TcpGate) => string,
): Promise<void> {
  await inParallel(gates, async (gate) => {
    const { namespace } = gate.metadata;
    const metadata = { name: `${childName(gate)}-0`, namespace, labels: childLabels(gate) };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata };
    await kube.create(PODS, {
      ...pod,
      spec: {
        schedulerName: NO_SCHEDULER,
        automountServiceAccountToken: false,
        containers: [{ name: 'proxy', image: 'none' }],
      },
    } as KubeObject);
    const podIP = addressOf(gate);
    const running = { running: { startedAt: new Date().toISOString() } };
    const status = {
      phase: 'Running',
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: 'proxy',
          image: 'none',
          imageID: '',
          ready: true,
          restartCount: 0,
          started: true,
          state: running,
        },
      ],
    };
    await kube.replaceStatus(PODS, pod.metadata, status, { fieldManager: MANAGER });
  });
}

export async function deleteNamespaces(kube: Kube, names: readonly string[]): Promise<void> {
  for (const name of names) await kube.delete(NAMESPACES, { name });
}
