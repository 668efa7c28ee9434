import type { TcpGate } from '../../api/tcpgate.ts';
import { childMetadata, childName, optional, PORTS, selectorLabels } from './common.ts';

/** Who the operator is, and where it runs. */
export interface OperatorPods {
  /** Namespace and name of its Lease. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

/**
 * Anyone may use the gate and read its metrics; only the operator's pods reach the control port. The key
 * guards that port all the same: not every cluster enforces policies.
 */
export function desiredNetworkPolicy(gate: TcpGate, operator: OperatorPods) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMetadata(gate, childName(gate)),
    spec: {
      podSelector: { matchLabels: selectorLabels(gate) },
      policyTypes: ['Ingress'],
      ingress: [
        {
          ports: [
            { protocol: 'TCP', port: PORTS.gate },
            { protocol: 'TCP', port: PORTS.http },
          ],
        },
        {
          ports: [{ protocol: 'TCP', port: PORTS.control }],
          from: [
            {
              namespaceSelector: {
                matchLabels: { 'kubernetes.io/metadata.name': operator.namespace },
              },
              podSelector: optional('matchLabels', operator.labels),
            },
          ],
        },
      ],
    },
  };
}
