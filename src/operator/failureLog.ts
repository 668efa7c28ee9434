import { KubeApiError, KubeConnectionError } from '../kube/errors.ts';
import type { Logger } from '../observe/log.ts';
import { Repeats } from '../observe/repeats.ts';
import { PredecessorError } from './children.ts';

/** Logs what fails, each cause once a minute, with a count of the times. */
export class FailureLog {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #repeats: Repeats;

  constructor(log: Pick<Logger, 'warn'>, repeats = new Repeats()) {
    this.#log = log;
    this.#repeats = repeats;
  }

  /** @param message the same for all failures of a kind */
  failed(message: string, error: Error, gate?: string): void {
    const cause = `${message} ${error.name} ${error.message}`;
    this.#repeats.report(cause, gate, ({ times, subjects }) => {
      const gates = subjects.length === 0 ? {} : { gates: subjects };
      this.#log.warn({ ...gates, times, err: described(error) }, message);
    });
  }

  /** Logs what was not logged yet. */
  stop(): void {
    this.#repeats.stop();
  }
}

/** Without the stack of what the API server answered, or did not, or of what passes by itself: it tells nothing. */
function described(error: Error): object {
  if (error instanceof KubeApiError) {
    const { name, message, status, reason, request } = error;
    return { type: name, message, status, reason, request };
  }
  if (error instanceof KubeConnectionError) {
    const { name, message, request } = error;
    return { type: name, message, request };
  }
  if (error instanceof PredecessorError) return { type: error.name, message: error.message };
  return error;
}
