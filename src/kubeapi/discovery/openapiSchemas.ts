import { isObject, type Json, type JsonObject } from '../../json/json.ts';
import { objectMeta } from '../../schema/objectMeta.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Kind } from '../kinds/kind.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Name of a kind's schema: the group backwards, as a package is named. */
export function schemaName({ group, version, kind }: Kind): string {
  if (group === '') return `io.k8s.api.core.${version}.${kind}`;
  if (group.endsWith('.k8s.io')) return `io.k8s.api.${group.split('.')[0]}.${version}.${kind}`;
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** The two dialects of OpenAPI: in version 2 a schema has no defaults, and stands elsewhere. */
export type Dialect = 2 | 3;

export function referenceTo(name: string, dialect: Dialect): JsonObject {
  return { $ref: `${dialect === 3 ? '#/components/schemas' : '#/definitions'}/${name}` };
}

/** The schemas of kinds and their lists, by name. */
export function schemasOf(kinds: readonly Kind[], dialect: Dialect): JsonObject {
  const plain = (schema: Schema) => asOpenApi(schema, dialect);
  const entries = kinds.flatMap((kind): [string, Json][] => [
    [schemaName(kind), objectSchema(kind, dialect)],
    [`${schemaName(kind)}List`, listSchema(kind, dialect)],
  ]);
  return {
    ...Object.fromEntries(entries),
    [`${META}.ObjectMeta`]: plain(objectMeta),
    [`${META}.ListMeta`]: plain(LIST_META),
    [`${META}.Patch`]: { type: 'object', description: 'A patch.' },
    [`${META}.Status`]: plain(STATUS),
    [`${META}.DeleteOptions`]: plain(DELETE_OPTIONS),
  };
}

function objectSchema(kind: Kind, dialect: Dialect): JsonObject {
  const schema = asOpenApi(kind.schema, dialect);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const meta = referenceTo(`${META}.ObjectMeta`, dialect);
  const metadata = { description: objectMeta.description ?? '', allOf: [meta] };
  return {
    ...schema,
    properties: { ...properties, metadata },
    'x-kubernetes-group-version-kind': [groupVersionKind(kind)],
  };
}

export function groupVersionKind({ group, version, kind }: Kind, suffix = ''): JsonObject {
  return { group, version, kind: `${kind}${suffix}` };
}

function listSchema(kind: Kind, dialect: Dialect): JsonObject {
  return {
    description: `${kind.kind}List is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this list.' },
      kind: { type: 'string', description: `Kind of this list: ${kind.kind}List.` },
      metadata: {
        description: 'What every list has.',
        allOf: [referenceTo(`${META}.ListMeta`, dialect)],
      },
      items: {
        type: 'array',
        description: `List of ${kind.plural}.`,
        items: referenceTo(schemaName(kind), dialect),
      },
    },
    'x-kubernetes-group-version-kind': [groupVersionKind(kind, 'List')],
  };
}

/** A structural schema as OpenAPI: an object of which nothing is declared has no empty list of properties. */
function asOpenApi(schema: Schema, dialect: Dialect): JsonObject {
  const { properties = {}, items, additionalProperties, default: value, ...rest } = schema;
  const members = Object.entries(properties).map(([name, member]): [string, Json] => [
    name,
    asOpenApi(member, dialect),
  ]);
  return {
    ...(rest as unknown as JsonObject),
    ...(value === undefined || dialect === 2 ? {} : { default: value }),
    ...(members.length === 0 ? {} : { properties: Object.fromEntries(members) }),
    ...(items === undefined ? {} : { items: asOpenApi(items, dialect) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: asOpenApi(additionalProperties, dialect) }),
  };
}

const text = (description: string): Schema => ({ type: 'string', description });

const LIST_META: Schema = {
  type: 'object',
  description: 'What every list has.',
  properties: {
    continue: text('Where the next page of the list begins.'),
    remainingItemCount: {
      type: 'integer',
      format: 'int64',
      description: 'How many objects come after this page.',
    },
    resourceVersion: text('Where a watch of this list begins.'),
    selfLink: text('No longer used.'),
  },
};

const STATUS: Schema = {
  type: 'object',
  description: 'An answer that is no object.',
  properties: {
    apiVersion: text('v1.'),
    code: { type: 'integer', format: 'int32', description: 'HTTP status code.' },
    details: { type: 'object', description: 'What it is about.' },
    kind: text('Status.'),
    message: text('What is the matter, for people.'),
    metadata: { type: 'object', description: 'Empty.' },
    reason: text('Why, in one word for programs.'),
    status: text('Success or Failure.'),
  },
};

const DELETE_OPTIONS: Schema = {
  type: 'object',
  description: 'How to delete.',
  properties: {
    apiVersion: text('v1.'),
    dryRun: {
      type: 'array',
      description: 'All: delete nothing.',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'atomic',
    },
    gracePeriodSeconds: { type: 'integer', format: 'int64', description: 'Not used here.' },
    kind: text('DeleteOptions.'),
    preconditions: {
      type: 'object',
      description: 'What the object must be to be deleted.',
      properties: { resourceVersion: text('Its version.'), uid: text('Its uid.') },
    },
    propagationPolicy: text('Foreground, Background or Orphan.'),
  },
};
