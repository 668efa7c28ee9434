import type { GateWithUpstream, TcpGate } from '../api/tcpgate.ts';
import type { Problem } from './gateRuntime.ts';

/** What clusters are called that nobody has given another name. */
const USUAL_DOMAIN = 'cluster.local';

/** The domain of a cluster's names, from the `/etc/resolv.conf` of one of its pods (Kubernetes, "DNS for Services and Pods"). */
export function clusterDomainOf(resolvConf: string): string {
  const lists = [...resolvConf.matchAll(/^search[ \t]+(.*)$/gm)].map(([, names = '']) => names);
  const names = lists.at(-1)?.split(/\s+/) ?? [];
  const services = names.find((name) => name.startsWith('svc.'));
  return services?.slice('svc.'.length).replace(/\.$/, '') ?? USUAL_DOMAIN;
}

/** Why a gate is not run whose upstream is its own Service; undefined for any other. */
export function ownServiceProblem(
  gate: GateWithUpstream,
  clusterDomain: string,
): Problem | undefined {
  const { host } = gate.spec.upstream;
  if (!isOwnService(gate, host.toLowerCase(), clusterDomain.toLowerCase())) return undefined;
  return {
    terminal: true,
    reason: 'UpstreamIsGate',
    message: `The gate would connect to itself: spec.upstream.host ${host} is the gate's own Service. Set it to the name of the server's Service; if that is ${gate.metadata.name}, delete the gate and create it with another name`,
  };
}

/** By the names that a pod of its namespace can have for it. */
function isOwnService({ metadata }: TcpGate, host: string, clusterDomain: string): boolean {
  const service = `${metadata.name}.${metadata.namespace}.svc`;
  const relative = [metadata.name, `${metadata.name}.${metadata.namespace}`, service];
  const absolute = `${service}.${clusterDomain}`;
  return [...relative, absolute, `${absolute}.`].includes(host);
}
