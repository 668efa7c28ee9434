import type { JsonObject } from '../../json/json.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';

/** The kinds of one version of one group. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
}

export function groupVersions(kinds: readonly Kind[]): GroupVersion[] {
  const found = new Map<string, GroupVersion & { kinds: Kind[] }>();
  for (const kind of kinds) {
    const { group, version } = kind;
    const known = found.get(apiVersionOf(kind));
    if (known === undefined) found.set(apiVersionOf(kind), { group, version, kinds: [kind] });
    else known.kinds.push(kind);
  }
  return [...found.values()];
}

/** `/api`: the versions of the core group. */
export function coreVersions(address: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

/** `/apis`: all groups but the core one. Every group has one version here. */
export function groupList(groups: readonly GroupVersion[]): JsonObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.filter(({ group }) => group !== '').map(groupOf),
  };
}

/** `/apis/<group>`. */
export function apiGroup(group: GroupVersion): JsonObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) };
}

function groupOf(groupVersion: GroupVersion): JsonObject {
  const { group, version } = groupVersion;
  const preferred = { groupVersion: apiVersionOf(groupVersion), version };
  return { name: group, versions: [preferred], preferredVersion: preferred };
}

const STATUS_VERBS = ['get', 'patch', 'update'];

/** `/apis/<group>/<version>`: the resources of a version. */
export function resourceList(groupVersion: GroupVersion): JsonObject {
  return {
    kind: 'APIResourceList',
    ...(groupVersion.group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(groupVersion),
    resources: groupVersion.kinds.flatMap((kind) => [
      {
        name: kind.plural,
        singularName: kind.singular,
        namespaced: kind.isNamespaced,
        kind: kind.kind,
        verbs: kind.verbs,
        shortNames: kind.shortNames,
        ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
      },
      ...(kind.hasStatus
        ? [
            {
              name: `${kind.plural}/status`,
              singularName: '',
              namespaced: kind.isNamespaced,
              kind: kind.kind,
              verbs: STATUS_VERBS,
            },
          ]
        : []),
    ]),
  };
}

/** Everything at once, as kubectl asks first (apidiscovery.k8s.io/v2). */
export function aggregated(groups: readonly GroupVersion[]): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ group, version, kinds }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: [{ version, resources: kinds.map(resourceOf), freshness: 'Current' }],
    })),
  };
}

function resourceOf(kind: Kind): JsonObject {
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind };
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    shortNames: kind.shortNames,
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(kind.hasStatus
      ? { subresources: [{ subresource: 'status', responseKind, verbs: STATUS_VERBS }] }
      : {}),
  };
}
