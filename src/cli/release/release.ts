import { setTimeout as sleep } from 'node:timers/promises';
import { GROUP, KIND } from '../../api/names.ts';
import type { Kube } from '../../kube/client.ts';
import { isConflict, isNotFound, isPatchTestFailed } from '../../kube/errors.ts';
import { find } from '../../kube/find.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Resource } from '../../kube/resource.ts';
import { GATE_LABEL } from '../../operator/desired/common.ts';
import {
  finalizerRemoval,
  frontingOf,
  isHeld,
  releaseStep,
  type SelectingService,
  type Selector,
  SLICES_LIMIT,
} from '../../operator/front/handover.ts';
import { FRONT_MANAGER, ORIGIN_SUFFIX } from '../../operator/front/names.ts';
import { CHILDREN, ENDPOINT_SLICES, TCP_GATES } from '../../operator/resources.ts';
import { UsageError } from '../gates/usageError.ts';
import type { Target } from './targets.ts';

const SERVICES: Resource<SelectingService> = CHILDREN.Service;

/** Milliseconds between looks. */
const POLL = 250;

/** Writes that may meet somebody else's before this gives up. */
const ATTEMPTS = 20;

/** The result for the Service. */
export type Restored =
  | { readonly kind: 'restored'; readonly selector: Selector }
  /** Its selector is somebody else's, and stays. */
  | { readonly kind: 'left'; readonly selector: Selector }
  /** It is not there, or the gate has left it already. */
  | { readonly kind: 'nothing' };

/**
 * Takes the gate from its Service: new connections go to the servers again. A gate whose finalizer holds it is deleted
 * before, so that no operator puts it back.
 */
export async function takeBack(kube: Kube, target: Target): Promise<Restored> {
  if (target.isHeld) await deleteGate(kube, target);
  const restored = await restore(kube, target);
  if (!target.isHeld) await deleteGate(kube, target);
  await untilUnnamed(kube, target);
  return restored;
}

/** Waits for the gate's connections to end, as long as the gate allows, then releases the gate. */
export async function letGo(kube: Kube, target: Target, deadline: number): Promise<void> {
  for (;;) {
    const gate = await findGate(kube, target);
    if (gate === undefined) return;
    if (performance.now() >= deadline) return dropFinalizer(kube, target);
    await sleep(POLL);
  }
}

async function restore(kube: Kube, target: Target): Promise<Restored> {
  const ref = { name: target.service, namespace: target.namespace };
  let restored: Restored = { kind: 'nothing' };
  return untilDone(`service/${target.service}`, async () => {
    const service = await find(kube, SERVICES, ref);
    if (service === undefined) return restored;
    const step = releaseStep(service, target.gate, await originalOf(kube, service, target));
    if (step === undefined) return restored;
    if (step === 'lost') {
      throw new UsageError(
        `service/${target.service} leads to the gate, and its original selector is unknown: set spec.selector to the labels of its servers, then run this command again`,
      );
    }
    const { spec } = await kube.jsonPatch(SERVICES, ref, step.operations, {
      fieldManager: FRONT_MANAGER,
    });
    const selector = spec?.selector ?? {};
    if (step.kind === 'restore') restored = { kind: 'restored', selector };
    if (step.kind === 'unmark') restored = { kind: 'left', selector };
    return undefined;
  });
}

/** The selector that leads to the servers, from the gate's own Service, where the other one does not tell it. */
async function originalOf(
  kube: Kube,
  service: SelectingService,
  { namespace, gate }: Target,
): Promise<Selector | undefined> {
  if (frontingOf(service)?.original !== undefined) return undefined;
  const origin = await find(kube, SERVICES, { name: `${gate.name}${ORIGIN_SUFFIX}`, namespace });
  const isOurs = origin?.metadata.ownerReferences?.some(({ uid }) => uid === gate.uid);
  return isOurs === true ? origin?.spec?.selector : undefined;
}

/** The label of a Service is copied to its EndpointSlices together with the addresses of its pods. */
async function untilUnnamed(kube: Kube, { namespace, service }: Target): Promise<void> {
  const deadline = performance.now() + SLICES_LIMIT;
  const labelSelector = `kubernetes.io/service-name=${service},${GATE_LABEL}`;
  for (;;) {
    const { items } = await kube.list(ENDPOINT_SLICES, { namespace, labelSelector });
    if (items.length === 0 || performance.now() >= deadline) return;
    await sleep(POLL);
  }
}

async function deleteGate(kube: Kube, { namespace, gate: { name, uid } }: Target): Promise<void> {
  try {
    await kube.delete(TCP_GATES, { name, namespace }, { uid });
  } catch (error) {
    // It is gone, or another one has its name.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

async function dropFinalizer(kube: Kube, target: Target): Promise<void> {
  const ref = { name: target.gate.name, namespace: target.namespace };
  await untilDone(`${KIND.toLowerCase()}.${GROUP}/${ref.name}`, async () => {
    const gate = await findGate(kube, target);
    if (gate === undefined || !isHeld(gate)) return true;
    await kube.jsonPatch(TCP_GATES, ref, finalizerRemoval(gate.metadata), {
      fieldManager: FRONT_MANAGER,
    });
    return true;
  });
}

/** Tries until something is returned. Where somebody else was faster with a write, what is there then decides. */
async function untilDone<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (let attempts = 0; attempts < ATTEMPTS; attempts += 1) {
    try {
      const done = await attempt();
      if (done !== undefined) return done;
    } catch (error) {
      if (!isPatchTestFailed(error) && !isConflict(error) && !isNotFound(error)) throw error;
    }
  }
  throw new UsageError(`${what} keeps changing: try again`);
}

/** The gate itself, and none of the same name that came after it. */
async function findGate(kube: Kube, { namespace, gate }: Target): Promise<KubeObject | undefined> {
  const found = await find(kube, TCP_GATES, { name: gate.name, namespace });
  return found?.metadata.uid === gate.uid ? found : undefined;
}
