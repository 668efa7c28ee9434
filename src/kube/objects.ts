/** Metadata of any Kubernetes object, as it is on the wire: times are RFC 3339 strings. */
export interface ObjectMeta {
  readonly name: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  /** Unique over the life of the cluster: a recreated object has another one. */
  readonly uid?: string;
  /** Opaque: compare for equality only. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
}

/** Who wrote fields of an object, and which. */
interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: object;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** What every Kubernetes object has. Objects are raw JSON: fields this program does not know are kept. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** One page of a list. */
export interface KubeList<T extends KubeObject> {
  readonly metadata: {
    /** Where a watch of this list begins. */
    readonly resourceVersion: string;
    /** Present when there are more pages. */
    readonly continue?: string;
  };
  readonly items: readonly T[];
}

/** A page as it was sent. */
export interface KubePage<T extends KubeObject> extends KubeList<T> {
  /** Length of the answer. */
  readonly bytes: number;
}

/**
 * Bytes of one object at most: etcd takes 1.5 MiB (`--max-request-bytes`), and JSON writes some of these bytes with six
 * characters (`\u003c`) and says who manages each field.
 */
export const OBJECT_BYTES = 16 * 1024 * 1024;

/** Names one object of a resource. */
export interface ObjectRef {
  readonly name: string;
  /** Absent for cluster-scoped resources. */
  readonly namespace?: string | undefined;
}

/** `namespace/name`, or `name` alone for a cluster-scoped object: the key of caches and queues. */
export function keyOf({ namespace, name }: ObjectRef): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The namespace in a key of a namespaced object. */
export function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
