import type { DirectionConfig } from './config.ts';
import type { Chunk, Fault, Stage, StageContext } from './faults/fault.ts';
import { faults } from './faults/registry.ts';

/** What a direction gives all of its stages. */
export type SharedContext = Omit<StageContext, 'pass' | 'passEnd'>;

/** Where the bytes go that have passed the last stage. */
export interface Outlet {
  pass(chunk: Chunk): void;
  passEnd(): void;
  /** A run of bytes has come to a fault. */
  injected(fault: string): void;
}

/** The faults of a direction at work, in the order of the registry. */
export class Pipeline {
  readonly #stages: { readonly name: string; readonly stage: Stage }[] = [];
  readonly #outlet: Outlet;
  /** Bytes that may be held before the source is no longer read; undefined when no stage says. */
  readonly window: number | undefined;

  /** @param config undefined for no faults */
  constructor(config: DirectionConfig | undefined, shared: SharedContext, outlet: Outlet) {
    this.#outlet = outlet;
    for (const [name, fault] of Object.entries(faults as Record<string, Fault>)) {
      const settings = config?.[name as keyof DirectionConfig];
      if (settings === undefined) continue;
      const next = this.#stages.length + 1;
      const context: StageContext = {
        ...shared,
        pass: (chunk) => this.#pushInto(next, chunk),
        passEnd: (arrivedAt) => this.#endInto(next, arrivedAt),
      };
      this.#stages.push({ name, stage: fault.stage(settings, context) });
    }
    const windows = this.#stages.flatMap(({ stage }) => stage.window ?? []);
    if (windows.length > 0) this.window = windows.includes(0) ? 0 : Math.max(...windows);
  }

  get isEmpty(): boolean {
    return this.#stages.length === 0;
  }

  /** Bytes that the stages hold. */
  get held(): number {
    return this.#stages.reduce((sum, { stage }) => sum + stage.held, 0);
  }

  push(chunk: Chunk): void {
    this.#pushInto(0, chunk);
  }

  end(arrivedAt: number): void {
    this.#endInto(0, arrivedAt);
  }

  /** Stops all stages for good and hands over what they held, in the order of the stream. */
  release(): Chunk[] {
    return this.#stages.toReversed().flatMap(({ stage }) => stage.release());
  }

  #pushInto(index: number, chunk: Chunk): void {
    const follower = this.#stages[index];
    if (follower === undefined) {
      this.#outlet.pass(chunk);
      return;
    }
    this.#outlet.injected(follower.name);
    follower.stage.push(chunk);
  }

  #endInto(index: number, arrivedAt: number): void {
    const follower = this.#stages[index];
    if (follower === undefined) this.#outlet.passEnd();
    else follower.stage.end(arrivedAt);
  }
}
