import type { Kube } from '../kube/client.ts';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { Reflector } from '../kube/reflector.ts';
import type { Resource } from '../kube/resource.ts';

/** Name of the ConfigMap that stops the faults of all gates, or of those of a namespace. */
export const LEVER = 'chaosgate-lever';

/** The fields of a core/v1 ConfigMap that are read. */
export interface LeverObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export const LEVERS: Resource<LeverObject> = { group: '', version: 'v1', plural: 'configmaps' };

/** What it says when it is engaged. */
export const ENGAGED = { key: 'faults', value: 'suspended' } as const;

/** Characters of the reason that are told. */
const REASON_LIMIT = 256;

export interface LeverChange {
  readonly isEngaged: boolean;
  /** The ConfigMap. */
  readonly metadata: ObjectMeta;
  /** Why, in the words of who has engaged it; empty when nobody says. */
  readonly reason: string;
}

export interface LeverOptions {
  readonly kube: Pick<Kube, 'list' | 'watch'>;
  /** Namespaces to watch; all if empty. */
  readonly namespaces: readonly string[];
  /** The operator's: the lever there is for all gates. */
  readonly ownNamespace: string;
  /** The lever of a namespace was engaged or released. */
  onChange(change: LeverChange): void;
  /** A lever is there that says something else than it can. */
  onInvalid(metadata: ObjectMeta): void;
  onError(error: Error): void;
}

/** Follows the levers of the cluster. */
export class Lever {
  /** Every lever is known that there was at some time after `start`. */
  readonly synced: Promise<void>;
  readonly #options: LeverOptions;
  readonly #reflectors: readonly Reflector<LeverObject>[];
  readonly #engaged = new Map<string, LeverChange>();

  constructor(options: LeverOptions) {
    this.#options = options;
    const { kube, namespaces, ownNamespace, onError } = options;
    const scopes =
      namespaces.length === 0 ? [undefined] : [...new Set([...namespaces, ownNamespace])];
    this.#reflectors = scopes.map(
      (namespace) =>
        new Reflector<LeverObject>({
          kube,
          resource: LEVERS,
          namespace,
          fieldSelector: `metadata.name=${LEVER}`,
          keep: kept,
          onChange: (_, current, previous) => this.#changed(current, previous),
          onError,
        }),
    );
    this.synced = Promise.all(this.#reflectors.map(({ synced }) => synced)).then(() => {});
  }

  start(): void {
    for (const reflector of this.#reflectors) reflector.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.stop()));
  }

  /** Whether the gates of the namespace pass everything. */
  isEngaged(namespace: string): boolean {
    return this.#engaged.has(namespace) || this.#engaged.has(this.#options.ownNamespace);
  }

  /** Those that are engaged. */
  get engaged(): readonly LeverChange[] {
    return [...this.#engaged.values()];
  }

  /** Whether the gates of the namespace depend on the lever of that other one. */
  isFor(lever: ObjectMeta, namespace: string): boolean {
    return lever.namespace === namespace || lever.namespace === this.#options.ownNamespace;
  }

  #changed(current: LeverObject | undefined, previous: LeverObject | undefined): void {
    const { onChange, onInvalid } = this.#options;
    const metadata = (current ?? previous)?.metadata;
    if (metadata === undefined) return;
    const { namespace = '' } = metadata;
    const before = this.#engaged.get(namespace);
    const isEngaged = current?.data?.[ENGAGED.key] === ENGAGED.value;
    const reason = current?.data?.reason ?? '';
    if (isEngaged) this.#engaged.set(namespace, { isEngaged, metadata, reason });
    else this.#engaged.delete(namespace);
    if (isEngaged !== (before !== undefined)) {
      onChange({ isEngaged, metadata, reason: isEngaged ? reason : (before?.reason ?? '') });
    }
    if (current !== undefined && !isEngaged) onInvalid(metadata);
  }
}

/** What is read of it, whatever else somebody writes there. */
function kept({ apiVersion, kind, metadata, data }: LeverObject): LeverObject | undefined {
  const { name, namespace, uid, resourceVersion } = metadata;
  if (name !== LEVER) return undefined;
  const { [ENGAGED.key]: faults = '', reason = '' } = data ?? {};
  return {
    ...{ apiVersion, kind },
    metadata: { name, namespace, uid, resourceVersion } as ObjectMeta,
    data: {
      [ENGAGED.key]: faults.slice(0, ENGAGED.value.length + 1),
      reason: reason.replace(/\p{Cc}+/gu, ' ').slice(0, REASON_LIMIT),
    },
  };
}
