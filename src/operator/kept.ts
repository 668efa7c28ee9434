import { createHash } from 'node:crypto';
import { KIND } from '../api/names.ts';
import { gateConfigOf, tcpGateSpec } from '../api/spec.ts';
import { KEY_BYTES } from '../control/psk.ts';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import {
  CLAIM_ANNOTATION,
  HASH_ANNOTATION,
  NUDGE_ANNOTATION,
  OPERATOR_ANNOTATION,
} from './annotations.ts';
import type { ProxyConfig } from './config.ts';
import { cutTo } from './cut.ts';
import { keptDeploymentStatus } from './deployments.ts';
import { CHILD_SUFFIX, GATE_LABEL, MANAGER } from './desired/common.ts';
import { desiredDeployment } from './desired/deployment.ts';
import { desiredNetworkPolicy, type OperatorPods } from './desired/networkPolicy.ts';
import { desiredSecret, SNAPSHOT_KEY } from './desired/secret.ts';
import { desiredService } from './desired/service.ts';
import {
  FRONT_PORTS_ANNOTATION,
  FRONT_RECORD_ANNOTATION,
  ORIGIN_SUFFIX,
  RELEASE_FINALIZER,
} from './front/names.ts';
import { controllerOf } from './ownership.ts';

import { keptPodStatus, type Pod } from './pods.ts';
import type { ChildKind } from './resources.ts';
import { type StoredRun, storedRun } from './run.ts';

/** Longest spec that is kept as it is, in characters: 100 ports take a quarter of it. */
const SPEC_LIMIT = 65_536;

/** Longest annotation that is kept as it is, in characters. */
const ANNOTATION_LIMIT = 512;

const ANNOTATIONS = [
  NUDGE_ANNOTATION,
  HASH_ANNOTATION,
  OPERATOR_ANNOTATION,
  CLAIM_ANNOTATION,
  FRONT_RECORD_ANNOTATION,
  FRONT_PORTS_ANNOTATION,
];

/** A gate of which only the fields matter that its children have. */
const upstream = { host: 'any', port: 1, connectTimeoutMilliseconds: 1 };
const SPEC = { ...tcpGateSpec.parse({ upstream }), upstream };
const KEY = Buffer.alloc(KEY_BYTES);
const SNAPSHOT = { generation: 1, config: gateConfigOf(SPEC) };

export interface KeepOptions {
  readonly proxy: ProxyConfig;
  readonly operator: OperatorPods;
}

/** Most writers of a status that are kept, and characters of what they are called. */
const WRITERS = 8;
const WRITER_LIMIT = 128;

/** Of a TcpGate, what is read. Its spec and its status are bounded by their schema. */
export function keptGate(gate: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, ...others } = gate;
  const { spec, status } = others as { readonly spec?: unknown; readonly status?: unknown };
  return {
    ...{
      apiVersion,
      kind,
      metadata: {
        ...keptMetadata(metadata),
        ...keptFinalizers(metadata),
        ...foreignWriters(metadata),
      },
      spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/**
 * Of an object of that kind, what is read and compared (see `cutTo`); undefined when it is no gate's: who wants its name
 * reads it from the API server.
 */
export function keptChild(
  kind: ChildKind,
  object: KubeObject,
  options: KeepOptions,
): KubeObject | undefined {
  const { metadata } = object;
  const owner = controllerOf(object);
  if (owner?.kind !== KIND) return undefined;
  const isOrigin = kind === 'Service' && metadata.name === `${owner.name}${ORIGIN_SUFFIX}`;
  const suffix = kind === 'Service' ? '' : CHILD_SUFFIX;
  if (!isOrigin && metadata.name !== `${owner.name}${suffix}`) return undefined;
  const desired = desiredOf(kind, { ...metadata, name: owner.name, uid: owner.uid }, options);
  const isWhole = isOrigin || dependsOnService(kind, object);
  const short = cutTo(object, desired) as KubeObject;
  const cut = isWhole ? withWholeSpec(short, object) : short;
  const { labels, ownerReferences } = cut.metadata;
  const own = withoutUndefined({ labels, ownerReferences });
  return {
    ...cut,
    metadata: { ...keptMetadata(metadata), ...own },
    ...(kind === 'Deployment' ? { status: keptDeploymentStatus(object) } : {}),
    ...(kind === 'Secret' ? withoutUndefined({ run: runIn(object) }) : {}),
  };
}

/** Whether it has the ports of the Service that the gate is in front of: nothing else tells how long their lists are. */
function dependsOnService(kind: ChildKind, object: KubeObject): boolean {
  const { spec = {} } = object as KubeObject & { readonly spec?: FrontedChildSpec };
  if (kind === 'Deployment') return isOfGateAlone(spec.selector?.matchLabels);
  return kind === 'NetworkPolicy' && isOfGateAlone(spec.podSelector?.matchLabels);
}

interface FrontedChildSpec {
  readonly selector?: { readonly matchLabels?: object };
  readonly podSelector?: { readonly matchLabels?: object };
}

function isOfGateAlone(labels: object = {}): boolean {
  return Object.keys(labels).join() === GATE_LABEL;
}

/** With all of its spec, unless that is longer than any that the operator writes. */
function withWholeSpec(cut: KubeObject, object: KubeObject): KubeObject {
  const { spec } = object as KubeObject & { readonly spec?: unknown };
  const isShort = (JSON.stringify(spec) ?? '').length <= SPEC_LIMIT;
  return isShort ? ({ ...cut, spec } as KubeObject) : cut;
}

/** Of a gate's Secret, what is kept of the run that it records. */
export type KeptSecret = KubeObject & { readonly run?: StoredRun };

function runIn(secret: KubeObject): StoredRun | undefined {
  const { data } = secret as { readonly data?: Readonly<Record<string, unknown>> };
  const text = data?.[SNAPSHOT_KEY];
  return typeof text === 'string'
    ? storedRun(Buffer.from(text, 'base64').toString('utf8'))
    : undefined;
}

/** Of a proxy's pod, what is read; undefined when it is not of a gate's Deployment. */
export function keptPod(pod: Pod): Pod | undefined {
  const { metadata } = pod;
  const gate = metadata.labels?.[GATE_LABEL];
  const owner = controllerOf(pod);
  const isProxy =
    gate !== undefined &&
    owner?.kind === 'ReplicaSet' &&
    owner.name.startsWith(`${gate}${CHILD_SUFFIX}-`);
  if (!isProxy) return undefined;
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: { ...keptMetadata(metadata), labels: { [GATE_LABEL]: gate } },
    status: keptPodStatus(pod),
  };
}

/** The operator's in its place, by which it is removed. */
function keptFinalizers({ finalizers = [] }: ObjectMeta): Pick<ObjectMeta, 'finalizers'> {
  const place = finalizers.indexOf(RELEASE_FINALIZER);
  if (place < 0) return {};
  return { finalizers: [...finalizers.slice(0, place).map(() => ''), RELEASE_FINALIZER] };
}

/** Of managedFields, who besides the operator writes the status: nobody, as a rule. */
function foreignWriters({ managedFields = [] }: ObjectMeta): Pick<ObjectMeta, 'managedFields'> {
  const writers = managedFields
    .filter(({ manager, subresource }) => subresource === 'status' && manager !== MANAGER)
    .slice(0, WRITERS)
    .map(({ manager, operation, time }) => ({
      ...{ manager: manager.slice(0, WRITER_LIMIT), operation, subresource: 'status' },
      ...(time === undefined ? {} : { time }),
    }));
  return writers.length === 0 ? {} : { managedFields: writers };
}

/** Without labels, owners and what others may write there. */
function keptMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, generation } = metadata;
  const { creationTimestamp, deletionTimestamp, annotations } = metadata;
  const times = { creationTimestamp, deletionTimestamp };
  const own = ANNOTATIONS.flatMap((key) => {
    const text = annotations?.[key];
    return text === undefined ? [] : [[key, shortened(text)]];
  });
  const kept = { name, namespace, uid, resourceVersion, generation, ...times };
  const fields = { ...kept, annotations: own.length === 0 ? undefined : Object.fromEntries(own) };
  return withoutUndefined(fields) as unknown as ObjectMeta;
}

/** Another text for another one, however long. */
function shortened(text: string): string {
  if (text.length <= ANNOTATION_LIMIT) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function desiredOf(
  kind: ChildKind,
  { name, namespace = '', uid = '' }: ObjectMeta,
  { proxy, operator }: KeepOptions,
): KubeObject {
  const metadata = { name, namespace, uid, generation: 0, resourceVersion: '' };
  const gate = { metadata, spec: SPEC };
  switch (kind) {
    case 'Service':
      return desiredService(gate);
    case 'Secret':
      return desiredSecret(gate, KEY, SNAPSHOT, operator.name);
    case 'Deployment':
      return desiredDeployment(gate, proxy);
    case 'NetworkPolicy':
      return desiredNetworkPolicy(gate, operator, proxy.networkPolicy);
  }
}
