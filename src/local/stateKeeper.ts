import { isDeepStrictEqual } from 'node:util';
import { PLURAL } from '../api/names.ts';
import { Sequence } from '../async/sequence.ts';
import type { StoredSnapshot } from '../control/storedSnapshot.ts';
import { removeDrafts } from '../files/atomicFile.ts';
import { type JsonObject, objectIn, textIn } from '../json/json.ts';
import type { Change } from '../kubeapi/store/history.ts';
import type { Store } from '../kubeapi/store/store.ts';
import { type StoredRun, storedRun } from '../operator/run.ts';
import { ClaimError } from './claim.ts';
import type { Access } from './kubeconfig.ts';
import type { KeptRuns } from './localRuntime.ts';
import { disown, isOwned, own } from './owner.ts';
import { readState, stateWriter } from './stateFile.ts';

/**
 * Keeps the gates of a store in a file: what the API must not lose, of their status where each listens and which
 * disconnect was run, and the run of their faults, so that none is another after a restart.
 */
export class StateKeeper implements KeptRuns {
  readonly initial: readonly JsonObject[];
  readonly #path: string;
  readonly #write: (gates: readonly JsonObject[]) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #statuses = new Map<string, JsonObject>();
  readonly #runs = new Map<string, JsonObject>();
  #gates: readonly JsonObject[];
  readonly #writes = new Sequence();
  #refused: ReadonlySet<string> = new Set();
  #unsubscribe = () => {};

  /** Rejects when there is something else in the file, or when another process keeps its gates there. */
  static async open(path: string, onError: (error: unknown) => void): Promise<StateKeeper> {
    if (path === '') throw new ClaimError('--state needs a file, but its name is empty');
    if (await isOwned(path)) {
      throw new ClaimError(
        `Another process keeps its gates in ${path}: stop it, or use another file with --state`,
      );
    }
    await removeDrafts(path);
    return new StateKeeper(path, await readState(path), onError);
  }

  private constructor(
    path: string,
    initial: readonly JsonObject[],
    onError: (error: unknown) => void,
  ) {
    this.#path = path;
    this.initial = initial;
    this.#gates = initial;
    this.#write = stateWriter(path);
    this.#onError = onError;
    for (const gate of initial) {
      this.#statuses.set(keyOf(gate), lastingStatus(gate));
      const run = objectIn(gate, 'run');
      if (Object.keys(run).length > 0) this.#runs.set(keyOf(gate), run);
    }
  }

  /** For the store: rejects, and nothing has changed, when the file cannot be written. */
  readonly persist = (gates: readonly JsonObject[]): Promise<void> =>
    this.#writes.run(async () => {
      await this.#writeAll(gates);
      this.#gates = gates;
    });

  /** These of `initial` could not be taken: they stay in the file, so that anyone who can repair them still has them. */
  setRefused(keys: readonly string[]): void {
    this.#refused = new Set(keys);
  }

  /** Tells other processes who has the file. */
  own(access: Access): Promise<void> {
    return own(this.#path, access);
  }

  /** Keeps statuses from now on, too. Nobody waits for them: what cannot be written now goes with the next write. */
  follow(store: Store): void {
    this.#unsubscribe = store.collection(PLURAL).subscribe((change) => this.#take(change));
  }

  storedRun(key: string): StoredRun | undefined {
    const run = this.#runs.get(key);
    return run === undefined ? undefined : storedRun(JSON.stringify(run));
  }

  keepRun(key: string, snapshot: StoredSnapshot): void {
    const run = JSON.parse(JSON.stringify(snapshot)) as JsonObject;
    if (isDeepStrictEqual(run, this.#runs.get(key))) return;
    this.#runs.set(key, run);
    this.#writes.run(() => this.#writeAll(this.#gates)).catch(this.#onError);
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#writes.idle;
    await disown(this.#path);
  }

  #take({ key, after }: Change): void {
    if (after === undefined) {
      this.#statuses.delete(key);
      this.#runs.delete(key);
      return;
    }
    const status = lastingStatus(after);
    if (isDeepStrictEqual(status, this.#statuses.get(key) ?? {})) return;
    this.#statuses.set(key, status);
    this.#writes.run(() => this.#writeAll(this.#gates)).catch(this.#onError);
  }

  async #writeAll(gates: readonly JsonObject[]): Promise<void> {
    const keys = new Set(gates.map(keyOf));
    const refused = this.initial.filter(
      (gate) => this.#refused.has(keyOf(gate)) && !keys.has(keyOf(gate)),
    );
    await this.#write([...gates.map((gate) => this.#withStatus(gate)), ...refused]);
  }

  #withStatus(gate: JsonObject): JsonObject {
    const key = keyOf(gate);
    const status = this.#statuses.get(key) ?? {};
    const run = this.#runs.get(key);
    return {
      ...gate,
      ...(Object.keys(status).length === 0 ? {} : { status }),
      ...(run === undefined ? {} : { run }),
    };
  }
}

function keyOf(gate: JsonObject): string {
  const metadata = objectIn(gate, 'metadata');
  return `${textIn(metadata, 'namespace')}/${textIn(metadata, 'name')}`;
}

function lastingStatus(gate: JsonObject): JsonObject {
  const { address, disconnect } = objectIn(gate, 'status');
  return {
    ...(address === undefined ? {} : { address }),
    ...(disconnect === undefined ? {} : { disconnect }),
  };
}
