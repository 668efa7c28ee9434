import type { KubeObject } from '../../../../src/kube/objects.ts';
import type { Resource } from '../../../../src/kube/resource.ts';

export const CONFIG_MAPS: Resource<KubeObject> = { group: '', version: 'v1', plural: 'configmaps' };

export function configMap(name: string, resourceVersion: number, uid = `uid-of-${name}`) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'test', name, uid, resourceVersion: String(resourceVersion) },
  };
}

/** A list as the API server writes it: the items have no kind. */
export function listOf(
  resourceVersion: number,
  objects: readonly KubeObject[],
  more: { continue?: string } = {},
) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMapList',
    metadata: { resourceVersion: String(resourceVersion), ...more },
    items: objects.map(({ metadata }) => ({ metadata })),
  };
}
