import type { Schema } from './schema.ts';

const text = (description: string): Schema => ({ type: 'string', description });
const time = (description: string): Schema => ({
  type: 'string',
  format: 'date-time',
  description,
});
const integer = (description: string): Schema => ({
  type: 'integer',
  format: 'int64',
  description,
});
const texts = (description: string): Schema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
});

const ownerReference: Schema = {
  type: 'object',
  description: 'An object that this one belongs to.',
  required: ['apiVersion', 'kind', 'name', 'uid'],
  'x-kubernetes-map-type': 'atomic',
  properties: {
    apiVersion: text('API version of the owner.'),
    kind: text('Kind of the owner.'),
    name: text('Name of the owner.'),
    uid: text('uid of the owner.'),
    controller: { type: 'boolean', description: 'The owner is the one that manages this object.' },
    blockOwnerDeletion: {
      type: 'boolean',
      description: 'Foreground deletion of the owner waits for this object.',
    },
  },
};

const managedFieldsEntry: Schema = {
  type: 'object',
  description: 'The fields that one manager owns.',
  properties: {
    apiVersion: text('API version of the fields.'),
    fieldsType: text('FieldsV1.'),
    fieldsV1: { type: 'object', description: 'The fields, as a tree.' },
    manager: text('Who owns them.'),
    operation: text('Apply or Update.'),
    subresource: text('Where they were written, if not on the main resource.'),
    time: time('When the manager last took a field.'),
  },
};

/** metav1.ObjectMeta, as far as it is asked for by name: by `kubectl explain`, by field validation, by apply. */
export const objectMeta: Schema = {
  type: 'object',
  description: 'What every object has.',
  properties: {
    annotations: texts('Text for programs, by key.'),
    creationTimestamp: time('When the object was created. Set by the server.'),
    deletionGracePeriodSeconds: integer('How long the deletion may take. Set by the server.'),
    deletionTimestamp: time(
      'When the object will be, or was asked to be, deleted. Set by the server.',
    ),
    finalizers: {
      type: 'array',
      description: 'Names that must be removed before a deleted object disappears.',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'set',
    },
    generateName: text('Beginning of the name, when the server is to choose it.'),
    generation: integer('Counts the changes of the spec. Set by the server.'),
    labels: texts('Short text by key, to select objects by.'),
    managedFields: {
      type: 'array',
      description: 'Who owns which field. Kept by the server.',
      items: managedFieldsEntry,
      'x-kubernetes-list-type': 'atomic',
    },
    name: text('Name of the object, unique in its namespace. Immutable.'),
    namespace: text('Namespace of the object. Immutable.'),
    ownerReferences: {
      type: 'array',
      description: 'Objects that this one belongs to.',
      items: ownerReference,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
    },
    resourceVersion: text(
      'Changes with every write. Compare it for equality alone. Set by the server.',
    ),
    selfLink: text('No longer used.'),
    uid: text('Unique over all time: a recreated object has another one. Set by the server.'),
  },
};
