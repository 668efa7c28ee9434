import type { KubeConfig } from '@kubernetes/client-node';
import { errorFromWatch, KubeConnectionError } from './errors.ts';
import {
  type KubeList,
  type KubeObject,
  type KubePage,
  OBJECT_BYTES,
  type ObjectMeta,
  type ObjectRef,
} from './objects.ts';
import { type PatchOperation, statusPatch } from './patch.ts';
import { collectionPath, objectPath, type Resource } from './resource.ts';
import { type KubeOptions, type RequestOptions, Transport } from './transport.ts';

interface Selection {
  /** All namespaces without it. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends Selection, RequestOptions {
  /** Objects of a page at most. */
  readonly limit?: number | undefined;
  /** `metadata.continue` of the page before. */
  readonly continue?: string | undefined;
}

export interface WatchOptions extends Selection {
  /** Where to begin: the version of a list, an event or a bookmark. */
  readonly resourceVersion: string;
  /** Seconds after which the server ends the watch. A watch that is silent for this long and a bit more is dead. */
  readonly timeoutSeconds: number;
  /** The server took the watch; events may follow. */
  readonly onOpen?: (() => void) | undefined;
}

export interface WatchEvent<T extends KubeObject> {
  /** The object of a BOOKMARK has a resourceVersion, and nothing else. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

interface DryRunOptions extends RequestOptions {
  /** The server checks and answers as if it had been done, and does nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface WriteOptions extends DryRunOptions {
  /** Refuses fields that the server does not know (400), which it leaves out in silence otherwise. */
  readonly strict?: boolean | undefined;
  /** Who manages what is written; by default, the first part of the user agent. */
  readonly fieldManager?: string | undefined;
}

export interface DeleteOptions extends DryRunOptions {
  /** Refused (409) when the object has another one. */
  readonly uid?: string | undefined;
}

export interface StatusOptions extends RequestOptions {
  readonly fieldManager: string;
}

export interface ApplyOptions extends DryRunOptions {
  readonly fieldManager: string;
  /** Takes over fields that others manage; without it such a field is a conflict (409). */
  readonly force: boolean;
}

/** Milliseconds that the end of a watch may come late. */
const WATCH_SLACK = 10_000;

/** A client of the Kubernetes API for raw JSON objects. Methods reject with KubeApiError or KubeConnectionError only. */
export class Kube {
  readonly #transport: Transport;

  constructor(config: KubeConfig, options: KubeOptions) {
    this.#transport = new Transport(config, options);
  }

  async get<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options?: RequestOptions,
  ): Promise<T> {
    const request = { method: 'GET', path: objectPath(resource, ref) } as const;
    return (await this.#transport.send(request, options)) as T;
  }

  /** One page; all there is when no limit is given. */
  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): Promise<KubePage<T>> {
    const { namespace, labelSelector, fieldSelector, limit, continue: token } = options;
    const path = collectionPath(resource, namespace);
    const query = { labelSelector, fieldSelector, limit, continue: token };
    const { body, bytes } = await this.#transport.ask({ method: 'GET', path, query }, options);
    return { ...withKinds(body as RawList<T>), bytes };
  }

  async create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = collectionPath(resource, object.metadata.namespace);
    const request = { method: 'POST', path, query: writing(options), body: object } as const;
    return (await this.#transport.send(request, options)) as T;
  }

  /** With a resourceVersion in its metadata, refused (409) when the object has changed since. */
  async replace<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: RequestOptions,
  ): Promise<T> {
    const path = objectPath(resource, object.metadata);
    return (await this.#transport.send({ method: 'PUT', path, body: object }, options)) as T;
  }

  /** Changes the fields that `patch` has; `null` removes one (RFC 7396). */
  async mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: object,
    options?: WriteOptions,
  ): Promise<T> {
    return this.#patch(objectPath(resource, ref), 'application/merge-patch+json', patch, options);
  }

  /** Takes all steps or none (RFC 6902). */
  async jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    operations: readonly PatchOperation[],
    options?: WriteOptions,
  ): Promise<T> {
    const path = objectPath(resource, ref);
    return this.#patch(path, 'application/json-patch+json', operations, options);
  }

  /** Resolves with the uid of what is deleted, or is when its finalizers are gone; undefined if the server keeps it. */
  async delete(
    resource: Resource<KubeObject>,
    ref: ObjectRef,
    options: DeleteOptions = {},
  ): Promise<string | undefined> {
    const path = objectPath(resource, ref);
    const { uid } = options;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    const request = {
      method: 'DELETE',
      path,
      query: dryRun(options),
      ...(uid === undefined ? {} : { body }),
    } as const;
    return deletedUid(await this.#transport.send(request, options));
  }

  /** Version of the server, such as `v1.35.0`. */
  async version(options?: RequestOptions): Promise<string> {
    const answer = await this.#transport.send({ method: 'GET', path: '/version' }, options);
    const { gitVersion } = (answer ?? {}) as { readonly gitVersion?: unknown };
    return typeof gitVersion === 'string' ? gitVersion : '';
  }

  /** Server-side apply. Creates what is not there, unless `object` has a uid (409). Refuses fields it does not know. */
  async apply<T extends KubeObject>(
    resource: Resource<T>,
    object: KubeObject,
    options: ApplyOptions,
  ): Promise<T> {
    return this.#apply(objectPath(resource, object.metadata), object, options);
  }

  /**
   * Replaces the status, with all that others have written there; see `statusPatch`. Refuses fields that the server does
   * not know.
   */
  async replaceStatus<T extends KubeObject>(
    resource: Resource<T>,
    { name, namespace, uid }: ObjectMeta,
    status: object,
    { fieldManager, ...options }: StatusOptions,
  ): Promise<T> {
    const request = {
      method: 'PATCH',
      path: objectPath(resource, { name, namespace }, 'status'),
      query: { fieldManager, fieldValidation: 'Strict' },
      body: statusPatch(uid, status),
      contentType: 'application/json-patch+json',
    } as const;
    return (await this.#transport.send(request, options)) as T;
  }

  /** What changes from `resourceVersion` on. Ends when the server ends it, and at once when `signal` aborts. */
  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const { namespace, labelSelector, fieldSelector } = options;
    const { resourceVersion, timeoutSeconds, onOpen } = options;
    const path = collectionPath(resource, namespace);
    const query = {
      watch: true,
      allowWatchBookmarks: true,
      labelSelector,
      fieldSelector,
      resourceVersion,
      timeoutSeconds,
    };
    const silenceMilliseconds = timeoutSeconds * 1000 + WATCH_SLACK;
    const lines = this.#transport.stream(
      { method: 'GET', path, query },
      { maxLineBytes: OBJECT_BYTES, silenceMilliseconds, onOpen },
      signal,
    );
    for await (const line of lines) yield parseEvent(line, `WATCH ${path}`);
  }

  /** Cancels running requests; no more requests are possible. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #patch<T extends KubeObject>(
    path: string,
    contentType: string,
    body: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const query = writing(options);
    const request = { method: 'PATCH', path, query, body, contentType } as const;
    return (await this.#transport.send(request, options)) as T;
  }

  async #apply<T extends KubeObject>(
    path: string,
    body: KubeObject,
    options: ApplyOptions,
  ): Promise<T> {
    const { fieldManager, force } = options;
    const request = {
      method: 'PATCH',
      path,
      query: { fieldManager, force, fieldValidation: 'Strict', ...dryRun(options) },
      body,
      contentType: 'application/apply-patch+yaml',
    } as const;
    return (await this.#transport.send(request, options)) as T;
  }
}

function writing({ strict, fieldManager, ...options }: WriteOptions) {
  const fieldValidation = strict === true ? 'Strict' : undefined;
  return { fieldValidation, fieldManager, ...dryRun(options) };
}

function dryRun(options: DryRunOptions) {
  return { dryRun: options.dryRun === true ? 'All' : undefined };
}

interface RawList<T extends KubeObject> extends KubeList<T> {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The server leaves kind and apiVersion out of the items of a list of a built-in kind. */
function withKinds<T extends KubeObject>(list: RawList<T>): KubeList<T> {
  const { apiVersion } = list;
  const kind = list.kind.replace(/List$/, '');
  const items: readonly Partial<T>[] = list.items;
  return { ...list, items: items.map((item) => ({ apiVersion, kind, ...item }) as T) };
}

function parseEvent<T extends KubeObject>(line: string, request: string): WatchEvent<T> {
  let event: { type: string; object: T };
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new KubeConnectionError('A line of the watch is no JSON', request, cause);
  }
  if (event.type === 'ERROR') throw errorFromWatch(event.object, request);
  return event as WatchEvent<T>;
}

/** Of the answer to a deletion: a Status, or the object as long as it has finalizers. */
export function deletedUid(answer: unknown): string | undefined {
  const { details, metadata } = (answer ?? {}) as Record<string, { uid?: unknown } | undefined>;
  const uid = details?.uid ?? metadata?.uid;
  return typeof uid === 'string' ? uid : undefined;
}
