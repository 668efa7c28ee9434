import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar as ScalarNode,
  type YAMLMap,
} from 'yaml';
import { resolveScalar, type Scalar } from './scalar.ts';
import { TOO_DEEP, YamlError } from './yamlError.ts';

/** A key that a map has twice. */
export interface Duplicate {
  /** Of the later value, counted from 1. */
  readonly line: number;
  readonly key: string;
  /** One of them comes from another map, by `<<`. */
  readonly isMerged: boolean;
}

/** Values that all aliases of a document repeat. */
const MAX_REPEATED = 10_000;

const TAG = 'tag:yaml.org,2002:';

/** The value of a document. Throws a `YamlError`. */
export function buildValue(
  { contents }: Document.Parsed,
  lineAt: (position: number) => number,
  maxDepth: number,
): { value: unknown; duplicates: Duplicate[] } {
  const builder = new Builder(lineAt, maxDepth);
  const value = builder.build(contents, 0);
  return { value, duplicates: builder.duplicates };
}

/** What a map is as it grows, and which of its keys another map brought. */
interface Growing {
  readonly members: Map<string, unknown>;
  readonly merged: Set<string>;
}

class Builder {
  readonly duplicates: Duplicate[] = [];
  readonly #lineAt: (position: number) => number;
  readonly #maxDepth: number;
  readonly #anchors = new Map<string, Node>();
  /** Nodes that are being built: an alias to one of them has no end. */
  readonly #open = new Set<Node>();
  #aliases = 0;
  #repeated = 0;

  constructor(lineAt: (position: number) => number, maxDepth: number) {
    this.#lineAt = lineAt;
    this.#maxDepth = maxDepth;
  }

  build(node: unknown, depth: number): unknown {
    this.#count(node, depth);
    if (isAlias(node)) {
      return this.#repeating(() => this.build(this.#target(node.source, node), depth));
    }
    if (isScalar(node)) {
      this.#anchor(node);
      return this.#scalar(node);
    }
    if (isSeq(node)) {
      return this.#inside(node, () => node.items.map((item) => this.build(item, depth + 1)));
    }
    if (!isMap(node)) return null;
    const growing: Growing = { members: new Map(), merged: new Set() };
    this.#inside(node, () => this.#fill(growing, node, depth));
    return Object.fromEntries(growing.members);
  }

  #fill(growing: Growing, map: YAMLMap, depth: number, isMerging = false): void {
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) this.#merge(growing, value, depth);
      else {
        const name = this.#key(key, depth);
        const { members, merged } = growing;
        const member = this.build(value, depth + 1);
        if (members.has(name)) {
          const isMerged = isMerging || merged.has(name);
          this.duplicates.push({ line: this.#line(value ?? key), key: name, isMerged });
        }
        members.set(name, member);
        if (isMerging) merged.add(name);
        else merged.delete(name);
      }
    }
  }

  /** Members of other maps: of several the first ones count, and all of them more than what came before. */
  #merge(growing: Growing, value: unknown, depth: number): void {
    const maps = isSeq(value) ? value.items.toReversed() : [value];
    for (const each of maps) {
      this.#count(each, depth);
      const map = isAlias(each) ? this.#target(each.source, each) : each;
      if (!isMap(map)) throw this.#error('<< takes a map or a list of maps', each);
      this.#repeating(() => this.#inside(map, () => this.#fill(growing, map, depth, true)));
    }
  }

  #key(node: unknown, depth: number): string {
    const key = this.build(node, depth + 1);
    if (key === null || typeof key === 'object')
      throw this.#error(`a key must be a text, and not ${JSON.stringify(key)}`, node);
    // Set as a property it would change what the object is.
    if (key === '__proto__') throw this.#error('no field can be named __proto__', node);
    return String(key as Scalar);
  }

  #scalar(node: ScalarNode): Scalar {
    const { source = '', tag, type } = node;
    const isPlain = type === 'PLAIN' || type === undefined;
    const value = tag === undefined && !isPlain ? source : this.#tagged(source, tag, node);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw this.#error(`JSON has no ${source}`, node);
    }
    return value;
  }

  /** The value of a scalar with a tag. Tags that are not YAML's own mean nothing. */
  #tagged(source: string, tag: string | undefined, node: Node): Scalar {
    if (tag === undefined) return resolveScalar(source);
    if (tag === `${TAG}binary`) return Buffer.from(source, 'base64').toString();
    const type = tag.startsWith(TAG) ? TYPES[tag.slice(TAG.length)] : undefined;
    if (type === undefined) return source;
    const value = resolveScalar(source);
    if (type(value)) return value;
    throw this.#error(`${JSON.stringify(source)} is no ${tag.slice(TAG.length)}`, node);
  }

  #repeating<T>(build: () => T): T {
    this.#aliases += 1;
    const built = build();
    this.#aliases -= 1;
    return built;
  }

  #inside<T>(node: Node, build: () => T): T {
    this.#anchor(node);
    this.#open.add(node);
    const built = build();
    this.#open.delete(node);
    return built;
  }

  #anchor(node: Node & { anchor?: string }): void {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }

  #target(name: string, alias: Node): Node {
    const node = this.#anchors.get(name);
    if (node === undefined) throw this.#error(`unknown anchor '${name}' referenced`, alias);
    if (this.#open.has(node)) throw this.#error(`anchor '${name}' value contains itself`, alias);
    return node;
  }

  #count(node: unknown, depth: number): void {
    if (this.#aliases > 0) this.#repeated += 1;
    if (this.#repeated > MAX_REPEATED) {
      throw this.#error(`its aliases repeat more than ${MAX_REPEATED} values`, node);
    }
    if (depth > this.#maxDepth) throw this.#error(TOO_DEEP, node);
  }

  #line(node: unknown): number {
    const at = (node as Node | null)?.range?.[0];
    return at === undefined ? 1 : this.#lineAt(at);
  }

  #error(message: string, node: unknown): YamlError {
    return new YamlError(message, this.#line(node));
  }
}

const TYPES: Readonly<Record<string, (value: Scalar) => boolean>> = {
  int: (value) => Number.isInteger(value),
  float: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.source !== '<<') return false;
  return key.tag === undefined ? key.type === 'PLAIN' : key.tag === `${TAG}merge`;
}
