import type { MonotonicClock } from '../time/clock.ts';
import type { Chunk, End } from './chunk.ts';
import { faultsOf } from './faults/configured.ts';
import type { Stage, StageContext } from './faults/fault.ts';
import { SMALLEST_READ } from './memory.ts';
import type { Rules } from './rules.ts';
import { Timers } from './timers.ts';

/** What a direction gives all of its stages. */
export interface Surroundings extends Pick<StageContext, 'openedAt' | 'connectionBytes' | 'close'> {
  readonly clock: MonotonicClock;
  /** The random numbers of a fault. */
  random(fault: string): (key: number) => number;
}

/** What becomes of the bytes that have passed the last stage, and what else the stages come to. */
export interface Consequences {
  pass(chunk: Chunk): void;
  end(end: End): void;
  /** A fault closes the connection behind bytes that are still on their way: nothing may follow them. */
  closing(end: End): void;
  /** Bytes that have passed the last stage and wait for the sink, or are in it. */
  waiting(): number;
  /** Bytes that may be made of others now; 0 while the process is short of memory. */
  allowance(): number;
  /** The process is short of memory. */
  isShort(): boolean;
  /** A run of bytes has come to a fault. */
  injected(fault: string): void;
  /** Runs what a stage's timer was set for. */
  run(task: () => void): void;
}

interface Station {
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
  readonly #stations: Station[] = [];
  readonly #consequences: Consequences;
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
    surroundings: Surroundings,
    consequences: Consequences,
  ) {
    this.#consequences = consequences;
    for (const { name, fault, settings } of faultsOf(config)) {
      const context = this.#context(name, this.#stations.length, surroundings, shared);
      this.#stations.push({
        name,
        stage: fault.stage(settings, context),
        changesBytes: fault.changesBytes ?? false,
        windowBehind: 1,
        offset: undefined,
      });
    }
    const stages = this.#stations.map(({ stage }) => stage);
    const { connectionBytes } = surroundings;
    this.window = windowOf(stages, connectionBytes);
    for (const [index, station] of this.#stations.entries()) {
      station.windowBehind = windowOf(stages.slice(index + 1), connectionBytes) ?? 1;
    }
    this.#goingOn = stages.toReversed().filter(({ goOn }) => goOn !== undefined);
  }

  /** Bytes that the stages hold. */
  get held(): number {
    let held = 0;
    for (const { stage } of this.#stations) held += stage.held;
    return held;
  }

  /** Memory that they take, in bytes. */
  get cost(): number {
    let cost = 0;
    for (const { stage } of this.#stations) cost += stage.cost ?? 0;
    return cost;
  }

  /** Those of them that wait for more bytes, and for nothing else. */
  get undecided(): number {
    let undecided = 0;
    for (const { stage } of this.#stations) undecided += stage.undecided ?? 0;
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

  /** Lets go what only waits for more bytes; tells whether there was something. */
  relent(): boolean {
    return this.#stations.map(({ stage }) => stage.relent?.() ?? false).includes(true);
  }

  /** Stops all stages for good and hands over what they held, in the order of the stream. */
  release(): Chunk[] {
    this.#timers?.stop();
    return this.#stations.toReversed().flatMap((station) => {
      const rest = station.stage.rest?.() ?? [];
      return [...rest.map((chunk) => passed(chunk, station)), ...station.stage.release()];
    });
  }

  #context(
    name: string,
    index: number,
    { clock, random, openedAt, connectionBytes, close }: Surroundings,
    shared: Map<string, unknown>,
  ): StageContext {
    this.#timers ??= new Timers(clock, (task) => this.#consequences.run(task));
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
      isShort: () => this.#consequences.isShort(),
      growth: () => (this.#hasRoom(index) ? this.#allowance(index) : 0),
      pass: (chunk) => this.#pass(index, chunk),
      passEnd: (end) => {
        if (end.close !== undefined) this.#consequences.closing(end);
        this.#endInto(index + 1, end);
      },
    };
  }

  /** Bytes behind a stage. */
  #behind(index: number): number {
    let behind = this.#consequences.waiting();
    for (let later = index + 1; later < this.#stations.length; later += 1) {
      behind += this.#stations[later]?.stage.held ?? 0;
    }
    return behind;
  }

  #hasRoom(index: number): boolean {
    return this.#behind(index) < (this.#stations[index]?.windowBehind ?? 1);
  }

  /** Where there is nothing yet, some always may be. */
  #allowance(index: number): number {
    const allowance = this.#consequences.allowance();
    return allowance === 0 && this.#behind(index) === 0 ? SMALLEST_READ : allowance;
  }

  #pushInto(index: number, chunk: Chunk): void {
    const station = this.#stations[index];
    if (station === undefined) {
      this.#consequences.pass(chunk);
      return;
    }
    if (station.changesBytes) {
      // It was held behind this fault before, so it is ahead of whatever the fault has not seen yet.
      if (chunk.changedBy.includes(station.name)) {
        this.#pushInto(index + 1, chunk);
        return;
      }
      station.offset ??= chunk.offset;
    }
    this.#consequences.injected(station.name);
    station.stage.push(chunk);
  }

  #pass(index: number, chunk: Chunk): void {
    if (chunk.data.length === 0) return;
    const station = this.#stations[index];
    if (station?.offset === undefined) {
      this.#pushInto(index + 1, chunk);
      return;
    }
    this.#pushInto(index + 1, passed(chunk, station));
  }

  #endInto(index: number, end: End): void {
    const station = this.#stations[index];
    if (station === undefined) this.#consequences.end(end);
    else station.stage.end(end);
  }
}

/** The chunk as it is behind a stage that changes bytes. */
function passed({ data, arrivedAt, changedBy }: Chunk, station: Station): Chunk {
  const offset = station.offset ?? 0;
  station.offset = offset + data.length;
  return { data, arrivedAt, offset, changedBy: [...changedBy, station.name] };
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
