import { createHash } from 'node:crypto';
import type { TcpGate } from '../api/tcpgate.ts';
import type { Kube } from '../kube/client.ts';
import { isConflict, isInvalid } from '../kube/errors.ts';
import { find } from '../kube/find.ts';
import { type KubeObject, keyOf, type ObjectMeta } from '../kube/objects.ts';
import { HASH_ANNOTATION } from './annotations.ts';
import type { Contests } from './contests.ts';
import { cutTo } from './cut.ts';
import { MANAGER } from './desired/common.ts';
import { type Difference, differences, operations } from './differences.ts';
import { otherManagers } from './fieldManagers.ts';
import { orphaningGate, orphansRemoval, ownershipOf } from './ownership.ts';
import { CHILDREN, type ChildKind } from './resources.ts';

/** The name that a child must have belongs to an object that the gate does not own. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';

  constructor(child: KubeObject) {
    const named = `${child.kind} ${child.metadata.name}`;
    const orphanedBy = orphaningGate(child);
    super(
      orphanedBy === undefined
        ? `${named} exists and does not belong to this gate: rename the gate, or delete the ${child.kind}`
        : `${named} was left behind by a gate of this name that was deleted with --cascade=orphan: remove the leftovers with ${orphansRemoval(orphanedBy)}`,
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

/** Times that a child is read again because it changed while it was put back. */
const ATTEMPTS = 5;

/** Fields that are named in a message. */
const NAMED_FIELDS = 5;

/** A child that was written, and the version of it in the cache at that time. */
interface Written {
  readonly cachedVersion: string | undefined;
  readonly object: KubeObject;
}

/** How a child is. */
export interface Ensured {
  /** False while it is left as somebody else has changed it: see `contest`. */
  readonly isAsDesired: boolean;
  /** Who keeps changing what of it. */
  readonly contest: string | undefined;
}

/** One child, and what it is to be. */
interface Child {
  readonly kind: ChildKind;
  readonly key: string;
  readonly id: string;
  readonly wanted: KubeObject;
}

export interface ChildrenOptions {
  readonly kube: Pick<Kube, 'get' | 'apply' | 'jsonPatch' | 'mergePatch'>;
  readonly cached: (kind: ChildKind, key: string) => KubeObject | undefined;
  /** What the cache would keep of a child; undefined: nothing. */
  readonly keep: (kind: ChildKind, object: KubeObject) => KubeObject | undefined;
  readonly contests: Contests;
  /** A child that somebody else had changed is as desired again. @param about who had changed what */
  readonly onRestored: (gate: TcpGate, about: string) => void;
}

/** Writes the objects that gates own, and nothing that they do not. */
export class Children {
  readonly #options: ChildrenOptions;
  readonly #written = new Map<string, Written>();
  /** What admission changes in each write, whatever is asked for: a policy of the cluster, and no reason to ask again. */
  readonly #admitted = new Map<string, ReadonlySet<string>>();

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /** The child as it is now: from the cache, or from the last write while the cache lags behind it. */
  latest(kind: ChildKind, key: string): KubeObject | undefined {
    const cached = this.#options.cached(kind, key);
    const written = this.#written.get(idOf(kind, key));
    return written !== undefined && cached?.metadata.resourceVersion === written.cachedVersion
      ? written.object
      : cached;
  }

  /** The cache has news of the child: it is right again. */
  forget(kind: ChildKind, key: string): void {
    this.#written.delete(idOf(kind, key));
  }

  /** The child's gate is gone. */
  remove(kind: ChildKind, key: string): void {
    this.#admitted.delete(idOf(kind, key));
    this.#options.contests.forget(idOf(kind, key));
  }

  /** Whether the gate has the child. Rejects like `ensure`. */
  async isThere(gate: TcpGate, desired: KubeObject): Promise<boolean> {
    const child = childOf(desired);
    const there = this.latest(child.kind, child.key) ?? (await this.#read(child));
    if (there !== undefined) refuseOthers(there, child.kind, gate);
    return there !== undefined;
  }

  /** Makes the child what is desired. Rejects with `NameTakenError`, `PredecessorError` or the API's error. */
  async ensure(gate: TcpGate, desired: KubeObject): Promise<Ensured> {
    const { contests } = this.#options;
    const child = childOf(desired);
    const { kind, key } = child;
    const known = this.latest(kind, key);
    if (known !== undefined) refuseOthers(known, kind, gate);
    const isRight = known !== undefined && this.#unwanted(child, known).length === 0;
    if (!isRight) {
      if (known !== undefined && isOfBefore(child, known)) await this.#write(child, known);
      else if (contests.mayRestore(child.id)) await this.#restore(gate, child);
      else return { isAsDesired: false, contest: contests.contest(child.id) };
    }
    return { isAsDesired: true, contest: contests.contest(child.id) };
  }

  /** Sets annotations of that very object, which its gate owns; `null` takes one off. */
  async annotate(
    kind: ChildKind,
    { name, namespace, uid }: ObjectMeta,
    annotations: Readonly<Record<string, string | null>>,
  ): Promise<void> {
    const ref = { name, namespace };
    const cachedVersion = this.#cachedVersion(kind, keyOf(ref));
    const object = await this.#options.kube.mergePatch<KubeObject>(
      CHILDREN[kind],
      ref,
      { metadata: { uid, annotations } },
      { fieldManager: MANAGER },
    );
    this.#remember(kind, keyOf(ref), object, cachedVersion);
  }

  /** Somebody else has changed the child, or it is not there. */
  async #restore(gate: TcpGate, child: Child): Promise<void> {
    const { contests, onRestored } = this.#options;
    // The cache holds only what carries our label, which anyone who took the name may not, and does not say who changed it.
    const cachedVersion = this.#cachedVersion(child.kind, child.key);
    const live = await this.#read(child);
    if (live === undefined) {
      contests.restored(child.id, `${nameOf(child)} is deleted again and again`);
      return this.#write(child, undefined);
    }
    refuseOthers(live, child.kind, gate);
    if (isOfBefore(child, live)) return this.#write(child, live);
    const unwanted = this.#unwanted(child, live);
    if (unwanted.length === 0) {
      return this.#remember(child.kind, child.key, live, cachedVersion);
    }
    const about = `${nameOf(child)} is changed by ${managers(live, unwanted)}: ${fieldsOf(unwanted)}`;
    contests.restored(child.id, about);
    await this.#replace(child, live);
    onRestored(gate, about);
  }

  /** Asks for what is desired now. `live` is what is there. */
  async #write(child: Child, live: KubeObject | undefined): Promise<void> {
    let object: KubeObject;
    try {
      object = await this.#apply(child, live);
    } catch (error) {
      // What somebody else has added may not go with what is desired.
      if (live === undefined || !isInvalid(error)) throw error;
      // What is known may be cut.
      const current = await this.#read(child);
      if (current === undefined || current.metadata.uid !== live.metadata.uid) throw error;
      return this.#replace(child, current);
    }
    if (this.#unwanted(child, object).length > 0) await this.#replace(child, object);
  }

  /** Sets exactly what differs, since an apply removes nothing that somebody else has added. */
  async #replace(child: Child, live: KubeObject): Promise<void> {
    let current: KubeObject | undefined = live;
    for (let attempt = 1; current !== undefined; attempt += 1) {
      try {
        const patched = await this.#patch(child, current);
        this.#admit(child, patched);
        // The fields are the operator's again, so that it can drop them one day.
        await this.#apply(child, patched);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === ATTEMPTS) throw error;
        current = await this.#read(child);
        if (current?.metadata.uid !== live.metadata.uid) throw error;
      }
    }
  }

  #patch(child: Child, live: KubeObject): Promise<KubeObject> {
    const { resourceVersion } = live.metadata;
    return this.#options.kube.jsonPatch<KubeObject>(
      CHILDREN[child.kind],
      child.wanted.metadata,
      [
        // Refused (409) when the object has changed since.
        { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
        ...operations(differences(live, child.wanted)),
      ],
      { fieldManager: MANAGER },
    );
  }

  #admit({ id, wanted }: Child, patched: KubeObject): void {
    const left = cutDifferences(patched, wanted);
    if (left.length > 0) this.#admitted.set(id, new Set(left.map(fingerprint)));
    else this.#admitted.delete(id);
  }

  async #apply(child: Child, live: KubeObject | undefined): Promise<KubeObject> {
    const cachedVersion = this.#cachedVersion(child.kind, child.key);
    const object = await this.#options.kube.apply<KubeObject>(
      CHILDREN[child.kind],
      pinned(child.wanted, live),
      // Nothing of ours is there yet, so a conflict means that someone else took the name just now.
      { fieldManager: MANAGER, force: live !== undefined },
    );
    this.#remember(child.kind, child.key, object, cachedVersion);
    return object;
  }

  /** @param cachedVersion of before the API server was asked: what the cache has heard since is newer */
  #remember(
    kind: ChildKind,
    key: string,
    object: KubeObject,
    cachedVersion: string | undefined,
  ): void {
    const kept = this.#options.keep(kind, { ...object, kind });
    if (kept !== undefined) this.#written.set(idOf(kind, key), { cachedVersion, object: kept });
  }

  #cachedVersion(kind: ChildKind, key: string): string | undefined {
    return this.#options.cached(kind, key)?.metadata.resourceVersion;
  }

  #read({ kind, wanted }: Child): Promise<KubeObject | undefined> {
    return find(this.#options.kube, CHILDREN[kind], wanted.metadata);
  }

  /** What differs, but for what admission makes of every write. */
  #unwanted({ id, wanted }: Child, live: KubeObject): Difference[] {
    const admitted = this.#admitted.get(id);
    const found = cutDifferences(live, wanted);
    return admitted === undefined ? found : found.filter((one) => !admitted.has(fingerprint(one)));
  }
}

function childOf(desired: KubeObject): Child {
  const kind = desired.kind as ChildKind;
  const key = keyOf(desired.metadata);
  return { kind, key, id: idOf(kind, key), wanted: withHash(desired) };
}

function idOf(kind: ChildKind, key: string): string {
  return `${kind} ${key}`;
}

function nameOf({ kind, wanted }: Child): string {
  return `${kind} ${wanted.metadata.name}`;
}

/** It was last asked for something else, so that what differs may be the operator's own doing. */
function isOfBefore({ wanted }: Child, live: KubeObject): boolean {
  const hash = live.metadata.annotations?.[HASH_ANNOTATION];
  return hash !== undefined && hash !== wanted.metadata.annotations?.[HASH_ANNOTATION];
}

/** The same ones whether `live` is from the cache or from the API server. */
function cutDifferences(live: KubeObject, wanted: KubeObject): Difference[] {
  return differences(cutTo(live, wanted), cutTo(wanted, wanted));
}

function fingerprint({ path, live }: Difference): string {
  return JSON.stringify([path, live]);
}

function managers(live: KubeObject, unwanted: readonly Difference[]): string {
  return (
    otherManagers(live, unwanted)
      .map((name) => `"${name}"`)
      .join(', ') || 'somebody'
  );
}

function fieldsOf(unwanted: readonly Difference[]): string {
  const fields = unwanted.map(({ path }) => path.join('.').replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]'));
  const more = fields.length > NAMED_FIELDS ? `, and ${fields.length - NAMED_FIELDS} more` : '';
  return `${fields.slice(0, NAMED_FIELDS).join(', ')}${more}`;
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
