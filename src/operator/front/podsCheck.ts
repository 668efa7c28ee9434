import type { KubeObject } from '../../kube/objects.ts';
import { GATE_LABEL } from '../desired/common.ts';
import type { Problem } from '../gateRuntime.ts';
import { allowsServersOnly, type NetworkPolicy } from './egress.ts';
import type { FrontPort } from './ports.ts';

interface Container {
  readonly name: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** The fields of a core/v1 Pod that are read of one that the Service leads to. */
export interface ServerPod extends KubeObject {
  readonly spec?: {
    readonly containers?: readonly Container[];
    /** With a sidecar that is started before the others, and goes on. */
    readonly initContainers?: readonly Container[];
  };
}

/** What is around a Service in front of which a gate is to be put. */
export interface Surroundings {
  /** The pods that the Service leads to, whether ready or not. More than a hundred are as a hundred. */
  readonly servers: readonly ServerPod[];
  /** That may say whom clients connect to. */
  readonly policies: readonly NetworkPolicy[];
  readonly ports: readonly FrontPort[];
  readonly namespace: string;
  /** Labels of the gate's pods. */
  readonly gateLabels: Readonly<Record<string, string>>;
}

/** Pods that are looked at: those of one Service are of a few kinds. */
const SERVERS_LIMIT = 100;

/** Sidecars that speak TLS between pods of a mesh, by the name of their container. */
const MESHES: Readonly<Record<string, string>> = {
  'istio-proxy': 'Istio',
  'linkerd-proxy': 'Linkerd',
};

/** The first thing around the Service that is in the way of a gate; undefined: nothing. */
export function surroundingsProblem(around: Surroundings): Problem | undefined {
  const servers = around.servers.slice(0, SERVERS_LIMIT);
  return meshSidecar(servers) ?? egressPolicy({ ...around, servers });
}

function meshSidecar(servers: readonly ServerPod[]): Problem | undefined {
  for (const { metadata, spec = {} } of servers) {
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    const sidecar = containers.find(({ name }) => Object.hasOwn(MESHES, name));
    if (sidecar !== undefined) {
      return {
        terminal: true,
        reason: 'MeshSidecar',
        message: `Pod ${metadata.name} of the Service has a sidecar of ${MESHES[sidecar.name]} (container ${sidecar.name}), which speaks TLS with the clients' sidecars: a gate would break what it cannot read. Keep the pods of the experiment out of the mesh`,
      };
    }
  }
  return undefined;
}

function egressPolicy({
  servers,
  policies,
  ports,
  namespace,
  gateLabels,
}: Surroundings): Problem | undefined {
  for (const policy of policies) {
    const isInTheWay = servers.some((server) =>
      ports.some((port) =>
        allowsServersOnly(policy, {
          server: { namespace, labels: server.metadata.labels ?? {}, ...serverPort(server, port) },
          gate: {
            namespace,
            labels: gateLabels,
            port: port.listen,
            portName: port.containerPortName,
          },
        }),
      ),
    );
    if (isInTheWay) return egressProblem(policy, gateLabels);
  }
  return undefined;
}

function egressProblem(
  { metadata }: NetworkPolicy,
  gateLabels: Surroundings['gateLabels'],
): Problem {
  const labels = JSON.stringify({ [GATE_LABEL]: gateLabels[GATE_LABEL] });
  return {
    terminal: true,
    reason: 'EgressPolicy',
    message: `NetworkPolicy ${metadata.name} in namespace ${metadata.namespace} lets clients connect to the pods of the Service, and not to those of the gate. Add a rule to its egress that lets them connect to pods with the labels ${labels}`,
  };
}

/** Where a connection to that port of the Service ends up in the pod. */
function serverPort({ spec = {} }: ServerPod, { targetPort }: FrontPort) {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const ports = all.flatMap((container) => container.ports ?? []);
  const known = ports.find(({ name, containerPort }) => [name, containerPort].includes(targetPort));
  const number = typeof targetPort === 'number' ? targetPort : known?.containerPort;
  return { port: number, portName: known?.name };
}
