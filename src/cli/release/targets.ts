import { DEFAULT_DRAIN_SECONDS } from '../../api/frontedService.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { frontingOf, type GateRef, isHeld } from '../../operator/front/handover.ts';

/** A Service that a gate is in front of, or has yet to be. */
export interface Target {
  readonly namespace: string;
  readonly service: string;
  readonly gate: GateRef;
  /** Seconds that open connections get to end by themselves. */
  readonly drainSeconds: number;
  /** The finalizer holds the gate, so that it can be deleted before the Service is as it was. */
  readonly isHeld: boolean;
}

/** What is read of a gate. */
interface Gate extends KubeObject {
  readonly spec?: { readonly service?: { readonly name?: string; readonly drainSeconds?: number } };
}

/**
 * What there is to release: Services that name a gate, whether it is still there or not, and gates that have the finalizer,
 * whether their Service names them or not.
 *
 * @param service only this one; all without it
 */
export function targetsOf(
  services: readonly KubeObject[],
  gates: readonly Gate[],
  service?: string,
): Target[] {
  const found = new Map<string, Target>();
  for (const gate of gates) {
    const { metadata, spec } = gate;
    const { namespace = '', name, uid = '' } = metadata;
    const { name: fronted, drainSeconds = DEFAULT_DRAIN_SECONDS } = spec?.service ?? {};
    if (!isHeld(gate) || fronted === undefined) continue;
    found.set(uid, {
      namespace,
      service: fronted,
      gate: { name, uid },
      drainSeconds,
      isHeld: true,
    });
  }
  for (const one of services) {
    const { namespace = '', name } = one.metadata;
    const fronting = frontingOf(one);
    if (fronting === undefined) continue;
    const { gate } = fronting;
    const held = found.get(gate.uid);
    found.set(gate.uid, {
      ...(held ?? { gate, drainSeconds: DEFAULT_DRAIN_SECONDS, isHeld: false }),
      namespace,
      service: name,
    });
  }
  const all = [...found.values()];
  return service === undefined ? all : all.filter((target) => target.service === service);
}
