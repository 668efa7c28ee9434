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

/** What `identity` writes to hold the lease from now on, be it again or still. */
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
  // The API takes no 0; anyone who goes by the duration and not by the holder waits no longer than this.
  return { ...spec, leaseDurationSeconds: 1, renewTime: formatMicroTime(now) };
}

/**
 * What a look at a lease tells: `free` while nobody holds it or its holder was silent for its duration; `renewed` when it
 * changed since the look before; `silent` when it did not, or was never looked at before.
 */
export type LeaseState = 'free' | 'renewed' | 'silent';

/**
 * Tells when a lease has run out, by the own monotonic clock: it is alive for as long as it was seen to change within
 * its duration.
 */
export class LeaseObserver {
  #seen: { readonly spec: string; readonly at: number } | undefined;
  #aliveUntil = Number.NEGATIVE_INFINITY;

  /**
   * @param now monotonic milliseconds
   * @param leaseSeconds for a lease that names no duration
   */
  observe(spec: LeaseSpec | undefined, leaseSeconds: number, now: number): LeaseState {
    const text = JSON.stringify(spec ?? {});
    const before = this.#seen;
    const seen = before?.spec === text ? before : { spec: text, at: now };
    this.#seen = seen;
    if (!spec?.holderIdentity) {
      this.#aliveUntil = Number.NEGATIVE_INFINITY;
      return 'free';
    }
    const until = seen.at + (spec.leaseDurationSeconds ?? leaseSeconds) * 1000;
    if (now >= until) return 'free';
    if (seen === before || before === undefined) return 'silent';
    this.#aliveUntil = until;
    return 'renewed';
  }

  /** True while somebody holds the lease who was seen to write it within its duration. */
  isAlive(now: number): boolean {
    return now < this.#aliveUntil;
  }
}
