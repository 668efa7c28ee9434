import { type Address, Traffic } from './actors/traffic.ts';
import { Campaign, type Place } from './campaign.ts';
import { Findings } from './findings.ts';
import { Gate } from './gate.ts';
import { GateModel } from './model/gateModel.ts';
import { type Planned, plan, type Weights } from './plan/plan.ts';
import { Random } from './random.ts';
import { type Report, reportOf } from './report.ts';
import { Tally } from './tally.ts';
import type { Target } from './targets/target.ts';

export interface TortureOptions {
  readonly seed: number;
  readonly milliseconds: number;
  /** Told at once when something is wrong. */
  readonly onProblem: (what: string) => void;
}

export interface WorldOptions extends TortureOptions {
  readonly stage: string;
  /** Address that the servers of the gates listen on, and at which the gates reach them. */
  readonly serverHost: string;
  /** Memory of each process at most, for the report. */
  readonly limitBytes: number;
  /** Ends of connections at most. */
  readonly maxEnds: number;
  /** How often each kind of step is taken; default: that of the plan. */
  readonly weights?: Weights | undefined;
  /** What happens, in place of a plan by chance. */
  readonly steps?: Iterable<Planned> | undefined;
}

/** A gate's model, and what goes through the gate. */
export interface Side {
  readonly model: GateModel;
  readonly traffic: Traffic;
}

/** All that a campaign is made of. */
export class World {
  readonly random: Random;
  readonly findings: Findings;
  readonly #options: WorldOptions;
  readonly #abort = new AbortController();
  readonly #tally = new Tally();
  readonly #traffics: Traffic[] = [];
  readonly #places: Place[] = [];
  readonly #addresses = new Map<string, () => Address>();
  readonly #atEnd: (() => Promise<void>)[] = [];
  #streams = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Random(options.seed);
    this.findings = new Findings((what) => {
      options.onProblem(what);
      this.#abort.abort();
    });
  }

  /** Both sides of a gate that is not there yet. */
  async side(name: string): Promise<Side> {
    const nextId = (): number => {
      this.#streams += 1;
      return this.#streams;
    };
    const model = new GateModel(name, nextId, now);
    const { serverHost } = this.#options;
    const traffic = await Traffic.start({
      model,
      counts: this.#tally.bytes,
      random: this.random.fork(name),
      gate: () => this.#addressOf(name),
      serverHost,
      now,
      wrong: (what) => this.findings.wrong(what),
    });
    this.#traffics.push(traffic);
    return { model, traffic };
  }

  /** Where the gate of that side finds its server. */
  upstreamOf({ traffic }: Side): Address {
    return { host: this.#options.serverHost, port: traffic.port };
  }

  /** Takes a target into the campaign, whose gates stand between these sides. */
  add(target: Target, sides: readonly Side[]): void {
    const gates = sides.flatMap((side, index) => {
      const gate = target.gates[index];
      if (gate === undefined) return [];
      this.#addresses.set(side.model.name, () => gate.address);
      const wrong = (what: string) => this.findings.wrong(what);
      const { signal } = this.#abort;
      return [new Gate({ target: gate, ...side, tally: this.#tally, now, wrong, signal })];
    });
    this.#places.push({ target, gates });
  }

  /** Takes something else away when the campaign is over. */
  atEnd(work: () => Promise<void>): void {
    this.#atEnd.push(work);
  }

  /** Starts all that was added, carries the plan out, and takes all of it away. */
  async run(): Promise<Report> {
    const began = now();
    let peakBytes: Record<string, number> = {};
    try {
      for (const { target } of this.#places) await target.start();
      await this.#campaign().run();
    } finally {
      this.#abort.abort();
      for (const traffic of this.#traffics) traffic.stop();
      peakBytes = this.#peaks();
      for (const { target } of this.#places) await target.stop();
      for (const work of this.#atEnd) await work();
    }
    const { stage, seed, limitBytes } = this.#options;
    return reportOf({
      stage,
      seed,
      seconds: (now() - began) / 1_000,
      tally: this.#tally,
      traffics: this.#traffics,
      peakBytes,
      limitBytes,
      problems: this.findings.problems,
    });
  }

  #campaign(): Campaign {
    const { milliseconds, maxEnds, weights, steps } = this.#options;
    const shape = {
      gates: this.#places.reduce((sum, { gates }) => sum + gates.length, 0),
      targets: this.#places.length,
    };
    return new Campaign({
      places: this.#places,
      plan: steps ?? plan(this.random.fork('plan'), shape, weights),
      tally: this.#tally,
      findings: this.findings,
      signal: this.#abort.signal,
      milliseconds,
      maxEnds,
      now,
    });
  }

  #peaks(): Record<string, number> {
    const peaks = this.#places.flatMap(({ target: { name, peakBytes } }) =>
      peakBytes === undefined ? [] : [[name, peakBytes] as const],
    );
    return Object.fromEntries(peaks);
  }

  #addressOf(name: string): Address {
    const address = this.#addresses.get(name);
    if (address === undefined) throw new Error(`There is no gate ${name}`);
    return address();
  }
}

function now(): number {
  return performance.now();
}
