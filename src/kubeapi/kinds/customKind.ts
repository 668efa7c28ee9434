import type { JsonObject } from '../../json/json.ts';
import { columnsOf, type Definition, schemaOf, versionOf } from '../../schema/definition.ts';
import { blocksRules, type FieldError, UNCHECKED } from '../../schema/fieldError.ts';
import type { Schema } from '../../schema/schema.ts';
import { validate } from '../../schema/validate.ts';
import type { Kind } from './kind.ts';

/**
 * The rules over several fields that do not hold.
 *
 * @param isSound the structural schema found nothing wrong
 * @param before what an update replaces, for rules about changes; undefined: nothing
 */
export type BrokenRules = (
  object: JsonObject,
  isSound: boolean,
  before: JsonObject | undefined,
) => readonly FieldError[];

/** A namespaced kind with a status, as a CustomResourceDefinition defines it. CEL is not run: `brokenRules` stands for it. */
export function customKind(definition: Definition, brokenRules: BrokenRules): Kind {
  const { group, names } = definition.spec;
  const schema = schemaOf(definition);
  return {
    group,
    version: versionOf(definition).name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular,
    shortNames: names.shortNames,
    categories: names.categories,
    isNamespaced: true,
    // In the order in which a real API server names those of a CRD.
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    hasStatus: true,
    isBuiltIn: false,
    storedAs: names.plural,
    schema,
    columns: columnsOf(definition),
    toStored: (object) => object,
    // As on a real server: every read supplies defaults that were not stored.
    fromStored: (object) => withStatus(schema, object),
    selectable: () => ({}),
    validate(object, subresource, before) {
      const errors =
        subresource === 'status' ? statusErrors(schema, object) : validate(schema, object, '');
      if (errors.some(blocksRules)) return [...errors, UNCHECKED];
      return [...errors, ...brokenRules(object, errors.length === 0, before)];
    },
  };
}

function withStatus({ properties }: Schema, object: JsonObject): JsonObject {
  const status = properties?.status?.default;
  return object.status !== undefined || status === undefined ? object : { ...object, status };
}

/** Errors in a status name the field from the root, and in their text from the status. */
function statusErrors({ properties }: Schema, { status }: JsonObject): FieldError[] {
  const known = properties?.status;
  return status === undefined || known === undefined ? [] : validate(known, status, 'status', '');
}
