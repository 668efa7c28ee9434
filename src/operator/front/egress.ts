import { isSelected, keysOf, type LabelSelector } from '../../kube/labelSelector.ts';
import type { KubeObject } from '../../kube/objects.ts';

/** The fields of a networking.k8s.io/v1 NetworkPolicy that say whom pods connect to. */
export interface NetworkPolicy extends KubeObject {
  readonly spec?: {
    /** Absent: `Egress`, too, if there are rules for it. */
    readonly policyTypes?: readonly string[];
    readonly egress?: readonly Rule[];
  };
}

interface Rule {
  /** Absent or empty: all. */
  readonly to?: readonly {
    readonly podSelector?: LabelSelector;
    readonly namespaceSelector?: LabelSelector;
  }[];
  /** Absent or empty: all. */
  readonly ports?: readonly {
    readonly protocol?: string;
    readonly port?: number | string;
    readonly endPort?: number;
  }[];
}

/** A port of a pod. */
export interface Destination {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** undefined: the pod has no port of the name that it is asked for by. */
  readonly port: number | undefined;
  /** As its containers call it. */
  readonly portName: string | undefined;
}

/**
 * Whether a client to which the policy applies may connect to the server, by its labels, and not to the gate. Other
 * policies may let it: nothing tells which of them apply to a client.
 */
export function allowsServersOnly(
  { metadata, spec }: NetworkPolicy,
  { server, gate }: { readonly server: Destination; readonly gate: Destination },
): boolean {
  const { egress: rules = [], policyTypes } = spec ?? {};
  if (policyTypes?.includes('Egress') === false) return false;
  const isAllowed = (one: Destination) =>
    rules.some((rule) => allows(rule, one, metadata.namespace ?? ''));
  return isAllowed(server) && !isAllowed(gate);
}

function allows({ to = [], ports = [] }: Rule, one: Destination, policyNamespace: string): boolean {
  const isPeer =
    to.length === 0 ||
    to.some(({ podSelector, namespaceSelector }) => {
      // A range of addresses: pods have none that anyone could write down.
      if (podSelector === undefined && namespaceSelector === undefined) return false;
      const isNamespace =
        namespaceSelector === undefined
          ? one.namespace === policyNamespace
          : mayBeNamespace(one.namespace, namespaceSelector);
      return isNamespace && isSelected(one.labels, podSelector ?? {});
    });
  return isPeer && (ports.length === 0 || ports.some((port) => isPort(port, one)));
}

/** The label that every namespace has; the operator may not read others. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

function mayBeNamespace(name: string, selector: LabelSelector): boolean {
  const isKnown = keysOf(selector).every((key) => key === NAME_LABEL);
  return !isKnown || isSelected({ [NAME_LABEL]: name }, selector);
}

function isPort(
  { protocol = 'TCP', port, endPort }: NonNullable<Rule['ports']>[number],
  one: Destination,
): boolean {
  if (protocol !== 'TCP') return false;
  if (port === undefined) return true;
  if (typeof port === 'string') return port === one.portName;
  return one.port !== undefined && one.port >= port && one.port <= (endPort ?? port);
}
