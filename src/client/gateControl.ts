import { Sequence } from '../async/sequence.ts';
import { Call, type CallOptions } from './call.ts';
import { type Change, rearmChanges, specChange } from './changes.ts';
import type { Changer } from './direction.ts';
import { ForbiddenError, InvalidError } from './errors.ts';
import { gone, notProgrammed, replaced } from './failures.ts';
import { type Decision, DONE, type ReceivedGate, WAIT, type WatchState } from './gateWatch.ts';
import { type PeriodOptions, periodOf } from './period.ts';
import { disconnected, type Progress, programmed } from './progress.ts';
import { type GateIdentity, identityOf, keyIn, patchGate } from './requests.ts';
import type { DirectionName, GateObject } from './resource.ts';
import type { Session } from './session.ts';

/** Changes one gate and waits for the change. Never touches a later gate of the same name. */
export class GateControl implements Changer {
  readonly session: Session;
  readonly identity: GateIdentity;
  readonly #turns = new Sequence();
  #hasChanged = false;
  /** The last call set a duration for the faults. */
  #hasPeriod = false;
  #changedAt: number | undefined;

  constructor(session: Session, object: GateObject) {
    this.session = session;
    this.identity = identityOf(object);
  }

  get key(): string {
    return keyIn(this.session, this.identity.name);
  }

  /** This object has changed the gate. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** When the last change by this object came into force, in milliseconds of the monotonic clock. */
  get changedAt(): number | undefined {
    return this.#changedAt;
  }

  /** The latest known state of the gate. Throws when it is deleted. */
  get latest(): ReceivedGate {
    return this.#own(this.session.watch.get(this.identity.name));
  }

  call(options: CallOptions): Call {
    return new Call(options, this.session.timeout);
  }

  async change(change: Change, options: CallOptions): Promise<void> {
    await this.inTurn(this.call(options), (call) => this.run(change, call));
  }

  async setFields(fields: object, { for: milliseconds, ...options }: PeriodOptions): Promise<void> {
    const period = periodOf(milliseconds, this.#hasPeriod);
    this.#hasPeriod = milliseconds !== undefined;
    await this.change(specChange({ ...fields, ...period }), options);
  }

  async rearm(names: readonly DirectionName[], options: CallOptions): Promise<void> {
    await this.inTurn(this.call(options), async (call) => {
      for (const change of rearmChanges(this.latest.gate, names)) await this.run(change, call);
    });
  }

  /** Calls take effect in the order in which they were made, even if not awaited. */
  inTurn(call: Call, work: (call: Call) => Promise<void>): Promise<void> {
    return this.#turns.run(() => work(call));
  }

  /** Resolves when the change is in force on every open connection. */
  async run(change: Change, call: Call): Promise<void> {
    const { metadata } = await this.#patch(change, call);
    const generation = metadata.generation ?? 0;
    const nonce = 'nonce' in change ? change.nonce : undefined;
    await this.reach(generation, call, (gate) =>
      nonce === undefined ? programmed(gate, generation) : disconnected(gate, generation, nonce),
    );
    this.#changedAt = performance.now();
  }

  async #patch(change: Change, call: Call): Promise<GateObject> {
    try {
      const object = await patchGate(this.session, this.identity, change, call);
      this.#hasChanged = true;
      return object;
    } catch (error) {
      // The API server may have accepted it.
      if (!(error instanceof InvalidError || error instanceof ForbiddenError))
        this.#hasChanged = true;
      throw error;
    }
  }

  /** Resolves when the gate has reached the generation. */
  reach(generation: number, call: Call, progressOf: (gate: GateObject) => Progress): Promise<void> {
    const { key } = this;
    return this.until(
      call,
      ({ gate }) => {
        const progress = progressOf(gate);
        if (progress.is === 'failed') throw notProgrammed(key, generation, gate, progress);
        return progress.is === 'reached' ? DONE : WAIT;
      },
      ({ gate }) => {
        throw notProgrammed(key, generation, gate, progressOf(gate), call.timeout);
      },
    );
  }

  /** As `GateWatch.until`, but rejects when this gate, identified by its UID, is deleted. */
  until<T>(
    call: Call,
    decide: (latest: ReceivedGate, state: WatchState) => Decision<T>,
    onTimeout: (latest: ReceivedGate) => T,
  ): Promise<T> {
    return this.session.watch.until(
      this.identity.name,
      call,
      (state) => decide(this.#own(state.latest), state),
      (latest) => onTimeout(this.#own(latest)),
    );
  }

  #own(latest: ReceivedGate | undefined): ReceivedGate {
    if (latest === undefined) throw gone(this.key);
    if (latest.gate.metadata.uid !== this.identity.uid) throw replaced(this.key);
    return latest;
  }
}
