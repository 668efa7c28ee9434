/** What of a CustomResourceDefinition, as far as a change of it can break objects that are stored. */
export interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly DefinitionVersion[];
  };
}

interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly subresources?: { readonly status?: unknown };
  readonly schema: { readonly openAPIV3Schema: Schema };
}

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly uniqueItems?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/**
 * What a change of a definition breaks: objects stored under `before` that lose a field, or that the API server refuses
 * at their next write, under `after`. One sentence each, with the field's path. Schemas that cannot be compared count as
 * a break.
 *
 * Validation of a change alone (ratcheting) does not excuse a bound: API servers have it from Kubernetes 1.30 on, and it
 * does not reach all keywords.
 */
export function definitionBreaks(before: Definition, after: Definition): string[] {
  return [
    ...identity(before.spec, after.spec),
    ...before.spec.versions.flatMap((version) => [...ofVersion(version, after)]),
  ];
}

function* identity(before: Definition['spec'], after: Definition['spec']): Generator<string> {
  const identityOf = ({ group, scope, names }: Definition['spec']) =>
    `${group}/${names.kind} (${names.plural}, ${scope})`;
  if (identityOf(before) !== identityOf(after)) {
    yield `the resource changed from ${identityOf(before)} to ${identityOf(after)}`;
  }
}

function* ofVersion(before: DefinitionVersion, { spec }: Definition): Generator<string> {
  const after = spec.versions.find(({ name }) => name === before.name);
  if (after === undefined || (before.served && !after.served)) {
    yield `version ${before.name} is no longer served`;
    return;
  }
  if (before.subresources?.status !== undefined && after.subresources?.status === undefined) {
    yield `version ${before.name} has no status subresource any more`;
  }
  yield* ofSchema('', before.schema.openAPIV3Schema, after.schema.openAPIV3Schema);
}

function* ofSchema(path: string, before: Schema, after: Schema): Generator<string> {
  const at = path === '' ? 'the object' : path;
  const types = [typeOf(before), typeOf(after)];
  if (types[0] !== types[1] && types.join() !== 'integer,number') {
    yield `${at}: the type changed from ${types[0]} to ${types[1]}`;
    return;
  }
  if (before.nullable === true && after.nullable !== true) yield `${at}: null is no longer allowed`;
  for (const compare of [bounds, steps, values, lists]) {
    for (const text of compare(before, after)) yield `${at}: ${text}`;
  }
  yield* fields(path, before, after);
  if (before.items !== undefined && after.items !== undefined) {
    yield* ofSchema(`${path}[]`, before.items, after.items);
  }
}

function typeOf(schema: Schema): string {
  return schema['x-kubernetes-int-or-string'] === true ? 'int-or-string' : (schema.type ?? 'any');
}

const LEAST = ['minimum', 'minLength', 'minItems', 'minProperties'] as const;
const MOST = ['maximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
type NumberKey = (typeof LEAST | typeof MOST)[number] | 'multipleOf';

function* bounds(before: Schema, after: Schema): Generator<string> {
  for (const key of LEAST) {
    // No length and no number of items is below 0.
    const none = key === 'minimum' ? Number.NEGATIVE_INFINITY : 0;
    if ((after[key] ?? none) > (before[key] ?? none)) yield change('rose', key, before, after);
  }
  for (const key of MOST) {
    const none = Number.POSITIVE_INFINITY;
    if ((after[key] ?? none) < (before[key] ?? none)) yield change('fell', key, before, after);
  }
}

function* steps(before: Schema, after: Schema): Generator<string> {
  for (const key of ['exclusiveMinimum', 'exclusiveMaximum'] as const) {
    if (after[key] === true && before[key] !== true) yield `${key} is new`;
  }
  const step = after.multipleOf ?? before.multipleOf ?? 1;
  if (after.multipleOf !== undefined && (before.multipleOf ?? Number.NaN) % step !== 0) {
    yield change('changed', 'multipleOf', before, after);
  }
}

function change(how: string, key: NumberKey, before: Schema, after: Schema): string {
  return `${key} ${how} from ${before[key] ?? 'none'} to ${after[key]}`;
}

/** Of these, none can be told to allow as much as another one. */
const OPAQUE = ['pattern', 'format', 'allOf', 'anyOf', 'oneOf', 'not'] as const;

function* values(before: Schema, after: Schema): Generator<string> {
  for (const key of OPAQUE) {
    if (after[key] === undefined || isSame(before[key], after[key])) continue;
    yield before[key] === undefined ? `${key} is new` : `${key} changed`;
  }
  yield* choices(before.enum, after.enum);
  const known = new Set((before['x-kubernetes-validations'] ?? []).map(({ rule }) => rule));
  for (const { rule } of after['x-kubernetes-validations'] ?? []) {
    // Only a rule that sees the old value can let through what was stored before the rule.
    const seesOld = /\boldSelf\b/.test(rule);
    if (!known.has(rule) && !seesOld) yield `a rule without oldSelf is new: ${rule}`;
  }
}

function* choices(before: Schema['enum'], after: Schema['enum']): Generator<string> {
  if (after === undefined) return;
  if (before === undefined) yield 'enum is new';
  const gone = (before ?? []).filter((value) => !after.some((one) => isSame(one, value)));
  if (gone.length > 0) yield `enum lost ${gone.map((one) => JSON.stringify(one)).join(', ')}`;
}

function* lists(before: Schema, after: Schema): Generator<string> {
  if (after.uniqueItems === true && before.uniqueItems !== true) yield 'uniqueItems is new';
  const kindOf = (schema: Schema) => {
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    return [schema['x-kubernetes-list-type'] ?? 'atomic', ...keys].join(' ');
  };
  const kind = kindOf(after);
  if (kind !== 'atomic' && kind !== kindOf(before)) {
    yield `the list's type changed from ${kindOf(before)} to ${kind}`;
  }
}

function* fields(path: string, before: Schema, after: Schema): Generator<string> {
  const child = (name: string) => (path === '' ? name : `${path}.${name}`);
  const [others, othersNow] = [unnamed(before), unnamed(after)];
  if (others !== false && othersNow === false) {
    yield `${path === '' ? 'the object' : path}: fields that are not named are dropped`;
  }
  for (const [name, schema] of Object.entries(before.properties ?? {})) {
    yield* ofField(child(name), schema, after.properties?.[name] ?? othersNow);
  }
  // What could be anything before is refused now when it does not fit; what could not be there, is not.
  if (others !== false && othersNow !== false) {
    yield* ofField(child('*'), others === true ? {} : others, othersNow);
  }
  for (const name of newlyRequired(before, after)) yield `${child(name)}: the field is required`;
}

function* ofField(path: string, before: Schema, after: Schema | boolean): Generator<string> {
  if (after === false) yield `${path}: the field is gone`;
  else if (after !== true) yield* ofSchema(path, before, after);
}

/** What fields may hold that `properties` does not name; false: they are dropped. */
function unnamed(schema: Schema): boolean | Schema {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
  return schema.additionalProperties ?? false;
}

function newlyRequired(before: Schema, after: Schema): string[] {
  const isFilledIn = (name: string) => after.properties?.[name]?.default !== undefined;
  return (after.required ?? []).filter(
    (name) => before.required?.includes(name) !== true && !isFilledIn(name),
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
