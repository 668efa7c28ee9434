/**
 * Runs of one gate through an operator and a proxy that end, begin again and lose their memory, each with a clock of its
 * own that is minutes off, against a model of what must be in force.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TcpGateSpec } from '../../../src/api/spec.ts';
import type { GateWithUpstream } from '../../../src/api/tcpgate.ts';
import type { LinkState } from '../../../src/control/link.ts';
import type { Report, Snapshot } from '../../../src/control/messages.ts';
import { type StoredSnapshot, storedSnapshot } from '../../../src/control/storedSnapshot.ts';
import { GateRuns } from '../../../src/operator/gateRuns.ts';
import { hasFaults, storedRun } from '../../../src/operator/run.ts';
import { snapshotOf, storedSnapshotOf } from '../../../src/operator/snapshot.ts';
import { inForceOf } from '../../../src/proxy/inForce.ts';
import { RunTimer } from '../../../src/proxy/runTimer.ts';
import type { Clock } from '../../../src/time/clock.ts';
import { aGate } from './fixtures.ts';

/** Sequences of some 25 steps, about 7 runs in each: more than 10,000 random runs. */
const SEQUENCES = Number(process.env.RUNS_PROPERTY_SEQUENCES ?? 1_500);

const KEY = 'staging/postgres';
const LIMITS = { defaultDurationSeconds: 90, maxDurationSeconds: 200 };
/** Milliseconds by which a clock may be off. */
const SKEW = 300_000;
/** Milliseconds that faults may outlive their end, or fall short of it. */
const LATE = 1_000;

/** True time, by which everything is judged. */
class World {
  now = 0;
  #timers: { due: number; run: () => void }[] = [];

  /** The clock of a machine, whose wall clock is that much off and whose monotonic one began at any time. */
  clock(skew: number): Clock {
    return {
      wall: () => Date.UTC(2026, 0, 1) + this.now + skew,
      monotonic: () => this.now + Math.abs(skew) * 7,
      after: (milliseconds, run) => {
        const timer = { due: this.now + milliseconds, run };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
    };
  }

  advance(milliseconds: number, check: () => void): void {
    const end = this.now + milliseconds;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.due - b.due);
      if (next === undefined || next.due > end) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.now = Math.max(this.now, next.due);
      next.run();
      check();
    }
    this.now = end;
    check();
  }
}

/** The state of a proxy's process, and what outlives it on its node. */
class TestProxy {
  readonly clock: Clock;
  readonly timer: RunTimer;
  snapshot: Snapshot | undefined;
  stored: StoredSnapshot | undefined;

  constructor(clock: Clock, mounted: StoredSnapshot | undefined, own?: StoredSnapshot) {
    this.clock = clock;
    this.timer = new RunTimer({ clock, onEnd: () => {} });
    this.stored = own;
    const found = own ?? mounted;
    if (found === undefined) return;
    const { endTime, hasEnded, startedFor: _, ...snapshot } = found;
    const stored = endTime === undefined ? undefined : Date.parse(endTime) - clock.wall();
    const left = hasEnded ? 0 : stored && Math.max(0, stored);
    this.#run(snapshot, left, own !== undefined);
  }

  apply(next: Snapshot, remaining: number | undefined): void {
    this.#run(next, remaining, true);
  }

  get state(): NonNullable<Report['run']>['state'] {
    return this.snapshot === undefined
      ? 'NoFaults'
      : inForceOf(this.snapshot, this.timer.isEnded).state;
  }

  /** As the operator's end of a new connection has it. @param monotonic the operator's */
  link(monotonic: number): LinkState {
    const { timer, snapshot } = this;
    const number = timer.certainRun;
    const remaining = timer.remainingMilliseconds;
    const report = {
      instance: 'a',
      generation: snapshot?.generation ?? 0,
      faults: 'none',
      connections: { active: 0, accepted: 0 },
      upstream: {},
      ...(number === undefined ? {} : { run: { number, state: this.state } }),
    };
    const endsAt =
      number === undefined || remaining === undefined ? undefined : monotonic + remaining;
    return { report, endsAt, rejected: undefined };
  }

  #run(next: Snapshot, remaining: number | undefined, isCertain: boolean): void {
    this.timer.take(next.run, remaining, isCertain);
    this.snapshot = next;
    const left = this.timer.remainingMilliseconds;
    const endTime =
      left === undefined ? {} : { endTime: new Date(this.clock.wall() + left).toISOString() };
    this.stored = { ...next, ...endTime };
  }
}

type Step =
  | { readonly do: 'patch'; readonly spec: object }
  | { readonly do: 'lever'; readonly isEngaged: boolean }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'operator'; readonly skew: number | undefined }
  | { readonly do: 'container' }
  | { readonly do: 'pod'; readonly skew: number | undefined };

const skew = fc.integer({ min: -SKEW, max: SKEW });
const orAway = fc.option(skew, { nil: undefined, freq: 2 });
const spec = fc
  .record({
    toClient: fc.constantFrom({}, { drop: {} }, { delay: { milliseconds: 300 } }),
    newConnections: fc.constantFrom('Accept', 'Accept', 'Refuse'),
    durationSeconds: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
    suspend: fc.constantFrom(false, false, false, true),
    faultsNonce: fc.constantFrom('a', 'b', 'c'),
    seed: fc.nat(3),
  })
  .map(({ durationSeconds, ...others }) =>
    durationSeconds === undefined ? others : { ...others, durationSeconds },
  );
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: spec.map((spec) => ({ do: 'patch', spec }) as const) },
  { weight: 2, arbitrary: fc.boolean().map((isEngaged) => ({ do: 'lever', isEngaged }) as const) },
  {
    weight: 6,
    arbitrary: fc
      .integer({ min: 0, max: 150_000 })
      .map((milliseconds) => ({ do: 'wait', milliseconds }) as const),
  },
  { weight: 2, arbitrary: orAway.map((skew) => ({ do: 'operator', skew }) as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'container' } as const) },
  { weight: 2, arbitrary: orAway.map((skew) => ({ do: 'pod', skew }) as const) },
);

/** What the model knows of the run that the proxy received. */
interface Expected {
  readonly spec: TcpGateSpec;
  /** By the true time; undefined: nothing ends it. */
  readonly endsAt: number | undefined;
  readonly isLevered: boolean;
  /** Milliseconds by which nobody can know the end better: it went through the clocks of two machines. */
  readonly slack: number;
}

/** The states that a proxy may be in; two of them around the end. */
function statesAt(now: number, expected: Expected): NonNullable<Report['run']>['state'][] {
  const { spec, endsAt = Number.POSITIVE_INFINITY, isLevered, slack } = expected;
  if (!hasFaults(spec)) return ['NoFaults'];
  if (spec.suspend) return ['Suspended'];
  const before = isLevered ? 'Lever' : 'InForce';
  if (now > endsAt + LATE + slack) return ['Ended'];
  return now < endsAt - LATE - slack ? [before] : [before, 'Ended'];
}

class Play {
  readonly world = new World();
  gate: GateWithUpstream = aGate({}, { generation: 1 });
  isLevered = false;
  runs: { readonly clock: Clock; readonly gateRuns: GateRuns } | undefined;
  operatorSkew = 0;
  storedSkew = 0;
  secret: string | undefined;
  proxy: TestProxy | undefined;
  proxySkew = 0;
  /** The operator has not heard the proxy yet. */
  isNewOperator = false;
  /** Of the run that the operator last learned of; not begun for the operator, it may have for a proxy. */
  run: { key: string; endsAt: number | undefined; isBegun: boolean; slack: number } | undefined;
  expected: Expected | undefined;
  started = 0;

  do(step: Step): void {
    switch (step.do) {
      case 'patch': {
        const { metadata } = this.gate;
        this.gate = aGate(step.spec, { generation: metadata.generation + 1 });
        break;
      }
      case 'lever':
        this.isLevered = step.isEngaged;
        break;
      case 'wait':
        this.world.advance(step.milliseconds, () => this.check());
        break;
      case 'operator':
        this.#operator(step.skew);
        break;
      case 'container':
        this.#container();
        break;
      case 'pod':
        this.#pod(step.skew);
        break;
    }
    this.#reconcile();
    this.check();
  }

  /** What the proxy does is what the model expects. */
  check(): void {
    const { proxy, expected } = this;
    if (proxy === undefined || expected === undefined) return;
    const allowed = statesAt(this.world.now, expected);
    const { state } = proxy;
    if (allowed.includes(state)) return;
    // A text for each of a million looks would take longer than all the rest.
    expect.fail(`${state} at ${this.world.now} ms: ${JSON.stringify(expected)}`);
  }

  #operator(skew: number | undefined): void {
    this.runs = undefined;
    if (skew === undefined) return;
    this.operatorSkew = skew;
    const clock = this.world.clock(skew);
    this.runs = { clock, gateRuns: new GateRuns({ clock, limits: LIMITS }) };
    this.isNewOperator = true;
    // Only what is stored tells, where no proxy is there that knows better.
    if (this.proxy?.timer.certainRun === undefined) this.#doubt(this.storedSkew - skew);
  }

  #container(): void {
    if (this.proxy === undefined) return;
    const { clock, stored, timer } = this.proxy;
    timer.stop();
    this.proxy = new TestProxy(clock, this.#mounted(), stored);
  }

  #pod(skew: number | undefined): void {
    this.proxy?.timer.stop();
    this.proxy = undefined;
    if (this.run?.isBegun === false) this.run = { ...this.run, endsAt: undefined };
    if (skew === undefined) return;
    this.proxySkew = skew;
    this.proxy = new TestProxy(this.world.clock(skew), this.#mounted());
    if (this.runs !== undefined || this.run === undefined || this.expected === undefined) return;
    if (this.run.isBegun) this.#doubt(this.storedSkew - skew);
    else this.run = { ...this.run, endsAt: this.world.now + this.#duration(this.expected.spec) };
    this.expected = { ...this.expected, endsAt: this.run.endsAt };
  }

  /** Milliseconds. */
  #duration({ durationSeconds = LIMITS.defaultDurationSeconds }: TcpGateSpec): number {
    return Math.min(durationSeconds, LIMITS.maxDurationSeconds) * 1_000;
  }

  #doubt(milliseconds: number): void {
    // The record says that it has ended, and no clock is asked.
    if (this.#mounted()?.hasEnded) return;
    const slack = Math.abs(milliseconds);
    if (this.run !== undefined) this.run = { ...this.run, slack: this.run.slack + slack };
    if (this.expected !== undefined) {
      this.expected = { ...this.expected, slack: this.expected.slack + slack };
    }
  }

  #mounted(): StoredSnapshot | undefined {
    return this.secret === undefined ? undefined : storedSnapshot.parse(JSON.parse(this.secret));
  }

  /** As the operator does: from what is stored and what proxies report to both. */
  #reconcile(): void {
    if (this.runs === undefined) return;
    const { clock, gateRuns } = this.runs;
    const { proxy, gate, isLevered } = this;
    this.#model();
    // The message brings a report, which brings another look.
    for (let look = 0; look < 2; look += 1) {
      const links =
        proxy === undefined || this.isNewOperator ? [] : [proxy.link(clock.monotonic())];
      this.isNewOperator = false;
      const stored = this.secret === undefined ? undefined : storedRun(this.secret);
      const run = gateRuns.next(KEY, gate, { stored, links });
      const snapshot = snapshotOf(gate, undefined, run, isLevered);
      const remaining =
        run.endsAt === undefined ? undefined : Math.max(0, run.endsAt - clock.monotonic());
      proxy?.apply(snapshot, remaining);
      this.secret = JSON.stringify(storedSnapshotOf(snapshot, gate.spec, run));
    }
    this.storedSkew = this.operatorSkew;
    const { endsAt, slack = 0 } = this.run ?? {};
    this.expected = { spec: gate.spec, endsAt, isLevered, slack };
  }

  /** The same in other words: a run per change of what starts one, which begins with the first proxy that is there. */
  #model(): void {
    const { spec } = this.gate;
    const { toServer, toClient, newConnections, durationSeconds, suspend, faultsNonce } = spec;
    const key = JSON.stringify({
      toServer,
      toClient,
      newConnections,
      durationSeconds,
      suspend,
      faultsNonce,
    });
    if (this.run?.key !== key) {
      this.run = { key, endsAt: undefined, isBegun: false, slack: 0 };
      this.started += 1;
    }
    if (this.run.isBegun || this.proxy === undefined) return;
    const { endsAt = this.world.now + this.#duration(spec) } = this.run;
    this.run = { ...this.run, isBegun: true, endsAt };
  }
}

test('no fault outlives its end by more than a second, nor ends early, nor starts by anything but its spec', () => {
  let started = 0;
  fc.assert(
    fc.property(
      skew,
      skew,
      fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
      (a, b, steps) => {
        const play = new Play();
        play.do({ do: 'operator', skew: a });
        play.do({ do: 'pod', skew: b });
        for (const step of steps) play.do(step);
        started += play.started;
      },
    ),
    { numRuns: SEQUENCES },
  );
  if (SEQUENCES >= 1_500) expect(started).toBeGreaterThan(10_000);
}, 120_000);
