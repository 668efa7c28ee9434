import { type Clock, sleep, systemClock } from '../time/clock.ts';
import type { Kube } from './client.ts';
import { asError, isConflict, KubeApiError } from './errors.ts';
import { find } from './find.ts';
import { heldBy, LEASES, type Lease, LeaseObserver, released } from './lease.ts';

export interface LeaderElectorOptions {
  readonly kube: Pick<Kube, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Of this process alone, or of a pod, whose processes follow each other: see holder.ts. */
  readonly identity: string;
  /** Others take the lease when they have seen no renewal for this long. */
  readonly leaseSeconds: number;
  /** A holder that could not renew for this long stops leading; less than `leaseSeconds`. */
  readonly renewSeconds: number;
  /** Between attempts to take or renew the lease; less than `renewSeconds`. */
  readonly retrySeconds: number;
  /**
   * Whether a holder that was not seen to renew is known to have ended, so that nobody has to wait for the end of its
   * lease. By default none is.
   */
  readonly isGone?: (
    holder: string,
    limit: { readonly timeoutMilliseconds: number },
  ) => Promise<boolean>;
  readonly onStartedLeading: () => void;
  /** `lost`: no renewal in time, or another one holds the lease. Nothing may be written from now on. */
  readonly onStoppedLeading: (why: 'lost' | 'stopped') => void;
  /** An attempt failed; the next one follows. For the log. */
  readonly onError: (error: Error) => void;
  readonly clock?: Clock;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

/**
 * Takes part in the election of a leader by a Lease, from `start` to `stop`. At most one leads at a time as long as
 * clocks run at about the same speed, and as what a leader does stops within `leaseSeconds - renewSeconds` of the loss.
 * After a loss it takes part again.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #observer = new LeaseObserver();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  /** The lease as written last; undefined when it has to be read first. */
  #held: Lease | undefined;
  /** A write may have been carried out of which no answer came. */
  #isInDoubt = false;
  #leader: string | undefined;
  #leadsUntil: number | undefined;
  #cancelLoss = () => {};

  /** Throws a RangeError for durations that could never work. */
  constructor(options: LeaderElectorOptions) {
    const { leaseSeconds, renewSeconds, retrySeconds } = options;
    if (!(leaseSeconds > renewSeconds && renewSeconds > retrySeconds && retrySeconds > 0)) {
      throw new RangeError('Leader election needs leaseSeconds > renewSeconds > retrySeconds > 0');
    }
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** True while no other process can hold the lease, even right after this process was suspended. */
  get isLeader(): boolean {
    return this.#leadsUntil !== undefined && this.#clock.monotonic() < this.#leadsUntil;
  }

  /** Who holds the lease, as far as is known. */
  get leader(): string | undefined {
    return this.#leader;
  }

  /** True while this process leads, or was seen to wait for one that does. */
  get hasLeader(): boolean {
    return this.isLeader || this.#observer.isAlive(this.#clock.monotonic());
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Stops leading and gives the lease away, so that a standby takes over at its next attempt. What the leader did must
   * have ended before.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    const mayHold = this.isLeader || this.#held !== undefined || this.#isInDoubt;
    this.#stopLeading('stopped');
    if (mayHold) await this.#release().catch((error) => this.#options.onError(asError(error)));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const retry = this.#options.retrySeconds * 1000;
    while (!signal.aborted) {
      await this.#attempt().catch((error) => this.#options.onError(asError(error)));
      // Spread, so that candidates do not all come at once.
      await sleep(this.#clock, retry * (1 + this.#random() / 5), signal).catch(() => {});
    }
  }

  /** Takes the lease if it is free, renews it if it is ours. */
  async #attempt(): Promise<void> {
    const { identity, leaseSeconds } = this.#options;
    // From before the request: the lease begins to count for others when it was written, which is later.
    const startedAt = this.#clock.monotonic();
    const lease = this.#held ?? (await this.#read());
    const holder = lease?.spec?.holderIdentity;
    this.#leader = holder;
    if (holder !== identity) {
      // A Lease that is only gone is made again: that works as long as nobody else does so.
      if (holder) this.#stopLeading('lost');
      const state = this.#observer.observe(lease?.spec, leaseSeconds, this.#clock.monotonic());
      if (state === 'renewed' || (state === 'silent' && !(await this.#isGone(holder)))) return;
    }
    this.#held = await this.#write(lease);
    this.#leader = identity;
    this.#renewed(startedAt);
  }

  async #isGone(holder: string | undefined): Promise<boolean> {
    return holder !== undefined && (await this.#options.isGone?.(holder, this.#limit)) === true;
  }

  #renewed(startedAt: number): void {
    const until = startedAt + this.#options.renewSeconds * 1000;
    const remaining = until - this.#clock.monotonic();
    const wasLeading = this.#leadsUntil !== undefined;
    // Too late: the next attempt, which follows soon, is the one that counts.
    if (remaining <= 0 || (this.#stopping.signal.aborted && !wasLeading)) return;
    this.#cancelLoss();
    this.#cancelLoss = this.#clock.after(remaining, () => this.#stopLeading('lost'));
    this.#leadsUntil = until;
    if (!wasLeading) this.#options.onStartedLeading();
  }

  #stopLeading(why: 'lost' | 'stopped'): void {
    this.#cancelLoss();
    if (this.#leadsUntil === undefined) return;
    this.#leadsUntil = undefined;
    this.#options.onStoppedLeading(why);
  }

  #read(): Promise<Lease | undefined> {
    const { kube, namespace, name } = this.#options;
    return find(kube, LEASES, { namespace, name }, this.#limit);
  }

  /** Rejects with a conflict when another one was faster. */
  async #write(lease: Lease | undefined): Promise<Lease> {
    const { kube, namespace, name, identity, leaseSeconds } = this.#options;
    const spec = heldBy(identity, leaseSeconds, lease?.spec, this.#clock.wall());
    this.#held = undefined;
    this.#isInDoubt = true;
    try {
      const written = await (lease === undefined
        ? kube.create(LEASES, newLease(namespace, name, spec), this.#limit)
        : kube.replace(LEASES, { ...lease, spec }, this.#limit));
      this.#isInDoubt = false;
      return written;
    } catch (error) {
      // A 5xx may come after the write.
      if (error instanceof KubeApiError && error.status < 500) this.#isInDoubt = false;
      throw error;
    }
  }

  async #release(): Promise<void> {
    const { kube, identity } = this.#options;
    for (const lease of [this.#held, undefined]) {
      const current = lease ?? (await this.#read());
      if (current?.spec?.holderIdentity !== identity) return;
      const spec = released(current.spec, this.#clock.wall());
      try {
        await kube.replace(LEASES, { ...current, spec }, this.#limit);
        this.#held = undefined;
        this.#leader = undefined;
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  }

  /** A request that hangs must leave time for others before the lease is lost. */
  get #limit(): { timeoutMilliseconds: number } {
    return { timeoutMilliseconds: (this.#options.renewSeconds * 1000) / 3 };
  }
}

function newLease(namespace: string, name: string, spec: Lease['spec']): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name },
    ...(spec === undefined ? {} : { spec }),
  };
}
