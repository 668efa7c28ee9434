import type { JsonObject } from '../../json/json.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { type Dialect, groupVersionKind, referenceTo, schemaName } from './openapiSchemas.ts';

type Type = 'string' | 'integer' | 'boolean';

/** Query parameters by what they are for. */
const LIST: readonly (readonly [string, Type])[] = [
  ['allowWatchBookmarks', 'boolean'],
  ['continue', 'string'],
  ['fieldSelector', 'string'],
  ['labelSelector', 'string'],
  ['limit', 'integer'],
  ['resourceVersion', 'string'],
  ['resourceVersionMatch', 'string'],
  ['sendInitialEvents', 'boolean'],
  ['timeoutSeconds', 'integer'],
  ['watch', 'boolean'],
];
const READ: typeof LIST = [['resourceVersion', 'string']];
const WRITE: typeof LIST = [
  ['dryRun', 'string'],
  ['fieldManager', 'string'],
  ['fieldValidation', 'string'],
];
const PATCH: typeof LIST = [...WRITE, ['force', 'boolean']];
const DELETE: typeof LIST = [
  ['dryRun', 'string'],
  ['gracePeriodSeconds', 'integer'],
  ['ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean'],
  ['orphanDependents', 'boolean'],
  ['propagationPolicy', 'string'],
];

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];
const BODY_TYPES = ['application/json', 'application/yaml'];

interface Operation {
  readonly action: string;
  readonly parameters: typeof LIST;
  readonly body?: readonly string[];
}

const OPERATIONS = {
  get: { action: 'get', parameters: READ },
  list: { action: 'list', parameters: LIST },
  post: { action: 'post', parameters: WRITE, body: BODY_TYPES },
  put: { action: 'put', parameters: WRITE, body: BODY_TYPES },
  patch: { action: 'patch', parameters: PATCH, body: PATCH_TYPES },
  delete: { action: 'delete', parameters: DELETE, body: BODY_TYPES },
  deletecollection: { action: 'deletecollection', parameters: LIST },
} as const satisfies Record<string, Operation>;

/** The paths of a kind with what may be asked there. */
export function pathsOf(kind: Kind, dialect: Dialect): JsonObject {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
  const scope = kind.isNamespaced ? `${root}/namespaces/{namespace}` : root;
  const collection = `${scope}/${kind.plural}`;
  const one = `${collection}/{name}`;
  const say = (operation: Operation) => operationOf(kind, operation, dialect);
  const { get, list, post, put, patch, delete: remove, deletecollection } = OPERATIONS;
  const removeAll = kind.verbs.includes('deletecollection')
    ? { delete: say(deletecollection) }
    : {};
  const place = placeParameters(kind, dialect);
  return {
    [collection]: { get: say(list), post: say(post), ...removeAll, ...place(false) },
    [one]: { get: say(get), put: say(put), patch: say(patch), delete: say(remove), ...place(true) },
    ...(kind.hasStatus
      ? { [`${one}/status`]: { get: say(get), put: say(put), patch: say(patch), ...place(true) } }
      : {}),
    ...(kind.isNamespaced ? { [`${root}/${kind.plural}`]: { get: say(list) } } : {}),
  };
}

function operationOf(kind: Kind, operation: Operation, dialect: Dialect): JsonObject {
  const { action, parameters, body } = operation;
  const schema = referenceTo(schemaName(kind), dialect);
  const inBody = { name: 'body', in: 'body', required: true, schema: { type: 'object' } };
  const types = Object.fromEntries(
    (body ?? []).map((type) => [type, { schema: { type: 'object' } }]),
  );
  const queries = parameters.map(([name, type]) => parameter(name, 'query', type, dialect));
  return {
    description: `${action} ${kind.kind}`,
    parameters: dialect === 2 && body !== undefined ? [...queries, inBody] : queries,
    ...(dialect === 2 && body !== undefined ? { consumes: body } : {}),
    ...(dialect === 3 && body !== undefined
      ? { requestBody: { content: types, required: true } }
      : {}),
    responses: {
      '200':
        dialect === 2
          ? { description: 'OK', schema }
          : { description: 'OK', content: { 'application/json': { schema } } },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(kind),
  };
}

function parameter(name: string, place: string, type: Type, dialect: Dialect): JsonObject {
  const required = place === 'path' ? { required: true } : {};
  const is = dialect === 2 ? { type } : { schema: { type } };
  return { name, in: place, ...required, ...is };
}

function placeParameters(kind: Kind, dialect: Dialect) {
  return (isOne: boolean): JsonObject => ({
    parameters: [...(isOne ? ['name'] : []), ...(kind.isNamespaced ? ['namespace'] : [])].map(
      (name) => parameter(name, 'path', 'string', dialect),
    ),
  });
}
