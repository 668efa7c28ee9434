import { expect, test } from 'vitest';
import { otherManagers } from '../../../src/operator/fieldManagers.ts';

/** As a real API server wrote it, shortened. */
const LIVE = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'front',
    managedFields: [
      {
        manager: 'chaosgate-operator',
        operation: 'Apply',
        time: '2026-11-29T05:00:00Z',
        fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:selector': {} } },
      },
      {
        manager: 'kubectl-scale',
        operation: 'Update',
        time: '2026-11-29T04:00:00Z',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
      {
        manager: 'injector',
        operation: 'Update',
        time: '2026-11-29T04:30:00Z',
        fieldsV1: {
          'f:spec': {
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"proxy"}': { '.': {}, 'f:env': { '.': {}, 'k:{"name":"A"}': {} } },
                },
              },
            },
          },
        },
      },
    ],
  },
  spec: { replicas: 0, template: { spec: { containers: [{ name: 'mesh' }, { name: 'proxy' }] } } },
};

const managersOf = (...paths: string[]) =>
  otherManagers(
    LIVE,
    paths.map((path) => ({ path: path.split('.'), live: undefined, desired: undefined })),
  );

test('names who manages the field', () => {
  expect(managersOf('spec.replicas')).toEqual(['kubectl-scale']);
});

test('finds an item of a list by its keys', () => {
  expect(managersOf('spec.template.spec.containers.1.env')).toEqual(['injector']);
  const ofAnother = 'spec.template.spec.containers.0.env';
  expect(managersOf('spec.replicas', ofAnother)).toEqual(['kubectl-scale']);
});

test('names each once, of several fields', () => {
  const paths = ['spec.replicas', 'spec.template.spec.containers.1.env'];
  expect(managersOf(...paths, ...paths)).toEqual(['kubectl-scale', 'injector']);
});

test('names who wrote last when nobody else manages the field, and nobody without others', () => {
  expect(managersOf('spec.selector')).toEqual(['injector']);
  expect(otherManagers({ ...LIVE, metadata: { name: 'front' } }, [])).toEqual([]);
});
