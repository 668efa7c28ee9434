import type { MonotonicClock } from '../time/clock.ts';
import type { Chunk, End } from './chunk.ts';
import { faultsOf } from './faults/configured.ts';
import type { Stage, StageContext } from './faults/fault.ts';
import { SMALLEST_READ } from './memory.ts';
import type { Rules } from './rules.ts';
import { Timers } from './timers.ts';

/** What all stages of a direction share. */
export interface PipelineContext
  extends Pick<StageContext, 'openedAt' | 'connectionBytes' | 'close'> {
  readonly clock: MonotonicClock;
  /** The random numbers of a fault. */
  random(fault: string): (key: number) => number;
}

/** Receives the bytes behind the last stage, and reports what the stages do. */
export interface PipelineCallbacks {
  pass(chunk: Chunk): void;
  end(end: End): void;
  /** A fault closes the connection behind bytes that are still on their way: nothing may follow them. */
  closing(end: End): void;
  /** Bytes that have passed the last stage and wait for the sink, or are in it. */
  waiting(): number;
  /** Bytes that faults may add now; 0 while the process is short of memory. */
  allowance(): number;
  /** The process is short of memory. */
  isShort(): boolean;
  /** Bytes have reached a fault. */
  injected(fault: string): void;
  /** Runs what a stage's timer was set for. */
  run(task: () => void): void;
}

interface PlacedStage {
  readonly name: string;
  readonly stage: Stage;
  readonly changesBytes: boolean;
  /** Bytes that may be held behind it before it has to wait. */
  windowBehind: number;
  /** Of the next byte that it passes, if it changes them; undefined before the first came. */
  offset: number | undefined;
}

/** The faults of a direction at work, in the order of the registry. */
export class Pipeline {
  readonly #stages: PlacedStage[] = [];
  readonly #callbacks: PipelineCallbacks;
  /** Those that may wait for room behind them, the last first. */
  readonly #goingOn: readonly Stage[];
  #timers: Timers | undefined;
  /**
   * Bytes that may be held before the source is no longer read; undefined when no stage holds any. Infinite when nothing
   * that comes is held, whatever is held already.
   */
  readonly window: number | undefined;

  constructor(
    { config, shared }: Pick<Rules, 'config' | 'shared'>,
    context: PipelineContext,
    callbacks: PipelineCallbacks,
  ) {
    this.#callbacks = callbacks;
    for (const { name, fault, settings } of faultsOf(config)) {
      const stageContext = this.#stageContext(name, this.#stages.length, context, shared);
      this.#stages.push({
        name,
        stage: fault.stage(settings, stageContext),
        changesBytes: fault.changesBytes ?? false,
        windowBehind: 1,
        offset: undefined,
      });
    }
    const stages = this.#stages.map(({ stage }) => stage);
    const { connectionBytes } = context;
    this.window = windowOf(stages, connectionBytes);
    for (const [index, placed] of this.#stages.entries()) {
      placed.windowBehind = windowOf(stages.slice(index + 1), connectionBytes) ?? 1;
    }
    this.#goingOn = stages.toReversed().filter(({ goOn }) => goOn !== undefined);
  }

  /** Bytes that the stages hold. */
  get held(): number {
    let held = 0;
    for (const { stage } of this.#stages) held += stage.held;
    return held;
  }

  /** Memory that they take, in bytes. */
  get cost(): number {
    let cost = 0;
    for (const { stage } of this.#stages) cost += stage.cost ?? 0;
    return cost;
  }

  /** Those of them that wait for more bytes, and for nothing else. */
  get undecided(): number {
    let undecided = 0;
    for (const { stage } of this.#stages) undecided += stage.undecided ?? 0;
    return undecided;
  }

  push(chunk: Chunk): void {
    this.#pushInto(0, chunk);
  }

  end(end: End): void {
    this.#endInto(0, end);
  }

  /** There may be room for what stages could not pass. */
  goOn(): void {
    for (const stage of this.#goingOn) stage.goOn?.();
  }

  /** Passes bytes that only wait for more bytes; returns whether there were any. */
  relent(): boolean {
    return this.#stages.map(({ stage }) => stage.relent?.() ?? false).includes(true);
  }

  /** Stops all stages and returns the bytes that they held, in the order of the stream. */
  release(): Chunk[] {
    this.#timers?.stop();
    return this.#stages.toReversed().flatMap((placed) => {
      const rest = placed.stage.rest?.() ?? [];
      return [...rest.map((chunk) => passed(chunk, placed)), ...placed.stage.release()];
    });
  }

  #stageContext(
    name: string,
    index: number,
    { clock, random, openedAt, connectionBytes, close }: PipelineContext,
    shared: Map<string, unknown>,
  ): StageContext {
    this.#timers ??= new Timers(clock, (task) => this.#callbacks.run(task));
    const timers = this.#timers;
    return {
      openedAt,
      connectionBytes,
      close,
      monotonic: clock.monotonic,
      after: (milliseconds, task) => timers.after(milliseconds, task),
      random: random(name),
      shared: <T>(create: (clock: MonotonicClock) => T): T => {
        if (!shared.has(name)) shared.set(name, create(clock));
        return shared.get(name) as T;
      },
      hasRoom: () => this.#hasRoom(index),
      isShort: () => this.#callbacks.isShort(),
      growth: () => (this.#hasRoom(index) ? this.#allowance(index) : 0),
      pass: (chunk) => this.#pass(index, chunk),
      passEnd: (end) => {
        if (end.close !== undefined) this.#callbacks.closing(end);
        this.#endInto(index + 1, end);
      },
    };
  }

  /** Bytes behind a stage. */
  #behind(index: number): number {
    let behind = this.#callbacks.waiting();
    for (let later = index + 1; later < this.#stages.length; later += 1) {
      behind += this.#stages[later]?.stage.held ?? 0;
    }
    return behind;
  }

  #hasRoom(index: number): boolean {
    return this.#behind(index) < (this.#stages[index]?.windowBehind ?? 1);
  }

  /** Where there is nothing yet, some always may be. */
  #allowance(index: number): number {
    const allowance = this.#callbacks.allowance();
    return allowance === 0 && this.#behind(index) === 0 ? SMALLEST_READ : allowance;
  }

  #pushInto(index: number, chunk: Chunk): void {
    const placed = this.#stages[index];
    if (placed === undefined) {
      this.#callbacks.pass(chunk);
      return;
    }
    if (placed.changesBytes) {
      // It was held behind this fault before, so it is ahead of whatever the fault has not seen yet.
      if (chunk.changedBy.includes(placed.name)) {
        this.#pushInto(index + 1, chunk);
        return;
      }
      placed.offset ??= chunk.offset;
    }
    this.#callbacks.injected(placed.name);
    placed.stage.push(chunk);
  }

  #pass(index: number, chunk: Chunk): void {
    if (chunk.data.length === 0) return;
    const placed = this.#stages[index];
    if (placed?.offset === undefined) {
      this.#pushInto(index + 1, chunk);
      return;
    }
    this.#pushInto(index + 1, passed(chunk, placed));
  }

  #endInto(index: number, end: End): void {
    const placed = this.#stages[index];
    if (placed === undefined) this.#callbacks.end(end);
    else placed.stage.end(end);
  }
}

/** The chunk as it is behind a stage that changes bytes. */
function passed({ data, arrivedAt, changedBy }: Chunk, placed: PlacedStage): Chunk {
  const offset = placed.offset ?? 0;
  placed.offset = offset + data.length;
  return { data, arrivedAt, offset, changedBy: [...changedBy, placed.name] };
}

/**
 * Each stage's need on top of the others': a small buffer for a bandwidth, all of `connectionBytes` for a delay.
 * With both, the delay needs what the bandwidth lets through in that time: more would only queue up, less would
 * leave the bandwidth idle for the length of the delay.
 */
function windowOf(stages: readonly Stage[], connectionBytes: number): number | undefined {
  const windows = stages.flatMap(({ window }) => window ?? []);
  for (const decisive of [0, Number.POSITIVE_INFINITY]) {
    if (windows.includes(decisive)) return decisive;
  }
  const rate = Math.min(...stages.map((stage) => stage.bytesPerSecond ?? Number.POSITIVE_INFINITY));
  const latency = stages.reduce((sum, stage) => sum + (stage.latencyMilliseconds ?? 0), 0);
  const onTheLine = latency === 0 ? [] : [(latency / 1_000) * rate];
  const needs = [...windows, ...onTheLine];
  if (needs.length === 0) return undefined;
  return Math.min(connectionBytes, Math.max(1, Math.ceil(needs.reduce((sum, need) => sum + need))));
}
