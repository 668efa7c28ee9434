import type { Kind } from './kinds/kind.ts';
import type { Target } from './request.ts';

/** Where a path leads. */
export type Route =
  | { readonly to: 'resource'; readonly target: Target; readonly isWatch: boolean }
  /** A group and version that is served, and a resource or subresource that is not. */
  | { readonly to: 'nothing'; readonly group: string; readonly kind?: Kind; readonly name: string }
  | { readonly to: 'group'; readonly group: string; readonly version: string }
  | { readonly to: 'elsewhere' };

/** Finds what a path below `/api` or `/apis` names. */
export function route(path: string, kinds: readonly Kind[]): Route {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const [root, ...rest] = parts;
  if (root !== 'api' && root !== 'apis') return { to: 'elsewhere' };
  const [group = '', version = '', ...below] = root === 'api' ? ['', ...rest] : rest;
  if (below.length === 0) return { to: 'group', group, version };
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  if (served.length === 0) return { to: 'group', group, version };
  // The way to watch before there was a parameter for it.
  const isWatch = below[0] === 'watch' && below.length > 1;
  return resourceRoute(isWatch ? below.slice(1) : below, served, group, isWatch);
}

function resourceRoute(
  parts: readonly string[],
  served: readonly Kind[],
  group: string,
  isWatch: boolean,
): Route {
  const isNamespaced = parts[0] === 'namespaces' && parts.length > 2 && !isOwn(parts[2]);
  const namespace = isNamespaced ? (parts[1] ?? '') : '';
  const [plural = '', name = '', subresource = ''] = isNamespaced ? parts.slice(2) : parts;
  const kind = served.find((candidate) => candidate.plural === plural);
  if (kind === undefined || (namespace !== '' && !kind.isNamespaced)) {
    return { to: 'nothing', group, name };
  }
  if (subresource === '') {
    return { to: 'resource', target: { kind, namespace, name, subresource: '' }, isWatch };
  }
  if (subresource === 'status' && kind.hasStatus) {
    return { to: 'resource', target: { kind, namespace, name, subresource }, isWatch };
  }
  return { to: 'nothing', group, kind, name };
}

/** Subresources of a namespace itself. */
function isOwn(part: string | undefined): boolean {
  return part === 'status' || part === 'finalize';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
