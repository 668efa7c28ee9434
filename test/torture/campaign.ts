import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from './actors/hostile.ts';
import type { Findings } from './findings.ts';
import type { Gate } from './gate.ts';
import type { Planned, Relief, Step } from './plan/plan.ts';
import type { Tally } from './tally.ts';
import type { Target } from './targets/target.ts';

/** A target and its gates. */
export interface Place {
  readonly target: Target;
  readonly gates: readonly Gate[];
}

export interface CampaignOptions {
  readonly places: readonly Place[];
  readonly plan: Iterable<Planned>;
  readonly tally: Tally;
  readonly findings: Findings;
  /** Ends it early: something went wrong. */
  readonly signal: AbortSignal;
  readonly milliseconds: number;
  /** Ends of connections at most. */
  readonly maxEnds: number;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Milliseconds until everything that was sent has to be there. */
const PATIENCE = 30_000;

/** Changes that wait for one gate at most; then the plan waits. */
const MOST_WAITING = 3;
const POLL = 20;

/** Carries the plan out, until the time is up or something is wrong. */
export class Campaign {
  readonly #options: CampaignOptions;
  readonly #gates: readonly Gate[];
  /** What goes on beside the plan. */
  readonly #running = new Set<Promise<void>>();
  /** Hosts to which something is done that cannot go together with anything else. */
  readonly #busy = new Set<Target>();

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#gates = options.places.flatMap(({ gates }) => gates);
  }

  async run(): Promise<void> {
    try {
      await this.#carryOut();
    } finally {
      await Promise.all(this.#running);
    }
  }

  async #carryOut(): Promise<void> {
    const { plan, milliseconds, now, signal, findings } = this.#options;
    const end = now() + milliseconds;
    for (const gate of this.#gates) await gate.relieve('patch');
    for (const { step, pauseMilliseconds } of plan) {
      if (now() >= end || signal.aborted) break;
      findings.did(JSON.stringify(step));
      await this.#take(step);
      this.#checkTargets();
      await sleep(Math.min(pauseMilliseconds, Math.max(0, end - now())));
    }
    if (signal.aborted) return;
    await this.#settle('patch');
    await Promise.all(this.#gates.map(({ traffic }) => traffic.finish(PATIENCE)));
    this.#checkTargets();
  }

  async #take(step: Step): Promise<void> {
    const { tally, maxEnds } = this.#options;
    switch (step.do) {
      case 'open': {
        const ends = this.#gates.reduce((sum, { traffic }) => sum + traffic.size, 0);
        if (ends + 2 * step.scripts.length > maxEnds) return;
        for (const script of step.scripts) this.#gate(step.gate).traffic.open(script);
        return;
      }
      case 'patch':
        return this.#change(step.gate, (gate) => gate.patch(step));
      case 'recreate':
        return this.#change(step.gate, (gate) => gate.recreate(step));
      case 'disconnect':
        return this.#change(step.gate, (gate) => gate.disconnect(step.how, step.count));
      case 'offend':
        return this.#change(step.gate, (gate) => gate.offend(step.spec));
      case 'kill':
        return this.#alone(step.target, (place) => this.#kill(place));
      case 'fillDisk':
        return this.#alone(step.target, async ({ target }) => {
          if (await target.fillDisk(step.milliseconds)) tally.disksFilled += 1;
        });
      case 'attack': {
        const { target, gates } = this.#place(step.target);
        const door = target.doors[step.door % target.doors.length];
        if (door === undefined) return;
        const attacked = door.gate === undefined ? undefined : gates[door.gate];
        const strike = () => attack(door, step.how, step);
        this.#beside(async () => {
          tally.hostileConnections += await (attacked?.traffic.amongStrangers(strike) ?? strike());
        });
        return;
      }
      case 'failUpstream': {
        const { traffic } = this.#gate(step.gate);
        this.#beside(async () => {
          if (await traffic.failServer(step.how, step.milliseconds)) tally.upstreamsFailed += 1;
        });
        return;
      }
      case 'settle':
        return this.#settle(step.by);
    }
  }

  async #kill({ target, gates }: Place): Promise<void> {
    await target.kill(() => {
      for (const { model } of gates) model.killed();
    });
    for (const { traffic } of gates) traffic.bury();
    for (const { model } of gates) model.isBack();
    this.#options.tally.killed(target.kind);
  }

  /** Makes everything pass, and waits until all that was sent is there. */
  async #settle(by: Relief): Promise<void> {
    await Promise.all(this.#running);
    const levered = by === 'lever' ? this.#gates.filter(({ hasLever }) => hasLever) : [];
    const others = this.#gates.filter((gate) => !levered.includes(gate));
    await Promise.all([
      ...others.map((gate) => gate.relieve(by === 'lever' ? 'suspend' : by)),
      ...levered.map((gate) => gate.relieveByLever(true)),
    ]);
    await Promise.all(
      this.#gates.map(({ traffic }) => traffic.settle(PATIENCE, this.#options.signal)),
    );
    await Promise.all(levered.map((gate) => gate.relieveByLever(false)));
    for (const { traffic } of this.#gates) traffic.goOn();
    this.#options.tally.drained += 1;
  }

  /** Asks for a change of a gate, and does not wait for it. */
  async #change(index: number, work: (gate: Gate) => Promise<void>): Promise<void> {
    const gate = this.#gate(index);
    while (gate.waiting >= MOST_WAITING && !this.#options.signal.aborted) await sleep(POLL);
    this.#beside(() => work(gate));
  }

  /** Does something to a target, unless something is being done to it. */
  async #alone(index: number, work: (place: Place) => Promise<void>): Promise<void> {
    const place = this.#place(index);
    if (this.#busy.has(place.target)) return;
    this.#busy.add(place.target);
    this.#beside(async () => {
      try {
        await work(place);
      } finally {
        this.#busy.delete(place.target);
      }
    });
  }

  #beside(work: () => Promise<void>): void {
    const running = work()
      .catch((error: Error) => this.#options.findings.wrong(error.stack ?? error.message))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #checkTargets(): void {
    for (const { target } of this.#options.places) {
      if (target.trouble !== undefined) this.#options.findings.wrong(target.trouble);
    }
  }

  #gate(index: number): Gate {
    const gate = this.#gates[index];
    if (gate === undefined) throw new RangeError(`There is no gate ${index}`);
    return gate;
  }

  #place(index: number): Place {
    const place = this.#options.places[index];
    if (place === undefined) throw new RangeError(`There is no target ${index}`);
    return place;
  }
}
