import { faultsText } from '../api/text.ts';
import { Sequence } from '../async/sequence.ts';
import { fitting, type Report, type Snapshot } from '../control/messages.ts';
import type { ControlledGate } from '../control/server.ts';
import { Gate, type GateOptions, type GateState } from '../gate/gate.ts';
import type { UpstreamState } from '../gate/upstream.ts';

export interface HostedGateOptions {
  readonly key: Buffer;
  /** Differs from process to process. */
  readonly instance: string;
  readonly gate: GateOptions;
  /** A snapshot is in force on every open connection, after so many seconds. */
  onApplied(snapshot: Snapshot, seconds: number): void;
}

/** A gate and the snapshot that it runs. Has no listener before its first snapshot. */
export class HostedGate implements ControlledGate {
  readonly #options: HostedGateOptions;
  #gate: Gate | undefined;
  #snapshot: Snapshot | undefined;
  readonly #steps = new Sequence();

  constructor(options: HostedGateOptions) {
    this.#options = options;
  }

  get key(): Buffer {
    return this.#options.key;
  }

  /** What is in force; undefined before the first. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  get generation(): number {
    return this.#snapshot?.generation ?? 0;
  }

  get state(): GateState | undefined {
    return this.#gate?.state;
  }

  /** Why the gate does not do what it is told; undefined when it does. */
  get notReady(): string | undefined {
    return this.#snapshot === undefined ? 'The gate has no snapshot yet' : this.state?.listenError;
  }

  /** Rejects a snapshot that is older than the one in force: an operator that lost its lease sent it. */
  apply(next: Snapshot): Promise<void> {
    return this.#steps.run(() => this.#apply(next));
  }

  /** Moves the listener; see `Gate.listen`. Does nothing before the first snapshot. */
  listen(port: number): Promise<void> {
    return this.#steps.run(() => this.#gate?.listen(port));
  }

  report(): Report {
    const state = this.state;
    return {
      instance: this.#options.instance,
      generation: this.generation,
      faults: this.#snapshot === undefined ? 'none' : faultsText(this.#snapshot.config),
      connections: {
        active: state?.connections.active ?? 0,
        accepted: state?.connections.accepted ?? 0,
      },
      upstream: state === undefined ? {} : reported(state.upstream),
      ...((state?.undecided.bytes ?? 0) === 0 ? {} : { undecided: state?.undecided }),
      ...(state?.disconnectNonce === undefined ? {} : { disconnectNonce: state.disconnectNonce }),
      ...(state?.disconnectClosed === undefined
        ? {}
        : { disconnectClosed: state.disconnectClosed }),
      ...(state?.listenError === undefined ? {} : { listenError: fitting(state.listenError) }),
      ...(state?.overLimit === undefined ? {} : { overLimit: state.overLimit }),
    };
  }

  async close(): Promise<void> {
    await this.#steps.idle;
    await this.#gate?.close();
  }

  async #apply(next: Snapshot): Promise<void> {
    if (next.generation < this.generation) {
      throw new Error(`The gate runs generation ${this.generation}; ${next.generation} is older`);
    }
    const start = performance.now();
    if (this.#gate === undefined) {
      this.#gate = new Gate(next.config, this.#options.gate);
      await this.#gate.start();
    } else {
      const { disconnectedNonce } = next;
      await this.#gate.apply(
        next.config,
        disconnectedNonce === undefined ? {} : { disconnectedNonce },
      );
    }
    this.#snapshot = next;
    this.#options.onApplied(next, (performance.now() - start) / 1_000);
  }
}

/** A message of the system may be of any length. */
function reported({ message, ...state }: UpstreamState): Report['upstream'] {
  return message === undefined ? state : { ...state, message: fitting(message) };
}
