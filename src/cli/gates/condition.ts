import type { KubeObject } from '../../kube/objects.ts';
import { isObject, type Json } from '../../local/api/json.ts';
import { compileJsonPath } from '../../local/api/output/jsonPath.ts';
import { UsageError } from './usageError.ts';

/** What `--for` waits for. */
export interface Awaited {
  readonly isMet: (gate: KubeObject | undefined) => boolean;
  /** It can come true for a gate that is not there. */
  readonly mayBeAbsent: boolean;
}

/** Reads `condition=NAME[=STATUS]`, `jsonpath={PATH}[=VALUE]`, `create` or `delete`. Throws a `UsageError`. */
export function awaited(text: string): Awaited {
  if (text === 'delete') {
    return { isMet: (gate) => gate === undefined, mayBeAbsent: true };
  }
  if (text === 'create') {
    return { isMet: (gate) => gate !== undefined, mayBeAbsent: true };
  }
  const [, how, what = '', value] =
    /^(condition|jsonpath)=(\{[^}]*\}|[^=]+)(?:=(.*))?$/.exec(text) ?? [];
  if (how === 'condition') return conditionIs(what, value ?? 'True');
  if (how === 'jsonpath') return fieldIs(what, value);
  throw new UsageError(
    `--for takes condition=NAME[=STATUS], jsonpath={PATH}[=VALUE], create or delete, and not "${text}"`,
  );
}

function conditionIs(type: string, status: string): Awaited {
  const isMet = (gate: KubeObject | undefined) => {
    const { status: found } = (gate ?? {}) as { status?: { conditions?: readonly Json[] } };
    return (found?.conditions ?? []).some(
      (condition) =>
        isObject(condition) &&
        same(condition.type, type) &&
        same(condition.status, status) &&
        // One that speaks of an older spec says nothing about this one.
        Number(condition.observedGeneration ?? 0) >= (gate?.metadata.generation ?? 0),
    );
  };
  return { isMet, mayBeAbsent: false };
}

function fieldIs(path: string, value: string | undefined): Awaited {
  const find = compiled(path.replace(/^\{|\}$/g, ''));
  const isMet = (gate: KubeObject | undefined) => {
    const found = gate === undefined ? undefined : find(gate as unknown as Json);
    if (found === undefined) return false;
    return value === undefined || textOf(found) === value;
  };
  return { isMet, mayBeAbsent: false };
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function compiled(path: string): (value: Json) => Json | undefined {
  try {
    return compileJsonPath(path);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function same(found: Json | undefined, wanted: string): boolean {
  return typeof found === 'string' && found.toLowerCase() === wanted.toLowerCase();
}
