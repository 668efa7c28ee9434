import { objectIn, textIn } from '../../json/json.ts';
import { ageText } from '../../schema/age.ts';
import { type Column, nameColumn } from '../../schema/column.ts';
import { invalidValue } from '../../schema/fieldError.ts';
import { objectMeta } from '../../schema/objectMeta.ts';
import { isLabel } from '../metadata/names.ts';
import type { Kind } from './kind.ts';

/** Every namespace has it, so that it can be selected by its name. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

const columns: readonly Column[] = [
  nameColumn('Name of the namespace.'),
  {
    name: 'Status',
    type: 'string',
    description: 'Active.',
    priority: 0,
    cell: (object) => textIn(objectIn(object, 'status'), 'phase'),
  },
  {
    name: 'Age',
    type: 'string',
    description: 'How long ago it was first used.',
    priority: 0,
    cell: (object, now) => ageText(textIn(objectIn(object, 'metadata'), 'creationTimestamp'), now),
  },
];

/** Namespaces: made by their first use, or by name. */
export const namespaces: Kind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  isNamespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  hasStatus: false,
  isBuiltIn: true,
  storedAs: 'namespaces',
  columns,
  schema: {
    type: 'object',
    description: 'A namespace.',
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object: Namespace.' },
      metadata: objectMeta,
      spec: {
        type: 'object',
        description: 'What the namespace is to be.',
        default: { finalizers: ['kubernetes'] },
        properties: {
          finalizers: {
            type: 'array',
            description: 'Finalizers that must be removed before it is deleted.',
            items: { type: 'string' },
          },
        },
      },
      status: {
        type: 'object',
        description: 'What the namespace is.',
        default: { phase: 'Active' },
        properties: { phase: { type: 'string', description: 'Active.' } },
      },
    },
  },
  unowned: ['spec', 'status'],
  complete: (object) => {
    const metadata = objectIn(object, 'metadata');
    const labels = { ...objectIn(metadata, 'labels'), [NAME_LABEL]: textIn(metadata, 'name') };
    return { ...object, metadata: { ...metadata, labels } };
  },
  toStored: (object) => object,
  fromStored: (object) => object,
  selectable: (object) => ({ 'status.phase': textIn(objectIn(object, 'status'), 'phase') }),
  validate: (object) => {
    const name = textIn(objectIn(object, 'metadata'), 'name');
    return isLabel(name) ? [] : [invalidValue('metadata.name', name, 'must be a DNS label')];
  },
};
