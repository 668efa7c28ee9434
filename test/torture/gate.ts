import { Sequence } from '../../src/async/sequence.ts';
import { type GateConfig, gateConfig } from '../../src/gate/config.ts';
import type { Traffic } from './actors/traffic.ts';
import type { GateModel } from './model/gateModel.ts';
import { type Faults, NO_FAULTS } from './plan/faults.ts';
import type { Tally } from './tally.ts';
import type { TargetGate } from './targets/target.ts';

export interface GateOptions {
  readonly target: TargetGate;
  readonly model: GateModel;
  readonly traffic: Traffic;
  readonly tally: Tally;
  /** Monotonic milliseconds. */
  now(): number;
  wrong(what: string): void;
  /** There is no use in going on. */
  readonly signal: AbortSignal;
}

/** Milliseconds within which a change has to be in force, whatever is killed and filled meanwhile. */
const PATIENCE = 90_000;

/** A gate under torture: what it is asked for is what the model expects of it. */
export class Gate {
  readonly model: GateModel;
  readonly traffic: Traffic;
  readonly #options: GateOptions;
  readonly #steps = new Sequence();
  #waiting = 0;
  #faults: Faults = NO_FAULTS;
  #disconnect: GateConfig['disconnect'];

  constructor(options: GateOptions) {
    this.#options = options;
    this.model = options.model;
    this.traffic = options.traffic;
  }

  /** Changes that wait for one another. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when it is in force, or was refused. */
  patch(faults: Faults): Promise<void> {
    return this.#inTurn(async () => {
      if (await this.#ask(faults, this.#disconnect)) this.#faults = faults;
    });
  }

  /** The same, and not before nothing refuses it any more: a full disk may do so for a while. */
  async restore(): Promise<void> {
    await this.#inTurn(async () => {
      const { now, wrong, signal } = this.#options;
      const deadline = now() + PATIENCE;
      while (now() < deadline && !signal.aborted) {
        if (await this.#ask(NO_FAULTS, this.#disconnect)) {
          this.#faults = NO_FAULTS;
          return;
        }
        await this.#pause();
      }
      if (!signal.aborted) wrong(`${this.model.name}: was not restored within ${PATIENCE} ms`);
    });
  }

  disconnect(how: 'Fin' | 'Reset', count: number | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const nonce = String(Number(this.#disconnect?.nonce ?? 0) + 1);
      const disconnect = { nonce, how, ...(count === undefined ? {} : { count }) };
      const { tally } = this.#options;
      if (await this.#ask(this.#faults, disconnect)) {
        this.#disconnect = disconnect;
        tally.disconnects += 1;
      }
    });
  }

  offend(spec: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#inTurn(async () => {
      const { target, tally, wrong } = this.#options;
      const result = await target.offend(spec);
      if (result.is === 'refused') tally.inputsRefused += 1;
      else if (result.is === 'unknown' && result.why === 'it was taken') {
        wrong(`${this.model.name}: took ${JSON.stringify(spec)}`);
      }
    });
  }

  async #ask(faults: Faults, disconnect: GateConfig['disconnect']): Promise<boolean> {
    const { target, model, tally, now, wrong, signal } = this.#options;
    const config = configOf(faults, disconnect);
    const before = model.certain;
    const disconnects = disconnect?.nonce !== this.#disconnect?.nonce;
    const epoch = model.asks(config, { disconnects });
    const asked = now();
    let why = '';
    for (let attempt = 0; now() < asked + PATIENCE && !signal.aborted; attempt += 1) {
      const result = await target.apply(config);
      if (result.is === 'in force') {
        model.confirmed(epoch);
        tally.patched(now() - asked);
        return true;
      }
      why = result.why;
      // After an attempt of which nobody knows what it came to, a refusal does not tell that nothing was changed.
      if (result.is === 'refused' && attempt === 0) {
        model.refused(epoch, before);
        tally.patchesRefused += 1;
        return false;
      }
      tally.attemptsAgain += 1;
      await this.#pause();
    }
    wrong(`${model.name}: not in force within ${PATIENCE} ms: ${why}`);
    return false;
  }

  async #inTurn(step: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    try {
      await this.#steps.run(step);
    } finally {
      this.#waiting -= 1;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Milliseconds before something is asked for again. */
const PAUSE = 500;

function configOf(faults: Faults, disconnect: GateConfig['disconnect']): GateConfig {
  const upstream = { host: 'unused', port: 1 };
  return gateConfig.parse({ upstream, ...faults, ...(disconnect && { disconnect }) });
}
