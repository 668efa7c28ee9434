import { GROUP, PLURAL, VERSION } from '../api/names.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Resource } from '../kube/resource.ts';
import type { EndpointSlice } from './endpoints.ts';
import type { Pod } from './pods.ts';

export const TCP_GATES: Resource<KubeObject> = { group: GROUP, version: VERSION, plural: PLURAL };
export const PODS: Resource<Pod> = { group: '', version: 'v1', plural: 'pods' };
export const ENDPOINT_SLICES: Resource<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
};

/** The kinds that a gate owns, by kind. */
export const CHILDREN = {
  Service: { group: '', version: 'v1', plural: 'services' },
  Secret: { group: '', version: 'v1', plural: 'secrets' },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments' },
  NetworkPolicy: { group: 'networking.k8s.io', version: 'v1', plural: 'networkpolicies' },
} as const satisfies Record<string, Resource<KubeObject>>;

export type ChildKind = keyof typeof CHILDREN;
