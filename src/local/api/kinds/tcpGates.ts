import { tcpGateCrd } from '../../../api/crd.ts';
import { INITIAL_STATUS } from '../../../api/status.ts';
import { type JsonObject, objectIn, textIn } from '../json.ts';
import { crdColumn } from '../output/crdColumn.ts';
import { blocksRules, type FieldError, UNCHECKED } from '../schema/fieldError.ts';
import type { Schema } from '../schema/schema.ts';
import { validate } from '../schema/validate.ts';
import type { Kind } from './kind.ts';
import { objectMeta } from './objectMeta.ts';
import { brokenRules } from './rules.ts';

const { spec } = tcpGateCrd();
const [version] = spec.versions;
if (version === undefined) throw new TypeError('The CRD has no version');

const crdSchema = version.schema.openAPIV3Schema as unknown as Schema;
const schema: Schema = {
  ...crdSchema,
  properties: { ...crdSchema.properties, metadata: objectMeta },
};

/** TcpGates, as the CRD defines them. */
export const tcpGates: Kind = {
  group: spec.group,
  version: version.name,
  kind: spec.names.kind,
  plural: spec.names.plural,
  singular: spec.names.singular,
  shortNames: spec.names.shortNames,
  categories: spec.names.categories,
  isNamespaced: true,
  // In the order in which a real API server names those of a CRD.
  verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
  hasStatus: true,
  isBuiltIn: false,
  storedAs: spec.names.plural,
  schema,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: objectMeta.properties?.name?.description ?? '',
      priority: 0,
      cell: (object) => textIn(objectIn(object, 'metadata'), 'name'),
    },
    ...version.additionalPrinterColumns.map(crdColumn),
  ],
  toStored: (object) => object,
  // As on a real server: a default that was not stored is there for whoever reads.
  fromStored: (object) =>
    object.status === undefined ? { ...object, status: INITIAL_STATUS } : object,
  selectable: () => ({}),
  validate(object: JsonObject, subresource): FieldError[] {
    const errors = subresource === 'status' ? statusErrors(object) : validate(schema, object, '');
    if (errors.some(blocksRules)) return [...errors, UNCHECKED];
    return [...errors, ...brokenRules(object, errors.length === 0)];
  },
};

/** Errors in a status name the field from the root, and in their text from the status. */
function statusErrors({ status }: JsonObject): FieldError[] {
  const known = schema.properties?.status;
  return status === undefined || known === undefined ? [] : validate(known, status, 'status', '');
}

/** What of a gate outlives the process: all but what the operator writes anew. */
export function lastingGate(gate: JsonObject): JsonObject {
  const { status: _, ...rest } = gate;
  const { resourceVersion: __, managedFields, ...metadata } = objectIn(rest, 'metadata');
  const owners = Array.isArray(managedFields)
    ? (managedFields as JsonObject[]).filter(({ subresource }) => subresource !== 'status')
    : [];
  return {
    ...rest,
    metadata: { ...metadata, ...(owners.length === 0 ? {} : { managedFields: owners }) },
  };
}
