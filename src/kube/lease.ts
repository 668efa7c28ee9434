import { formatMicroTime } from './microTime.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resource.ts';

/** The fields of a coordination.k8s.io/v1 Lease that are read or written; others are kept. */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Absent while nobody holds it. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** MicroTimes. Clocks differ between machines: for people to read, never to reckon with. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export const LEASES: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
};

/** What `identity` writes to hold the lease from now on, be it anew or still. */
export function heldBy(
  identity: string,
  leaseSeconds: number,
  before: LeaseSpec | undefined,
  now: number,
): LeaseSpec {
  const renewTime = formatMicroTime(now);
  const isHolder = before?.holderIdentity === identity;
  return {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: leaseSeconds,
    acquireTime: (isHolder && before.acquireTime) || renewTime,
    renewTime,
    leaseTransitions:
      before === undefined ? 0 : (before.leaseTransitions ?? 0) + (isHolder ? 0 : 1),
  };
}

/** What the holder writes to give the lease away. */
export function released({ holderIdentity: _holder, ...spec }: LeaseSpec, now: number): LeaseSpec {
  // The API takes no 0; whoever goes by the duration and not by the holder waits no longer than this.
  return { ...spec, leaseDurationSeconds: 1, renewTime: formatMicroTime(now) };
}

/**
 * Tells when a lease has run out, by the own monotonic clock: it is alive for as long as it was seen to change within
 * its duration.
 */
export class LeaseObserver {
  #seen: { readonly spec: string; readonly at: number } | undefined;

  /**
   * @param now monotonic milliseconds
   * @param leaseSeconds for a lease that names no duration
   */
  isFree(spec: LeaseSpec | undefined, leaseSeconds: number, now: number): boolean {
    if (!spec?.holderIdentity) return true;
    const text = JSON.stringify(spec);
    if (this.#seen?.spec !== text) this.#seen = { spec: text, at: now };
    return now - this.#seen.at >= (spec.leaseDurationSeconds ?? leaseSeconds) * 1000;
  }
}
