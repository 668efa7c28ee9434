import type { TcpGate } from '../../api/tcpgate.ts';
import type { ProxyConfig } from '../config.ts';
import { distinct, ownPorts } from '../front/ports.ts';
import {
  childMetadata,
  childName,
  type FrontedService,
  optional,
  PORTS,
  selectorLabels,
} from './common.ts';

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
 *
 * @param fronted of a gate with `service`: whether a client of it would reach the servers, the operator tries
 */
export function desiredNetworkPolicy(
  gate: TcpGate,
  operator: OperatorPods,
  { clients, scrapers }: Omit<ProxyConfig['networkPolicy'], 'enabled'>,
  fronted?: FrontedService,
) {
  const operatorPods = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operator.namespace } },
    podSelector: optional('matchLabels', operator.labels),
  };
  const own = fronted === undefined ? PORTS : ownPorts(fronted.ports);
  const gatePorts =
    fronted === undefined ? [PORTS.gate] : distinct(fronted.ports).map(({ listen }) => listen);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: childMetadata(gate, childName(gate)),
    spec: {
      podSelector: { matchLabels: selectorLabels(gate) },
      policyTypes: ['Ingress'],
      ingress: [
        rule(gatePorts, clients),
        rule([own.http], scrapers),
        rule(fronted === undefined ? [own.control] : [own.control, ...gatePorts], [operatorPods]),
      ],
    },
  };
}

/** Without peers it lets everyone in. */
function rule(ports: readonly number[], peers: readonly object[]) {
  return {
    ports: ports.map((port) => ({ protocol: 'TCP', port })),
    ...(peers.length === 0 ? {} : { from: peers }),
  };
}
