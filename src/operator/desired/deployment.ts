import type { TcpGate } from '../../api/tcpgate.ts';
import type { ProxyConfig } from '../config.ts';
import {
  childLabels,
  childMetadata,
  childName,
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
 */
export function desiredDeployment(gate: TcpGate, proxy: ProxyConfig) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(gate, childName(gate)),
    spec: {
      replicas: 1,
      paused: undefined,
      minReadySeconds: undefined,
      selector: { matchLabels: selectorLabels(gate) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: { ...proxy.podLabels, ...childLabels(gate) },
          ...optional('annotations', proxy.podAnnotations),
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
          },
          ...optional(
            'imagePullSecrets',
            proxy.imagePullSecrets.map((name) => ({ name })),
          ),
          ...optional('nodeSelector', proxy.nodeSelector),
          ...optional('tolerations', proxy.tolerations),
          ...optional('affinity', proxy.affinity),
          ...(proxy.priorityClassName === '' ? {} : { priorityClassName: proxy.priorityClassName }),
          containers: [container(gate, proxy)],
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

function container(gate: TcpGate, proxy: ProxyConfig) {
  const { connectionBytes, processBytes } = proxy.buffers;
  const { deniedUpstreams: denied } = proxy;
  const { namespace } = gate.metadata;
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
      `--gate-port=${PORTS.gate}`,
      `--control-port=${PORTS.control}`,
      `--http-port=${PORTS.http}`,
      `--connection-bytes=${connectionBytes}`,
      ...(processBytes === 0 ? [] : [`--process-bytes=${processBytes}`]),
      ...(denied.length === 0 ? [] : [`--denied-upstreams=${denied.join(',')}`]),
    ],
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({
      name,
      containerPort,
      protocol: 'TCP',
    })),
    env: undefined,
    envFrom: undefined,
    lifecycle: undefined,
    startupProbe: undefined,
    readinessProbe: probe('/readyz', { periodSeconds: 2, timeoutSeconds: 1 }),
    livenessProbe: probe('/healthz', { periodSeconds: 10, timeoutSeconds: 5 }),
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
function probe(path: string, times: { periodSeconds: number; timeoutSeconds: number }) {
  return {
    httpGet: { path, port: 'http', scheme: 'HTTP' },
    ...times,
    successThreshold: 1,
    failureThreshold: 3,
  };
}
