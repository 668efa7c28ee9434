import type { TcpGate } from '../../api/tcpgate.ts';
import type { ProxyConfig } from '../config.ts';
import { FRONT_PORTS_ANNOTATION, frontPodLabels } from '../front/names.ts';
import { distinct, ownPorts, privilegedFrom } from '../front/ports.ts';
import { portsText } from '../front/portsText.ts';
import {
  childLabels,
  childMetadata,
  childName,
  type FrontedService,
  GATE_LABEL,
  optional,
  PORTS,
  selectorLabels,
} from './common.ts';

/** The image's user, see Dockerfile; the group may read the mounted Secret. */
const USER = 65_532;

const MOUNTED = '/etc/chaosgate/gate';
const STATE = '/var/lib/chaosgate';

/** Seconds: the proxy's own limit for open connections, and time to leave in order. */
const TERMINATION_GRACE = 10;

/**
 * The process that carries the gate's bytes. Depends on nothing that can be patched in a gate, so that no
 * fault ever restarts a pod.
 *
 * @param fronted of a gate with `service`
 */
export function desiredDeployment(gate: TcpGate, proxy: ProxyConfig, fronted?: FrontedService) {
  const ports = fronted === undefined ? OWN_SERVICE : portsOf(fronted);
  const annotations =
    fronted === undefined ? {} : { [FRONT_PORTS_ANNOTATION]: portsText(fronted.ports) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(gate, childName(gate)),
    spec: {
      replicas: gate.spec.service?.replicas ?? 1,
      paused: undefined,
      minReadySeconds: undefined,
      selector: { matchLabels: selectorLabels(gate) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: {
            ...proxy.podLabels,
            ...(fronted === undefined ? childLabels(gate) : frontPodLabels(gate, fronted.original)),
          },
          ...optional('annotations', { ...proxy.podAnnotations, ...annotations }),
        },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          hostNetwork: undefined,
          hostPID: undefined,
          hostIPC: undefined,
          dnsPolicy: 'ClusterFirst',
          terminationGracePeriodSeconds: TERMINATION_GRACE,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER,
            runAsGroup: USER,
            fsGroup: USER,
            seccompProfile: { type: 'RuntimeDefault' },
            ...ports.podSecurity,
          },
          ...optional(
            'imagePullSecrets',
            proxy.imagePullSecrets.map((name) => ({ name })),
          ),
          ...optional('nodeSelector', proxy.nodeSelector),
          ...optional('tolerations', proxy.tolerations),
          ...optional('affinity', proxy.affinity),
          ...(proxy.priorityClassName === '' ? {} : { priorityClassName: proxy.priorityClassName }),
          ...(fronted === undefined ? {} : { topologySpreadConstraints: [overNodes(gate)] }),
          containers: [container(gate, proxy, ports)],
          volumes: [
            { name: 'gate', secret: { secretName: childName(gate), defaultMode: 0o440 } },
            // A snapshot and its successor are a megabyte each at most.
            { name: 'state', emptyDir: { sizeLimit: '16Mi' } },
          ],
        },
      },
    },
  };
}

/** The ports of a gate's pod. */
interface PodPorts {
  /** Undefined: the snapshot says on which ports the gate listens. */
  readonly gate: number | undefined;
  readonly control: number;
  readonly http: number;
  /** As the container declares them. */
  readonly declared: readonly { readonly name?: string; readonly containerPort: number }[];
  /** What the pod's security context has for them. */
  readonly podSecurity: object;
}

const OWN_SERVICE: PodPorts = {
  ...PORTS,
  declared: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort })),
  podSecurity: {},
};

/** Names are left to the Service's targets. */
function portsOf({ ports }: FrontedService): PodPorts {
  const { control, http } = ownPorts(ports);
  const served = distinct(ports).map(({ containerPortName: name, listen: containerPort }) =>
    name === undefined ? { containerPort } : { name, containerPort },
  );
  const from = privilegedFrom(ports);
  return {
    gate: undefined,
    control,
    http,
    declared: [...served, { containerPort: control }, { containerPort: http }],
    // One of the few that Pod Security "restricted" allows.
    podSecurity:
      from === undefined
        ? {}
        : { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: String(from) }] },
  };
}

/** A node that fails takes one pod with it; where there is one node, all run there. */
function overNodes(gate: TcpGate) {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { [GATE_LABEL]: gate.metadata.name } },
    matchLabelKeys: ['pod-template-hash'],
  };
}

function container(gate: TcpGate, proxy: ProxyConfig, ports: PodPorts) {
  const { connectionBytes, processBytes } = proxy.buffers;
  const { deniedUpstreams: denied } = proxy;
  const { namespace } = gate.metadata;
  const httpPort = ports.gate === undefined ? ports.http : 'http';
  const own = proxy.resourcesByNamespace;
  const resources = (Object.hasOwn(own, namespace) && own[namespace]) || proxy.resources;
  return {
    name: 'proxy',
    image: proxy.image,
    imagePullPolicy: proxy.imagePullPolicy,
    command: undefined,
    args: [
      'proxy',
      `--mounted=${MOUNTED}`,
      `--state=${STATE}`,
      ...(ports.gate === undefined ? [] : [`--gate-port=${ports.gate}`]),
      `--control-port=${ports.control}`,
      `--http-port=${ports.http}`,
      `--connection-bytes=${connectionBytes}`,
      ...(processBytes === 0 ? [] : [`--process-bytes=${processBytes}`]),
      ...(denied.length === 0 ? [] : [`--denied-upstreams=${denied.join(',')}`]),
    ],
    ports: ports.declared.map((port) => ({ ...port, protocol: 'TCP' })),
    env: undefined,
    envFrom: undefined,
    lifecycle: undefined,
    startupProbe: undefined,
    readinessProbe: probe('/readyz', httpPort, { periodSeconds: 2, timeoutSeconds: 1 }),
    livenessProbe: probe('/healthz', httpPort, { periodSeconds: 10, timeoutSeconds: 5 }),
    ...optional('resources', resources),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'gate', mountPath: MOUNTED, readOnly: true },
      { name: 'state', mountPath: STATE },
    ],
  };
}

/** Never of the gate's port: Refuse must not take the pod out of its Service. */
function probe(
  path: string,
  port: number | string,
  times: { periodSeconds: number; timeoutSeconds: number },
) {
  return {
    httpGet: { path, port, scheme: 'HTTP' },
    ...times,
    successThreshold: 1,
    failureThreshold: 3,
  };
}
