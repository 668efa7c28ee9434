import { isObject, type Json, type JsonObject } from '../../json/json.ts';

/**
 * Paths in an object: the field sets of server-side apply, in the form of FieldsV1. An element of a path is written as
 * there: `f:<name>` a field, `v:<json>` an item of a set, `k:<json>` an item of a map by its keys.
 */
export class FieldSet {
  static readonly EMPTY = new FieldSet(false, new Map());

  /** The path that leads here is in the set. */
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;

  constructor(isMember: boolean, children: ReadonlyMap<string, FieldSet>) {
    this.isMember = isMember;
    this.children = children;
  }

  static of(...paths: readonly (readonly string[])[]): FieldSet {
    return paths
      .map((path) => FieldSet.#path(path))
      .reduce((all, one) => all.union(one), FieldSet.EMPTY);
  }

  static #path([first, ...rest]: readonly string[]): FieldSet {
    if (first === undefined) return new FieldSet(true, new Map());
    return new FieldSet(false, new Map([[first, FieldSet.#path(rest)]]));
  }

  get isEmpty(): boolean {
    return !this.isMember && this.children.size === 0;
  }

  child(element: string): FieldSet {
    return this.children.get(element) ?? FieldSet.EMPTY;
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty || this === other) return this;
    return this.isEmpty ? other : this.#combine(other, 'union');
  }

  intersection(other: FieldSet): FieldSet {
    return this.isEmpty || other.isEmpty ? FieldSet.EMPTY : this.#combine(other, 'intersection');
  }

  difference(other: FieldSet): FieldSet {
    return this.isEmpty || other.isEmpty ? this : this.#combine(other, 'difference');
  }

  /** Without the other's paths and everything below them. */
  without(other: FieldSet): FieldSet {
    if (other.isMember) return FieldSet.EMPTY;
    if (other.isEmpty) return this;
    return this.#map((child, element) => child.without(other.child(element)));
  }

  /** Every path of the set but its own, those of a level before those below it. */
  paths(): string[][] {
    const children = [...this.children].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      ...children.filter(([, child]) => child.isMember).map(([element]) => [element]),
      ...children.flatMap(([element, child]) => child.paths().map((path) => [element, ...path])),
    ];
  }

  toFieldsV1(): JsonObject {
    const entries = [...this.children].map(([element, child]): [string, Json] => [
      element,
      child.isMember && child.children.size > 0
        ? { '.': {}, ...child.toFieldsV1() }
        : child.toFieldsV1(),
    ]);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  static fromFieldsV1(fields: Json | undefined): FieldSet {
    return FieldSet.#parse(fields, false);
  }

  static #parse(fields: Json | undefined, isMember: boolean): FieldSet {
    const children = new Map<string, FieldSet>();
    for (const [element, below] of Object.entries(isObject(fields) ? fields : {})) {
      if (element === '.') continue;
      const names = isObject(below) ? Object.keys(below) : [];
      children.set(element, FieldSet.#parse(below, names.length === 0 || names.includes('.')));
    }
    return new FieldSet(isMember, children);
  }

  #combine(other: FieldSet, how: 'union' | 'intersection' | 'difference'): FieldSet {
    const children = new Map<string, FieldSet>();
    const elements =
      how === 'union' ? [...this.children.keys(), ...other.children.keys()] : this.children.keys();
    for (const element of elements) {
      if (children.has(element)) continue;
      const child = this.child(element)[how](other.child(element));
      if (!child.isEmpty) children.set(element, child);
    }
    const [here, there] = [this.isMember, other.isMember];
    const isMember =
      how === 'union' ? here || there : how === 'intersection' ? here && there : here && !there;
    return new FieldSet(isMember, children);
  }

  #map(change: (child: FieldSet, element: string) => FieldSet): FieldSet {
    const children = new Map<string, FieldSet>();
    for (const [element, child] of this.children) {
      const changed = change(child, element);
      if (!changed.isEmpty) children.set(element, changed);
    }
    return new FieldSet(this.isMember, children);
  }
}

/** As messages name a path: `.spec.upstream.host`, `.status.conditions[type="Ready"].status`. */
export function pathText(path: readonly string[]): string {
  return path
    .map((element) => {
      const text = element.slice(2);
      if (element.startsWith('f:')) return `.${text}`;
      if (element.startsWith('v:')) return `[=${text}]`;
      const keys = Object.entries(JSON.parse(text) as JsonObject);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
