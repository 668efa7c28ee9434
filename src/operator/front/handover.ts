import { z } from 'zod';
import type { KubeObject, ObjectMeta } from '../../kube/objects.ts';
import type { PatchOperation } from '../../kube/patch.ts';
import { GATE_LABEL } from '../desired/common.ts';
import {
  FRONT_MANAGER,
  FRONTED_BY_ANNOTATION,
  frontSelector,
  frontSelectorValue,
  ORIGINAL_OWNER_ANNOTATION,
  ORIGINAL_SELECTOR_ANNOTATION,
  RELEASE_FINALIZER,
} from './names.ts';

/**
 * How a Service is handed to a gate and back: the writes, as data. Each is refused by the API server when the Service has
 * changed since it was read, so that any other writer of the Service wins.
 */

export type Selector = Readonly<Record<string, string>>;

/** The fields of a core/v1 Service that are read and written here. */
export interface SelectingService extends KubeObject {
  readonly spec?: { readonly selector?: Selector };
}

/** Which gate. */
export interface GateRef {
  readonly name: string;
  readonly uid: string;
}

/** Who manages a field: an entry of metadata.managedFields. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: string;
}

/** What a Service says of the gate that is, or was until now, in front of it. */
export interface Fronting {
  readonly gate: GateRef;
  /** undefined: it is back already, or cannot be read. */
  readonly original: Selector | undefined;
}

type ManagedFields = NonNullable<ObjectMeta['managedFields']>[number];

/** A write of the way back. */
export interface ReleaseStep {
  /**
   * `restore`: the original selector. `unmark`: the selector is somebody else's and stays. `returnOwner`: of the selector in
   * managedFields, to whom it was before.
   */
  readonly kind: 'restore' | 'unmark' | 'returnOwner';
  readonly operations: readonly PatchOperation[];
}

const gateRef = z.object({ name: z.string(), uid: z.string() });
const selector = z.record(z.string(), z.string());
const owners = z.array(z.object({ manager: z.string(), operation: z.string() }));

/** Owners that are kept: a selector has one, as a rule. */
const OWNERS_LIMIT = 8;

/** undefined when no gate is named. */
export function frontingOf({ metadata }: KubeObject): Fronting | undefined {
  const gate = annotation(metadata, FRONTED_BY_ANNOTATION, gateRef);
  if (gate === undefined) return undefined;
  return { gate, original: annotation(metadata, ORIGINAL_SELECTOR_ANNOTATION, selector) };
}

/** Whether the Service leads to the pods of the gate, and to nothing else. */
export function leadsTo({ spec }: SelectingService, uid: string): boolean {
  const values = Object.values(spec?.selector ?? {});
  return values.length > 0 && values.every((value) => value === frontSelectorValue(uid));
}

/**
 * The object of the server-side apply that puts the gate in front, to be forced with `FRONT_MANAGER`.
 *
 * @param original the selector that the Service has without the gate
 */
export function switchOf(
  service: SelectingService,
  gate: GateRef,
  original: Selector = service.spec?.selector ?? {},
): KubeObject {
  const { name, namespace, uid, resourceVersion } = service.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...({ name, namespace, uid, resourceVersion } as ObjectMeta),
      labels: { [GATE_LABEL]: gate.name },
      annotations: {
        [FRONTED_BY_ANNOTATION]: JSON.stringify({ name: gate.name, uid: gate.uid }),
        [ORIGINAL_SELECTOR_ANNOTATION]: JSON.stringify(original),
        [ORIGINAL_OWNER_ANNOTATION]: ownersText(service),
      },
    },
    spec: { selector: frontSelector(original, gate.uid) },
  } as KubeObject;
}

/**
 * The next write that takes the gate from the Service, a JSON patch with `FRONT_MANAGER`; undefined: nothing of the gate is
 * left there. `lost`: the Service leads to the gate, and its original selector is known to nobody.
 *
 * @param fallback the original selector, should the Service not tell it any more
 */
export function releaseStep(
  service: SelectingService,
  { name, uid }: GateRef,
  fallback?: Selector,
): ReleaseStep | 'lost' | undefined {
  const value = frontSelectorValue(uid);
  const current = service.spec?.selector ?? {};
  const fronting = frontingOf(service);
  const isMarked = fronting?.gate.uid === uid;
  const hasOurs = Object.values(current).includes(value);
  if (!hasOurs && !isMarked) return undefined;
  const annotations = service.metadata.annotations ?? {};
  if (!hasOurs) {
    const isBack = annotations[ORIGINAL_SELECTOR_ANNOTATION] === undefined;
    return isBack
      ? { kind: 'returnOwner', operations: ownerPatch(service) }
      : { kind: 'unmark', operations: [unchanged(service), ...unmarking(service, ALL)] };
  }
  const original = (isMarked ? fronting.original : undefined) ?? fallback;
  if (original === undefined || Object.keys(original).length === 0) return 'lost';
  const before = selectorOwners(service);
  return {
    kind: 'restore',
    operations: [
      unchanged(service),
      { op: 'replace', path: '/spec/selector', value: restored(current, original, value) },
      ...unmarking(service, [ORIGINAL_SELECTOR_ANNOTATION]),
      ...(service.metadata.annotations === undefined
        ? [{ op: 'add', path: '/metadata/annotations', value: {} } as const]
        : []),
      annotating(FRONTED_BY_ANNOTATION, JSON.stringify({ name, uid })),
      // Who has changed a part of the selector since manages it.
      ...(before.length > 0 ? [annotating(ORIGINAL_OWNER_ANNOTATION, JSON.stringify(before))] : []),
    ],
  };
}

/** Whether the gate waits for its Service to be as it was, once it is deleted. */
export function isHeld({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(RELEASE_FINALIZER) === true;
}

/** Milliseconds that EndpointSlices may name the gate after the Service leads to its servers again. */
export const SLICES_LIMIT = 30_000;

/**
 * The JSON patch that lets a gate go. By the place of the finalizer, so that nothing that others have put there meanwhile is
 * lost; refused (422) when another is in that place, or the gate is another one of its name.
 */
export function finalizerRemoval({
  uid,
  finalizers = [],
}: Pick<ObjectMeta, 'uid' | 'finalizers'>): readonly PatchOperation[] {
  const path = `/metadata/finalizers/${finalizers.indexOf(RELEASE_FINALIZER)}`;
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path, value: RELEASE_FINALIZER },
    { op: 'remove', path },
  ];
}

/** Who, beside the operator, manages `spec.selector`. */
export function selectorOwners({ metadata }: KubeObject): FieldOwner[] {
  return (metadata.managedFields ?? [])
    .filter((entry) => entry.manager !== FRONT_MANAGER && managesSelector(entry))
    .slice(0, OWNERS_LIMIT)
    .map(({ manager, operation }) => ({ manager, operation }));
}

/** A Service that leads to the gate already tells it. */
function ownersText(service: SelectingService): string {
  const found = selectorOwners(service);
  const known = service.metadata.annotations?.[ORIGINAL_OWNER_ANNOTATION];
  return found.length === 0 && known !== undefined ? known : JSON.stringify(found);
}

/**
 * As somebody has left it, but for the values that lead to the gate: with one of them the Service would lead to nobody, if
 * not all of it is the gate's.
 */
function restored(current: Selector, original: Selector, value: string): Selector {
  const entries = Object.entries(current).flatMap(([key, is]): [string, string][] => {
    if (is !== value) return [[key, is]];
    const was = original[key];
    return was === undefined ? [] : [[key, was]];
  });
  return entries.length === 0 ? original : Object.fromEntries(entries);
}

/** Takes off the last marks, and all of managedFields that is the operator's. */
function ownerPatch(service: SelectingService): PatchOperation[] {
  const { managedFields = [] } = service.metadata;
  const isOurs = managedFields.some(
    (entry) => entry.manager === FRONT_MANAGER && managesSelector(entry),
  );
  const others = managedFields.filter(({ manager }) => manager !== FRONT_MANAGER);
  const stored = annotation(service.metadata, ORIGINAL_OWNER_ANNOTATION, owners) ?? [];
  // Who has written the selector meanwhile manages it already.
  const after = isOurs ? stored.reduce(withSelector, others) : others;
  return [
    unchanged(service),
    ...unmarking(service, ALL),
    // An empty list would mean that nothing of it is to change.
    ...(after.length === 0
      ? []
      : [{ op: 'replace', path: '/metadata/managedFields', value: after } as const]),
  ];
}

function withSelector(all: readonly ManagedFields[], owner: FieldOwner): ManagedFields[] {
  const isOwners = ({ manager, operation, subresource = '', apiVersion }: ManagedFields) =>
    manager === owner.manager &&
    operation === owner.operation &&
    subresource === '' &&
    apiVersion === 'v1';
  if (!all.some(isOwners)) {
    const fieldsV1 = { 'f:spec': { 'f:selector': {} } };
    return [...all, { ...owner, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 }];
  }
  return all.map((entry) => {
    if (!isOwners(entry)) return entry;
    const fields = fieldsOf(entry);
    const spec = { ...fields['f:spec'], 'f:selector': {} };
    return { ...entry, fieldsV1: { ...fields, 'f:spec': spec } };
  });
}

function managesSelector(entry: ManagedFields): boolean {
  return fieldsOf(entry)['f:spec']?.['f:selector'] !== undefined;
}

function fieldsOf({ fieldsV1 }: ManagedFields): Readonly<Record<string, Record<string, object>>> {
  return (fieldsV1 ?? {}) as Record<string, Record<string, object>>;
}

const ALL = [
  FRONTED_BY_ANNOTATION,
  ORIGINAL_SELECTOR_ANNOTATION,
  ORIGINAL_OWNER_ANNOTATION,
] as const;

/** Removes the label, and those annotations, as far as they are there. */
function unmarking({ metadata }: KubeObject, annotations: readonly string[]): PatchOperation[] {
  const removed = annotations.filter((name) => metadata.annotations?.[name] !== undefined);
  return [
    ...(metadata.labels?.[GATE_LABEL] === undefined
      ? []
      : [{ op: 'remove', path: pointer('labels', GATE_LABEL) } as const]),
    ...removed.map((name) => ({ op: 'remove', path: pointer('annotations', name) }) as const),
  ];
}

function annotating(name: string, value: string): PatchOperation {
  return { op: 'add', path: pointer('annotations', name), value };
}

/** Refused (422) when the Service has changed since it was read. */
function unchanged({ metadata }: KubeObject): PatchOperation {
  return { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion };
}

/** A name in a map of the metadata, as a JSON pointer (RFC 6901). */
function pointer(map: 'labels' | 'annotations', name: string): string {
  return `/metadata/${map}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What an annotation says; undefined when it is not there, or not as the operator writes it. */
function annotation<T>({ annotations }: ObjectMeta, name: string, schema: z.ZodType<T>) {
  const text = annotations?.[name];
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
