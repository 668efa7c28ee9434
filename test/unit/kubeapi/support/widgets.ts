import { objectIn } from '../../../../src/json/json.ts';
import { customKind } from '../../../../src/kubeapi/kinds/customKind.ts';
import { brokenRule } from '../../../../src/schema/fieldError.ts';

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1, default: 3 },
        spare: { type: 'integer' },
      },
    },
    status: {
      type: 'object',
      default: { phase: 'Pending' },
      properties: { phase: { type: 'string' }, seen: { type: 'integer' } },
    },
  },
};

/** A kind that this project does not have, with a rule over two of its fields. */
export const widgets = customKind(
  {
    spec: {
      group: 'example.com',
      names: {
        kind: 'Widget',
        plural: 'widgets',
        singular: 'widget',
        shortNames: ['wd'],
        categories: [],
      },
      versions: [
        {
          name: 'v1',
          schema: { openAPIV3Schema: schema },
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        },
      ],
    },
  },
  (widget) => {
    const { size, spare = 0 } = objectIn(widget, 'spec');
    return Number(spare) < Number(size)
      ? []
      : [brokenRule('spec', 'object', 'spare must be below size')];
  },
);
