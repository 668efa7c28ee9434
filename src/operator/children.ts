import { createHash } from 'node:crypto';
import { GROUP } from '../api/names.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { Kube } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import { type KubeObject, keyOf } from '../kube/objects.ts';
import { covers } from './covers.ts';
import { MANAGER } from './desired/common.ts';
import { ownershipOf } from './ownership.ts';
import { CHILDREN, type ChildKind } from './resources.ts';

/** Hash of what was asked for last: shows a field that is no longer asked for, which `covers` can not. */
const HASH_ANNOTATION = `${GROUP}/desired-hash`;

/** The name that a child must have belongs to an object that the gate does not own. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';

  constructor(child: KubeObject) {
    super(
      `${child.kind} ${child.metadata.name} exists and does not belong to this gate: rename the gate, or delete the ${child.kind}`,
    );
  }
}

/** A child of a deleted gate of the same name is still there; it goes by itself. */
export class PredecessorError extends Error {
  override readonly name = 'PredecessorError';

  constructor(child: KubeObject) {
    super(
      `${child.kind} ${child.metadata.name} of a deleted gate of the same name is being removed`,
    );
  }
}

/** A child that was written, and the version of it in the cache at that time. */
interface Written {
  readonly cachedVersion: string | undefined;
  readonly object: KubeObject;
}

/** Writes the objects that gates own, and nothing that they do not. */
export class Children {
  readonly #kube: Kube;
  readonly #cached: (kind: ChildKind, key: string) => KubeObject | undefined;
  readonly #written = new Map<string, Written>();

  constructor(kube: Kube, cached: (kind: ChildKind, key: string) => KubeObject | undefined) {
    this.#kube = kube;
    this.#cached = cached;
  }

  /** The child as it is now: from the cache, or from the last write while the cache lags behind it. */
  latest(kind: ChildKind, key: string): KubeObject | undefined {
    const cached = this.#cached(kind, key);
    const written = this.#written.get(`${kind} ${key}`);
    return written !== undefined && cached?.metadata.resourceVersion === written.cachedVersion
      ? written.object
      : cached;
  }

  /** The cache has news of the child: it is right again. */
  forget(kind: ChildKind, key: string): void {
    this.#written.delete(`${kind} ${key}`);
  }

  /** Makes the child what is desired. Rejects with `NameTakenError`, `PredecessorError` or the API's error. */
  async ensure(gate: TcpGate, desired: KubeObject): Promise<void> {
    const kind = desired.kind as ChildKind;
    const key = keyOf(desired.metadata);
    const wanted = withHash(desired);
    const known = this.latest(kind, key);
    const live = known ?? (await this.#read(kind, desired));
    if (live !== undefined) {
      refuseOthers(live, kind, gate);
      if (live === known && covers(live, wanted)) return;
    }
    const cachedVersion = this.#cached(kind, key)?.metadata.resourceVersion;
    const object = await this.#kube.apply<KubeObject>(CHILDREN[kind], pinned(wanted, live), {
      fieldManager: MANAGER,
      // Nothing of ours is there yet, so a conflict means that someone else took the name just now.
      force: live !== undefined,
    });
    this.#written.set(`${kind} ${key}`, { cachedVersion, object: { ...object, kind } });
  }

  /** The cache holds only what carries our label; whoever took the name may not. */
  async #read(kind: ChildKind, { metadata }: KubeObject): Promise<KubeObject | undefined> {
    try {
      return await this.#kube.get<KubeObject>(CHILDREN[kind], metadata);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function refuseOthers(live: KubeObject, kind: ChildKind, gate: TcpGate): void {
  const ownership = ownershipOf(live, gate);
  if (ownership === 'foreign') throw new NameTakenError({ ...live, kind });
  if (ownership === 'predecessor') throw new PredecessorError({ ...live, kind });
}

/** With its uid, an apply is refused (409) when the object was replaced in the meantime. */
function pinned(desired: KubeObject, live: KubeObject | undefined): KubeObject {
  const uid = live?.metadata.uid;
  return uid === undefined ? desired : { ...desired, metadata: { ...desired.metadata, uid } };
}

function withHash(desired: KubeObject): KubeObject {
  const hash = createHash('sha256').update(JSON.stringify(desired)).digest('hex').slice(0, 16);
  const annotations = { ...desired.metadata.annotations, [HASH_ANNOTATION]: hash };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}
