import type { Kind } from './kinds/kind.ts';

/** A request, free of HTTP's machinery. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Where the client says that it has connected to. */
  readonly host: string;
  readonly accept: string;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: string;
  /** Tells the client of something that is not quite right, whatever becomes of the request. */
  readonly warn: (text: string) => void;
}

/** A request as it came. */
export type RawRequest = Omit<ApiRequest, 'warn' | 'body'> & { readonly body: string | Uint8Array };

/** What a path names. */
export interface Target {
  readonly kind: Kind;
  /** `''`: all namespaces, or a kind that has none. */
  readonly namespace: string;
  /** `''`: the collection. */
  readonly name: string;
  readonly subresource: '' | 'status';
}

export function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
