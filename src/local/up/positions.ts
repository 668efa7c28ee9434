import { isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import type { YamlDocument } from '../../yaml/read.ts';

export type Path = readonly (string | number)[];

/** `spec.toClient.substitute[0].pattern` in its parts. */
export function pathOf(field: string): Path {
  return [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name = '']) =>
    index === undefined ? name : Number(index),
  );
}

/** The line of a field, or of the nearest one around it that is there; counted from 1. */
export function lineOf({ document, lines }: YamlDocument, path: Path): number {
  let node: unknown = document.contents;
  let at = document.contents?.range?.[0] ?? document.range[0];
  for (const part of path) {
    const found = memberOf(node, part);
    if (found === undefined) break;
    at = found.at;
    node = found.value;
  }
  return lines.linePos(at).line;
}

function memberOf(
  node: unknown,
  part: string | number,
): { readonly at: number; readonly value: unknown } | undefined {
  if (isSeq(node) && typeof part === 'number') {
    const value = node.items[part] as Node | undefined;
    return value?.range ? { at: value.range[0], value } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === part,
  );
  const key = pair?.key as Node | undefined;
  return key?.range ? { at: key.range[0], value: pair?.value } : undefined;
}
