import { backoffMilliseconds } from './backoff.ts';
import { isGone, KubeApiError, retryAfterMilliseconds } from './errors.ts';

const BACKOFF = { minMilliseconds: 800, maxMilliseconds: 30_000 };

/** Milliseconds that a watch must have lived for what was before it to be forgotten. */
const HEALTHY_AFTER = 10_000;

/** Refusals in a row after which the version to watch from is doubted, as after an etcd restored from a backup. */
const REFUSALS_UNTIL_RELIST = 3;

export interface Restart {
  readonly waitMilliseconds: number;
  /** Where to go on from is lost: list again. */
  readonly relist: boolean;
}

/** Decides how to continue after a list or watch has ended. It never gives up. */
export class RestartPolicy {
  readonly #random: () => number;
  #failures = 0;
  #gone = 0;
  #refusals = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * @param error why it ended; undefined when the server ended the watch in order
   * @param livedMilliseconds how long the watch was open; 0 when it never was
   */
  after(error: unknown, livedMilliseconds: number): Restart {
    const wasHealthy = livedMilliseconds > HEALTHY_AFTER;
    if (wasHealthy) this.#failures = this.#gone = this.#refusals = 0;
    if (error === undefined) {
      // A proxy that cuts quiet streams early is no reason to stay away longer each time.
      return { waitMilliseconds: wasHealthy ? 0 : this.#backoff(1), relist: false };
    }
    if (isGone(error)) {
      // The first time a new list helps; a server that says so again and again is not hurried.
      this.#gone += 1;
      return { waitMilliseconds: this.#gone === 1 ? 0 : this.#backoff(this.#gone), relist: true };
    }
    this.#failures += 1;
    this.#refusals = isRefusal(error) ? this.#refusals + 1 : 0;
    return {
      waitMilliseconds: Math.max(this.#backoff(this.#failures), retryAfterMilliseconds(error)),
      relist: this.#refusals >= REFUSALS_UNTIL_RELIST,
    };
  }

  #backoff(failures: number): number {
    return backoffMilliseconds(failures, BACKOFF, this.#random());
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof KubeApiError && error.status !== 429;
}
