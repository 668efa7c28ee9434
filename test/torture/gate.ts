import { setTimeout as sleep } from 'node:timers/promises';
import { Sequence } from '../../src/async/sequence.ts';
import { type GateConfig, gateConfig } from '../../src/gate/config.ts';
import type { Traffic } from './actors/traffic.ts';
import { passing } from './model/effects.ts';
import type { GateModel } from './model/gateModel.ts';
import { NO_FAULTS, type TimedFaults } from './plan/faults.ts';
import type { Relief } from './plan/plan.ts';
import type { Tally } from './tally.ts';
import { expectedText, outcomeOfText } from './targets/expected.ts';
import type { ApplyResult, Asked, TargetGate } from './targets/target.ts';

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

/** Milliseconds within which a change has to be in force, and a run to end, whatever is killed and filled meanwhile. */
const PATIENCE = 90_000;

/** Milliseconds before something is asked for again, and between looks at what a gate says. */
const PAUSE = 500;
const POLL = 50;

/** Milliseconds by which a run may end early: its end is stored in whole milliseconds of another clock. */
const EARLY = 20;

/** A run that ends by itself. */
interface Run {
  /** What its gate is asked for. */
  readonly asked: Asked;
  /** When it may end, at the earliest. */
  readonly endsAt: number;
}

/** A gate under torture: what it is asked for is what the model expects of it. */
export class Gate {
  readonly model: GateModel;
  readonly traffic: Traffic;
  readonly #options: GateOptions;
  readonly #steps = new Sequence();
  #waiting = 0;
  #asked: Asked = askedFor({ faults: NO_FAULTS }, '0', undefined);
  /** The run that is on, and is to end; undefined: there is none, or it is over. */
  #run: Run | undefined;
  #isOver = false;
  #nonces = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.model = options.model;
    this.traffic = options.traffic;
  }

  /** Changes that wait for one another. */
  get waiting(): number {
    return this.#waiting;
  }

  get hasLever(): boolean {
    return this.#options.target.pullLever !== undefined;
  }

  /** Resolves when it is in force, or was refused. */
  patch(timed: TimedFaults): Promise<void> {
    return this.#inTurn(async () => {
      await this.#ask(askedFor(timed, this.#nonce(), this.#asked.config.disconnect));
    });
  }

  /** Resolves when another gate of its name is there and runs that; does nothing where a gate cannot be deleted. */
  recreate(timed: TimedFaults): Promise<void> {
    const { recreate } = this.#options.target;
    if (recreate === undefined) return Promise.resolve();
    return this.#inTurn(async () => {
      const { model, traffic, tally } = this.#options;
      model.killed();
      const asked = askedFor(timed, this.#nonce(), undefined);
      if (await this.#ask(asked, (again) => recreate(again))) tally.recreated += 1;
      traffic.bury();
      model.isBack();
    });
  }

  /** Everything passes, and not before nothing refuses that any more: a full disk may do so for a while. */
  async relieve(by: Exclude<Relief, 'lever'>): Promise<void> {
    await this.#inTurn(async () => {
      const { now, wrong, signal } = this.#options;
      const deadline = now() + PATIENCE;
      while (now() < deadline && !signal.aborted) {
        if (await this.#ask(this.#relief(by))) {
          if (by === 'end') await this.#untilOver();
          return;
        }
        await sleep(PAUSE);
      }
      if (!signal.aborted) wrong(`${this.model.name}: was not restored within ${PATIENCE} ms`);
    });
  }

  /** Everything passes by the lever, or what does not is back, unless its time is up. Nothing else may be asked for. */
  async relieveByLever(isEngaged: boolean): Promise<void> {
    const { model, target, tally } = this.#options;
    const asked = this.#asked;
    const run = this.#run;
    this.#run = undefined;
    const epoch = model.asks(isEngaged ? passing(asked.config) : this.#inForce(asked));
    await target.pullLever?.(isEngaged);
    const outcome = await this.#untilSaid((said) => {
      if (isEngaged && said === expectedText(asked, 'Lever')) return { is: 'in force' };
      const found = outcomeOfText(said, asked);
      return isEngaged && !asked.run.suspend && found?.is === 'in force' ? undefined : found;
    });
    if (outcome === undefined) return;
    model.confirmed(epoch, isEngaged ? undefined : run?.endsAt);
    if (isEngaged) tally.levers += 1;
    if (outcome.is === 'over') this.#over();
    else if (isEngaged) this.#run = run;
    else this.#watch(run);
  }

  disconnect(how: 'Fin' | 'Reset', count: number | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const { config, run } = this.#asked;
      const nonce = String(Number(config.disconnect?.nonce ?? 0) + 1);
      const disconnect = { nonce, how, ...(count === undefined ? {} : { count }) };
      if (await this.#ask({ config: { ...config, disconnect }, run })) {
        this.#options.tally.disconnects += 1;
      }
    });
  }

  offend(spec: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#inTurn(async () => {
      const { target, tally, wrong } = this.#options;
      const outcome = await target.offend(spec);
      if (outcome.is === 'refused') tally.inputsRefused += 1;
      else if (outcome.is === 'unknown' && outcome.why === 'it was taken') {
        wrong(`${this.model.name}: took ${JSON.stringify(spec)}`);
      }
    });
  }

  /** Asks for it until it is in force; false when it was refused. */
  async #ask(asked: Asked, send?: (asked: Asked) => Promise<ApplyResult>): Promise<boolean> {
    const { target, model, tally, now } = this.#options;
    const before = { certain: model.certain, run: this.#run, asked: this.#asked };
    const isNewRun = asked.run.nonce !== before.asked.run.nonce;
    const disconnects = asked.config.disconnect?.nonce !== before.asked.config.disconnect?.nonce;
    this.#run = undefined;
    if (isNewRun) this.#isOver = false;
    const epoch = model.asks(this.#inForce(asked), { disconnects });
    const start = now();
    const run = isNewRun ? runOf(asked, start) : before.run && { ...before.run, asked };
    const outcome = await this.#attempt(asked, send ?? ((it) => target.apply(it)));
    if (outcome === undefined) return false;
    if (outcome.is === 'refused') {
      model.refused(epoch, before.certain);
      this.#watch(before.run);
      tally.patchesRefused += 1;
      return false;
    }
    this.#asked = asked;
    model.confirmed(epoch, run?.endsAt);
    if (outcome.is === 'over') this.#over();
    else this.#watch(run);
    if (send === undefined) tally.patched(now() - start);
    return true;
  }

  /** What came of it in the end; undefined when nobody knows, which is wrong. */
  async #attempt(
    asked: Asked,
    send: (asked: Asked) => Promise<ApplyResult>,
  ): Promise<ApplyResult | undefined> {
    const { model, tally, now, wrong, signal } = this.#options;
    const deadline = now() + PATIENCE;
    let why = '';
    for (let attempt = 0; now() < deadline && !signal.aborted; attempt += 1) {
      const outcome = await send(asked);
      if (outcome.is === 'in force' || outcome.is === 'over') return outcome;
      // After an attempt of which nobody knows what it came to, a refusal does not tell that nothing was changed.
      if (outcome.is === 'refused' && attempt === 0) return outcome;
      why = outcome.why;
      tally.attemptsAgain += 1;
      await sleep(PAUSE);
    }
    wrong(`${model.name}: not in force within ${PATIENCE} ms: ${why}`);
    return undefined;
  }

  /** What makes everything pass, with the faults as they are where something else does. */
  #relief(by: Exclude<Relief, 'lever'>): Asked {
    const { config } = this.#asked;
    const nonce = this.#nonce();
    if (by === 'patch') return askedFor({ faults: NO_FAULTS }, nonce, config.disconnect);
    return { config, run: by === 'end' ? { nonce, durationSeconds: 1 } : { nonce, suspend: true } };
  }

  /** What is in force when that is, as long as its run is on. */
  #inForce({ config, run }: Asked): GateConfig {
    return run.suspend || this.#isOver ? passing(config) : config;
  }

  /** Looks for the end of the run, unless something else is asked for before. */
  #watch(next: Run | undefined): void {
    if (next === undefined) return;
    const run = { ...next };
    this.#run = run;
    void this.#untilEnd(run);
  }

  async #untilEnd(run: Run): Promise<void> {
    const { target, model, now, wrong, signal } = this.#options;
    await sleep(Math.max(0, run.endsAt - now()), undefined, { signal }).catch(() => {});
    const deadline = now() + PATIENCE;
    while (this.#run === run && !signal.aborted) {
      if (now() > deadline)
        return wrong(`${model.name}: its run has not ended ${PATIENCE} ms late`);
      const said = await target.said();
      if (this.#run !== run) return;
      if (said === expectedText(run.asked, 'Ended')) return this.#over();
      await sleep(POLL);
    }
  }

  /** The time of the faults is up: from now on everything has to pass. */
  #over(): void {
    const { model, tally } = this.#options;
    this.#run = undefined;
    this.#isOver = true;
    model.confirmed(model.asks(passing(this.#asked.config)));
    tally.runsEnded += 1;
  }

  async #untilOver(): Promise<void> {
    while (this.#run !== undefined && !this.#options.signal.aborted) await sleep(POLL);
  }

  async #untilSaid(
    outcomeOf: (said: string | undefined) => ApplyResult | undefined,
  ): Promise<ApplyResult | undefined> {
    const { target, model, now, wrong, signal } = this.#options;
    const deadline = now() + PATIENCE;
    let said: string | undefined;
    while (now() < deadline && !signal.aborted) {
      said = await target.said();
      const outcome = outcomeOf(said);
      if (outcome !== undefined) return outcome;
      await sleep(POLL);
    }
    if (!signal.aborted) wrong(`${model.name}: the lever is not obeyed: it says ${said}`);
    return undefined;
  }

  #nonce(): string {
    this.#nonces += 1;
    return String(this.#nonces);
  }

  async #inTurn(step: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    try {
      await this.#steps.run(step);
    } finally {
      this.#waiting -= 1;
    }
  }
}

function askedFor(
  { faults, durationSeconds, suspend }: TimedFaults,
  nonce: string,
  disconnect: GateConfig['disconnect'],
): Asked {
  const upstream = { host: 'unused', port: 1 };
  const config = gateConfig.parse({ upstream, ...faults, ...(disconnect && { disconnect }) });
  return { config, run: { nonce, durationSeconds, suspend } };
}

/** @param start before it was asked for */
function runOf(asked: Asked, start: number): Run | undefined {
  const { durationSeconds, suspend } = asked.run;
  if (durationSeconds === undefined || suspend) return undefined;
  return { asked, endsAt: start + durationSeconds * 1_000 - EARLY };
}
