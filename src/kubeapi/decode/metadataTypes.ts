import { isObject, type Json } from '../../json/json.ts';
import { shortened } from '../../schema/shortened.ts';
import { isTime } from '../../schema/validate.ts';

/** Go's types of ObjectMeta's fields, as they appear in messages. */
const FIELDS: Readonly<Record<string, string>> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'types.UID',
  resourceVersion: 'string',
  generation: 'int64',
  deletionGracePeriodSeconds: 'int64',
  labels: 'map[string]string',
  annotations: 'map[string]string',
  finalizers: '[]string',
  ownerReferences: '[]v1.OwnerReference',
  managedFields: '[]v1.ManagedFieldsEntry',
};

/** The first field of the metadata that has the wrong type, in the words of Go's encoding/json; undefined if none has. */
export function metadataTypeProblem(metadata: Json): string | undefined {
  if (metadata === null) return undefined;
  if (!isObject(metadata)) return mismatch(metadata, '', 'v1.ObjectMeta');
  for (const [field, value] of Object.entries(metadata)) {
    const problem = fieldProblem(field, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function fieldProblem(field: string, value: Json): string | undefined {
  if (value === null) return undefined;
  if (TIMES.includes(field)) return timeProblem(field, value);
  const type = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (type === undefined || hasType(value, type)) return undefined;
  const elements = elementsOf(value, type);
  const wrong = elements?.find((element) => !hasType(element, elementType(type)));
  return wrong === undefined
    ? mismatch(value, field, type)
    : mismatch(wrong, field, elementType(type));
}

const TIMES: readonly string[] = ['creationTimestamp', 'deletionTimestamp'];

function timeProblem(field: string, value: Json): string | undefined {
  if (typeof value !== 'string') return mismatch(value, field, 'string');
  return isTime(value)
    ? undefined
    : `parsing time ${JSON.stringify(shortened(value))}: it is no RFC 3339 time`;
}

function hasType(value: Json, type: string): boolean {
  if (value === null) return true;
  if (type === 'int64') return Number.isInteger(value);
  if (type === 'string' || type === 'types.UID') return typeof value === 'string';
  if (type.startsWith('v1.')) return isObject(value);
  return elementsOf(value, type)?.every((element) => hasType(element, elementType(type))) ?? false;
}

/** What is in a map or a list of Go; undefined when the value is of another kind. */
function elementsOf(value: Json, type: string): readonly Json[] | undefined {
  if (type.startsWith('map')) return isObject(value) ? Object.values(value) : undefined;
  return type.startsWith('[]') && Array.isArray(value) ? (value as Json[]) : undefined;
}

function elementType(type: string): string {
  return type.replace(/^(map\[string\]|\[\])/, '');
}

function mismatch(value: Json, field: string, type: string): string {
  const into = field === '' ? 'value' : `struct field ObjectMeta.${field}`;
  return `json: cannot unmarshal ${goType(value)} into Go ${into} of type ${type}`;
}

/** What Go's encoding/json calls a JSON value. */
export function goType(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}
