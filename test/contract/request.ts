/** One request of the contract, and what may stand in it. */
export interface Request {
  /** What it is about; unique within its story. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /**
   * Path and query. `{ns}` is the story's namespace; `{rv NAME}`, `{uid NAME}` and `{continue NAME}` are of the metadata
   * in the answer to the request with that name. They may stand in the body, too.
   */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Cuts an answer down to what both servers must agree on. */
  readonly pick?: (body: never) => unknown;
  /** Why this API answers in other words than a real one. Status code and reason are the same nevertheless. */
  readonly differs?: string;
}

/** Requests that build on each other, in a namespace of their own. */
export interface Story {
  readonly name: string;
  readonly requests: readonly Request[];
}

export const GATES = '/apis/chaosgate.dev/v1alpha1/namespaces/{ns}/tcpgates';

export const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
export const MERGE = { 'content-type': 'application/merge-patch+json' };
export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
export const APPLY = { 'content-type': 'application/apply-patch+yaml' };

export const upstream = { host: 'localhost', port: 5432 };

/** A gate as a client sends it. */
export function gate(name: string, spec: object = { upstream }, metadata: object = {}): object {
  return {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name, ...metadata },
    spec,
  };
}

export function create(name: string, object: unknown, query = ''): Request {
  return { name, method: 'POST', path: `${GATES}${query}`, body: object };
}

export function read(name: string, path: string, headers: Request['headers'] = {}): Request {
  return { name, method: 'GET', path, headers };
}

export function put(name: string, object: unknown, path: string): Request {
  return { name, method: 'PUT', path: `${GATES}/${path}`, body: object };
}

export function merge(name: string, path: string, body: unknown): Request {
  return { name, method: 'PATCH', path: `${GATES}/${path}`, headers: MERGE, body };
}

export function jsonPatch(name: string, path: string, body: unknown): Request {
  return { name, method: 'PATCH', path: `${GATES}/${path}`, headers: JSON_PATCH, body };
}

export function apply(name: string, path: string, body: unknown): Request {
  return { name, method: 'PATCH', path: `${GATES}/${path}`, headers: APPLY, body };
}

export function remove(name: string, path: string, body?: unknown): Request {
  return {
    name,
    method: 'DELETE',
    path: `${GATES}${path}`,
    ...(body === undefined ? {} : { body }),
  };
}
