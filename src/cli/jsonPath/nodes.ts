import type { Json } from '../../json/json.ts';

/** A step of a path: from each current value to those that it selects. */
export type Node =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'union'; readonly paths: readonly Path[] }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'literal'; readonly value: Json };

export type Path = readonly Node[];

/** `[from:to:step]`; one index is `isIndex`. */
export interface Slice {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number | undefined;
  readonly isIndex: boolean;
}

/** `?(left operator right)`, or `?(left)`, for what is there. */
export interface Filter {
  readonly left: Path;
  readonly comparison: { readonly operator: Operator; readonly right: Path } | undefined;
}

export const OPERATORS = ['==', '!=', '<=', '>=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A part of a template. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'range'; readonly path: Path; readonly body: readonly Part[] };

/** The template cannot be read, or leads nowhere in what it is asked of. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}
