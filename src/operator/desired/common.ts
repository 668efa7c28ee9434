import { API_VERSION, GROUP, KIND } from '../../api/names.ts';
import type { TcpGate } from '../../api/tcpgate.ts';
import type { FrontPort } from '../front/ports.ts';

/** Who manages the children: label value and server-side apply field manager. */
export const MANAGER = 'chaosgate-operator';

/** On every child; the value is the gate's name. */
export const GATE_LABEL = `${GROUP}/gate`;

/** Selects the children of all gates, for the operator's watches. */
export const CHILDREN_SELECTOR = `app.kubernetes.io/managed-by=${MANAGER}`;

/** Selects the Services that gates are in front of, and their EndpointSlices, which have the labels of their Service. */
export const FRONTED_SELECTOR = `${GATE_LABEL},app.kubernetes.io/managed-by!=${MANAGER}`;

/** Ports of a proxy's container. Above 1023: the process has no privileges. */
export const PORTS = { gate: 10_000, control: 10_001, http: 10_002 } as const;

/** What a child's name has more than the gate's. The Service has the gate's own. */
export const CHILD_SUFFIX = '-chaosgate';

/** Name of a child that is not the Service. */
export function childName(gate: TcpGate): string {
  return `${gate.metadata.name}${CHILD_SUFFIX}`;
}

/** How a gate is called between operator and proxy. */
export function identityOf(gate: TcpGate): string {
  return `${gate.metadata.namespace}/${gate.metadata.name}`;
}

/** What the children of a gate with `service` depend on in addition to the gate. */
export interface FrontedService {
  readonly ports: readonly FrontPort[];
  /** The selector that the Service has without the gate. */
  readonly original: Readonly<Record<string, string>>;
}

/**
 * Pods of the gate, and no other's. Immutable in a Deployment: never put a version in. Those of a gate with `service` have
 * labels of that Service's selector, which may be any but this one.
 */
export function selectorLabels(gate: TcpGate): Record<string, string> {
  if (gate.spec.service !== undefined) return { [GATE_LABEL]: gate.metadata.name };
  return { 'app.kubernetes.io/name': 'chaosgate-proxy', [GATE_LABEL]: gate.metadata.name };
}

export function childLabels(gate: TcpGate): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'chaosgate-proxy',
    [GATE_LABEL]: gate.metadata.name,
    'app.kubernetes.io/component': 'proxy',
    'app.kubernetes.io/part-of': 'chaosgate',
    'app.kubernetes.io/managed-by': MANAGER,
  };
}

/** Metadata of a child: owned by the gate, so that it goes with it. */
export function childMetadata(gate: TcpGate, name: string) {
  return {
    name,
    namespace: gate.metadata.namespace,
    labels: childLabels(gate),
    ownerReferences: [
      {
        apiVersion: API_VERSION,
        kind: KIND,
        name: gate.metadata.name,
        uid: gate.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

/** The API server leaves out what is empty; asking for it again each time would never end. */
export function optional(name: string, value: object): object {
  return Object.keys(value).length === 0 ? {} : { [name]: value };
}
