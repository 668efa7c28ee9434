import type { TcpGate } from '../../api/tcpgate.ts';
import type { Kube } from '../../kube/client.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Problem } from '../gateRuntime.ts';
import { CHILDREN, PODS } from '../resources.ts';
import { type FrontSettings, serviceProblem } from './check.ts';
import type { NetworkPolicy } from './egress.ts';
import { frontPodLabels } from './names.ts';
import { type ServerPod, surroundingsProblem } from './podsCheck.ts';
import { frontPorts } from './ports.ts';
import type { Service } from './service.ts';

export interface CheckOptions {
  readonly kube: Pick<Kube, 'list'>;
  readonly settings: FrontSettings;
  /** Namespaces whose NetworkPolicies may be read; all if empty. */
  readonly namespaces: readonly string[];
}

/** Objects of a list that are looked at. */
const LIMIT = 500;

/** Why the gate may not be put in front of the Service; undefined: it may. Reads what is around the Service once. */
export async function frontProblem(
  gate: TcpGate,
  service: Service,
  { kube, settings, namespaces }: CheckOptions,
): Promise<Problem | undefined> {
  const problem = serviceProblem(gate, service, settings);
  if (problem !== undefined) return problem;
  const { namespace } = gate.metadata;
  const { selector = {}, ports = [] } = service.spec ?? {};
  const labelSelector = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join();
  const scopes = namespaces.length === 0 ? [undefined] : namespaces;
  const [servers, ...policies] = await Promise.all([
    kube.list(PODS as Resource<ServerPod>, { namespace, labelSelector, limit: LIMIT }),
    ...scopes.map((scope) =>
      kube.list(CHILDREN.NetworkPolicy as Resource<NetworkPolicy>, {
        namespace: scope,
        limit: LIMIT,
      }),
    ),
  ]);
  return surroundingsProblem({
    servers: servers.items,
    policies: policies.flatMap(({ items }) => items),
    ports: frontPorts(ports, gate.spec.service?.ports),
    namespace,
    gateLabels: frontPodLabels(gate, selector),
  });
}
