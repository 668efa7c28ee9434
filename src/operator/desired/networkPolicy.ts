import type { TcpGate } from '../../api/tcpgate.ts';
import type { ProxyConfig } from '../config.ts';
import { childMetadata, childName, optional, PORTS, selectorLabels } from './common.ts';

/** Who the operator is, and where it runs. */
export interface OperatorPods {
  /** Namespace and name of its Lease. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

/**
 * Who may use the gate and read its metrics is the configuration's to say; only the operator's pods reach the control
 * port. The key guards that port all the same: not every cluster enforces policies.
 */
export function desiredNetworkPolicy(
  gate: TcpGate,
  operator: OperatorPods,
  { clients, scrapers }: Omit<ProxyConfig['networkPolicy'], 'enabled'>,
) {
  const operatorPods = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operator.namespace } },
    podSelector: optional('matchLabels', operator.labels),
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMetadata(gate, childName(gate)),
    spec: {
      podSelector: { matchLabels: selectorLabels(gate) },
      policyTypes: ['Ingress'],
      ingress: [
        rule(PORTS.gate, clients),
        rule(PORTS.http, scrapers),
        rule(PORTS.control, [operatorPods]),
      ],
    },
  };
}

/** Without peers it lets everyone in. */
function rule(port: number, peers: readonly object[]) {
  return {
    ports: [{ protocol: 'TCP', port }],
    ...(peers.length === 0 ? {} : { from: peers }),
  };
}
