import type { Kube } from '../kube/client.ts';
import { type KubeObject, keyOf, type ObjectMeta } from '../kube/objects.ts';
import { Reflector } from '../kube/reflector.ts';
import type { Resource } from '../kube/resource.ts';
import { CHILDREN_SELECTOR, FRONTED_SELECTOR, GATE_LABEL } from './desired/common.ts';
import { type EndpointSlice, keptFrontedSlice, keptSlice } from './endpoints.ts';
import { concernsOperator } from './gateChange.ts';
import { keptGate, keptPod } from './kept.ts';
import { type Pod, type ProxyPod, proxyPod } from './pods.ts';
import { CHILDREN, type ChildKind, ENDPOINT_SLICES, PODS, TCP_GATES } from './resources.ts';

export interface CachesOptions {
  readonly kube: Kube;
  /** Namespaces to watch; all if empty. */
  readonly namespaces: readonly string[];
  /** Whether gates may be put in front of Services. */
  readonly front: boolean;
  /** What is kept of a child; undefined: nothing. */
  keepChild(kind: ChildKind, object: KubeObject): KubeObject | undefined;
  /** A gate, or something that belongs to it, is another one. */
  onGate(key: string): void;
  /** A gate was written, and nothing of it is new but perhaps its status. */
  onStatus(key: string, gate: KubeObject): void;
  /** There is news of a child; `onGate` is called too. */
  onChild(kind: ChildKind, key: string): void;
  /** There is news of where the Service of a gate leads to. */
  onSlice(current: EndpointSlice | undefined, previous: EndpointSlice | undefined): void;
  /** A list or watch failed, and is tried again. */
  onError(error: Error): void;
}

/** The gates of the cluster, their children and their pods, kept up to date by watches. */
export class Caches {
  /** Every cache holds all that there was at some time after `start`. */
  readonly synced: Promise<void>;
  readonly #options: CachesOptions;
  readonly #gates: Reflector<KubeObject>[];
  readonly #children: Record<ChildKind, Reflector<KubeObject>[]>;
  readonly #podReflectors: Reflector<Pod>[];
  readonly #slices: Reflector<EndpointSlice>[];
  readonly #fronted: readonly Reflector<KubeObject>[] = [];
  readonly #pods = new Map<string, Map<string, ProxyPod>>();

  constructor(options: CachesOptions) {
    this.#options = options;
    this.#gates = this.#reflect(TCP_GATES, undefined, keptGate, (key, current, previous) => {
      if (concernsOperator(current, previous)) options.onGate(key);
      else if (current !== undefined) options.onStatus(key, current);
    });
    this.#children = Object.fromEntries(
      Object.entries(CHILDREN).map(([kind, resource]) => [
        kind,
        this.#reflect<KubeObject>(
          resource,
          CHILDREN_SELECTOR,
          (object) => options.keepChild(kind as ChildKind, object),
          (key, current, previous) => {
            options.onChild(kind as ChildKind, key);
            this.#ownerChanged(current ?? previous);
          },
        ),
      ]),
    ) as Record<ChildKind, Reflector<KubeObject>[]>;
    this.#podReflectors = this.#reflect(PODS, GATE_LABEL, keptPod, (_, current, previous) =>
      this.#podChanged(current, previous),
    );
    this.#slices = this.#reflect(
      ENDPOINT_SLICES,
      CHILDREN_SELECTOR,
      keptSlice,
      (_, current, previous) => options.onSlice(current, previous),
    );
    if (options.front) {
      this.#slices.push(
        ...this.#reflect(
          ENDPOINT_SLICES,
          FRONTED_SELECTOR,
          keptFrontedSlice,
          (_, current, previous) => options.onSlice(current, previous),
        ),
      );
      this.#fronted = this.#reflect<KubeObject>(
        CHILDREN.Service,
        FRONTED_SELECTOR,
        keptFronted,
        (_, current, previous) => this.#ownerChanged(current ?? previous),
      );
    }
    this.synced = Promise.all(this.#all.map((reflector) => reflector.synced)).then(() => {});
  }

  start(): void {
    for (const reflector of this.#all) reflector.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((reflector) => reflector.stop()));
  }

  gate(key: string): KubeObject | undefined {
    return first(this.#gates, key);
  }

  gateKeys(): string[] {
    return this.#gates.flatMap((reflector) =>
      reflector.list().map(({ metadata }) => keyOf(metadata)),
    );
  }

  child(kind: ChildKind, key: string): KubeObject | undefined {
    return first(this.#children[kind], key);
  }

  /** The proxy pods of a gate. */
  pods(gateKey: string): readonly ProxyPod[] {
    return [...(this.#pods.get(gateKey)?.values() ?? [])];
  }

  get #all(): Reflector<KubeObject>[] {
    return [
      ...this.#gates,
      ...Object.values(this.#children).flat(),
      ...this.#podReflectors,
      ...this.#slices,
      ...this.#fronted,
    ];
  }

  #reflect<T extends KubeObject>(
    resource: Resource<T>,
    labelSelector: string | undefined,
    keep: (object: T) => T | undefined,
    onChange: (key: string, current: T | undefined, previous: T | undefined) => void,
  ): Reflector<T>[] {
    const { kube, namespaces, onError } = this.#options;
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    return scopes.map(
      (namespace) =>
        new Reflector<T>({ kube, resource, namespace, labelSelector, keep, onChange, onError }),
    );
  }

  #podChanged(current: Pod | undefined, previous: Pod | undefined): void {
    const pod = current ?? previous;
    const gateKey = pod === undefined ? undefined : ownerKey(pod);
    if (pod === undefined || gateKey === undefined) return;
    const pods = this.#pods.get(gateKey) ?? new Map<string, ProxyPod>();
    if (current === undefined) pods.delete(pod.metadata.name);
    else pods.set(pod.metadata.name, proxyPod(current));
    if (pods.size === 0) this.#pods.delete(gateKey);
    else this.#pods.set(gateKey, pods);
    this.#options.onGate(gateKey);
  }

  #ownerChanged(child: KubeObject | undefined): void {
    const gateKey = child === undefined ? undefined : ownerKey(child);
    if (gateKey !== undefined) this.#options.onGate(gateKey);
  }
}

/** Of a Service that a gate is in front of: who acts on it reads it from the API server. */
function keptFronted({ apiVersion, kind, metadata }: KubeObject): KubeObject | undefined {
  const { name, namespace, uid, resourceVersion, labels } = metadata;
  const gate = labels?.[GATE_LABEL];
  if (gate === undefined) return undefined;
  const ids = { name, namespace, uid, resourceVersion } as ObjectMeta;
  return { apiVersion, kind, metadata: { ...ids, labels: { [GATE_LABEL]: gate } } };
}

function ownerKey({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[GATE_LABEL];
  return name === undefined ? undefined : keyOf({ ...metadata, name });
}

function first(reflectors: readonly Reflector<KubeObject>[], key: string): KubeObject | undefined {
  for (const reflector of reflectors) {
    const found = reflector.get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}
