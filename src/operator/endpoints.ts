import { KeyTimers } from '../kube/keyTimers.ts';
import { type KubeObject, keyOf } from '../kube/objects.ts';
import type { Clock } from '../time/clock.ts';
import { GATE_LABEL } from './desired/common.ts';

/** The fields of a discovery.k8s.io/v1 EndpointSlice that are read. */
export interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly uid?: string };
  }[];
}

/** The label by which the EndpointSlice controller names the Service of a slice. */
const SERVICE_LABEL = 'kubernetes.io/service-name';

/** Pods that are read of one slice at most: a gate has a few. */
const PODS_LIMIT = 32;

/** Longest uid of a pod, in characters, that is read: uids are UUIDs. */
const UID_LIMIT = 64;

/** `listed`: an EndpointSlice has it. `settled`: for long enough that nodes have followed. */
export type EndpointState = 'listed' | 'settled';

/** Of an EndpointSlice, what is read; undefined when it is not of the Service that has its gate's name. */
export function keptSlice(slice: EndpointSlice): EndpointSlice | undefined {
  const { labels } = slice.metadata;
  return labels?.[SERVICE_LABEL] === labels?.[GATE_LABEL] ? keptFrontedSlice(slice) : undefined;
}

/** The same of a slice of a Service that a gate is in front of, whatever its name. */
export function keptFrontedSlice(slice: EndpointSlice): EndpointSlice | undefined {
  const { apiVersion, kind, metadata } = slice;
  const { name, namespace, uid, resourceVersion, labels } = metadata;
  const gate = labels?.[GATE_LABEL];
  if (gate === undefined) return undefined;
  return {
    apiVersion,
    kind,
    metadata: {
      ...{ name, labels: { [GATE_LABEL]: gate } },
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    endpoints: readyPods(slice)
      .slice(0, PODS_LIMIT)
      .map((pod) => ({ targetRef: { kind: 'Pod', uid: pod.slice(0, UID_LIMIT) } })),
  };
}

/** By uid. A slice that does not say whether a pod is ready means that it is (the API's reference). */
function readyPods({ endpoints }: EndpointSlice): string[] {
  return (endpoints ?? []).flatMap(({ conditions, targetRef }) =>
    conditions?.ready !== false && targetRef?.kind === 'Pod' ? (targetRef.uid ?? []) : [],
  );
}

export interface EndpointsOptions {
  /** Milliseconds after which nodes are taken to have followed an EndpointSlice. */
  readonly settleMilliseconds: number;
  readonly clock: Clock;
  /** The state of one of the gate's endpoints is another one. */
  onChange(gate: string): void;
}

/**
 * To which pods the Services of gates lead. The EndpointSlices say so, which kube-proxy follows on each node; nothing in
 * the API tells when it has, so that an endpoint is settled after a time.
 */
export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #timers: KeyTimers;
  /** Ready pods of each slice of each gate. */
  readonly #slices = new Map<string, Map<string, readonly string[]>>();
  /** Since when each pod is listed, in monotonic milliseconds. */
  readonly #since = new Map<string, ReadonlyMap<string, number>>();

  constructor(options: EndpointsOptions) {
    this.#options = options;
    this.#timers = new KeyTimers(options.clock, options.onChange);
  }

  changed(current: EndpointSlice | undefined, previous: EndpointSlice | undefined): void {
    const slice = current ?? previous;
    const name = slice?.metadata.labels?.[GATE_LABEL];
    if (slice === undefined || name === undefined) return;
    const gate = keyOf({ ...slice.metadata, name });
    const slices = this.#slices.get(gate) ?? new Map<string, readonly string[]>();
    if (current === undefined) slices.delete(slice.metadata.name);
    else slices.set(slice.metadata.name, readyPods(current));
    if (slices.size === 0) this.#slices.delete(gate);
    else this.#slices.set(gate, slices);
    this.#listed(gate, new Set([...slices.values()].flat()));
  }

  /** By uid of the pod; none for a pod to which the gate's Service does not lead. */
  states(gate: string): ReadonlyMap<string, EndpointState> {
    const { settleMilliseconds, clock } = this.#options;
    const listedBefore = clock.monotonic() - settleMilliseconds;
    const all = this.#since.get(gate) ?? new Map<string, number>();
    return new Map(
      [...all].map(([pod, since]) => [pod, since <= listedBefore ? 'settled' : 'listed']),
    );
  }

  stop(): void {
    this.#timers.cancelAll();
  }

  #listed(gate: string, pods: ReadonlySet<string>): void {
    const { settleMilliseconds, clock, onChange } = this.#options;
    const before = this.#since.get(gate) ?? new Map<string, number>();
    const now = clock.monotonic();
    const after = new Map([...pods].map((pod) => [pod, before.get(pod) ?? now]));
    const isNew = [...pods].some((pod) => !before.has(pod));
    if (!isNew && after.size === before.size) return;
    if (after.size === 0) this.#since.delete(gate);
    else this.#since.set(gate, after);
    if (isNew) this.#timers.set(gate, settleMilliseconds);
    onChange(gate);
  }
}
