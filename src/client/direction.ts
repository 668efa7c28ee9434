import { gateConfig } from '../gate/config.ts';
import { type FaultName, faults } from '../gate/faults/registry.ts';
import type { CallOptions } from './call.ts';
import { type Change, mergeChange } from './changes.ts';
import { faultOptions } from './faultOptions.ts';
import { checkArgument, readOptions, refuseUnknown } from './options.ts';
import type { PeriodOptions } from './period.ts';
import type { DirectionName, FaultSettings, Faults, FaultsPatch, How } from './resource.ts';
import { text } from './text.ts';

export interface FaultOptions extends PeriodOptions {
  /** Share of the connections that the fault touches, 0 to 100. Default: 100. */
  readonly connectionsPercent?: number | undefined;
}

/** A method for every fault. A fault without one does not compile. */
type FaultMethods = { readonly [N in FaultName]: (...args: never[]) => Promise<void> };

/** An option that has a short name, and that of the spec. */
type Named<Short extends string, Long extends string, T> = {
  readonly [K in Short | Long]?: T | undefined;
};

interface Closing extends FaultOptions {
  /** How both ends see the close. Default: `Fin`. */
  readonly how?: How | undefined;
}

interface Shared extends FaultOptions {
  /** What is counted: each connection on its own (default), or all connections of the gate together. */
  readonly scope?: 'Connection' | 'Gate' | undefined;
}

/**
 * What a direction needs of its gate.
 *
 * @internal
 */
export interface Changer {
  /** Resolves when the change is in force on every open connection. */
  change(change: Change, options: CallOptions): Promise<void>;
  /** Replaces these fields of the spec, whole, for the time of `for`. */
  setFields(fields: object, options: PeriodOptions): Promise<void>;
  rearm(names: readonly DirectionName[], options: CallOptions): Promise<void>;
}

/**
 * The bytes of one direction, or of both. Each method replaces all faults of the direction by one, in one step, and
 * resolves when it is in force on every open connection; to the faults that are in force already it changes nothing.
 * Milliseconds and bytes throughout.
 */
export class Direction implements FaultMethods {
  readonly #names: readonly DirectionName[];
  readonly #changer: Changer;

  /** @internal */
  constructor(names: readonly DirectionName[], changer: Changer) {
    this.#names = names;
    this.#changer = changer;
  }

  /** No faults: bytes pass. */
  async pass(options: CallOptions = {}): Promise<void> {
    await this.#set({}, readOptions('pass()', options, {}));
  }

  /** Exactly these faults, named and set as in the TcpGate's spec. */
  async set(given: Faults, options: PeriodOptions = {}): Promise<void> {
    checkArgument('faults', gateConfig.shape.toServer, given);
    await this.#set(given, readOptions('set()', options, { for: true }));
  }

  /** A merge patch of the faults (RFC 7396): what is not named stays as it is, `null` lifts a fault. */
  async merge(patch: FaultsPatch, options: CallOptions = {}): Promise<void> {
    checkArgument('faults', gateConfig.shape.toServer, patch);
    const call = readOptions('merge()', options, {});
    await this.#changer.change(mergeChange(this.#names, patch), call);
  }

  /**
   * Starts counters, buckets and clocks of the faults in force over, on every open connection. Two steps: the direction
   * stalls in between, so that nothing passes uncounted.
   */
  async rearm(options: CallOptions = {}): Promise<void> {
    await this.#changer.rearm(this.#names, readOptions('rearm()', options, {}));
  }

  /** The gate stops reading: the sender fills its buffers, then blocks. Lifted, the bytes arrive in order. */
  stall(options: FaultOptions = {}): Promise<void> {
    return this.#only('stall', {}, options);
  }

  /** Bytes are read and discarded: the sender never blocks. */
  drop(options: FaultOptions = {}): Promise<void> {
    return this.#only('drop', {}, options);
  }

  /** The first byte closes its connection; nothing is forwarded. */
  closeOnData(options: Closing = {}): Promise<void> {
    return this.#only('closeOnData', {}, options);
  }

  /**
   * The connection is closed when its time is up, busy or idle.
   *
   * @param options.jitter spread around that time, each connection has its own
   * @param options.clock what starts the time: the first byte in this direction (default), or the opening
   */
  limitTime(
    milliseconds: number,
    options: Closing &
      Named<'jitter', 'jitterMilliseconds', number> & {
        readonly clock?: 'FirstData' | 'Connect' | undefined;
      } = {},
  ): Promise<void> {
    return this.#only('limitTime', { milliseconds }, options);
  }

  /** The connection is closed after that long without a byte in this direction. */
  limitIdle(milliseconds: number, options: Closing = {}): Promise<void> {
    return this.#only('limitIdle', { milliseconds }, options);
  }

  /** Exactly this many bytes pass, then the connection is closed; with scope `Gate`, all connections are. */
  limitBytes(bytes: number, options: Closing & Shared = {}): Promise<void> {
    return this.#only('limitBytes', { bytes }, options);
  }

  /** What matches a pattern (RE2 syntax, over bytes) is replaced, wherever the reads cut it. */
  substitute(pattern: string, replacement: string, options?: FaultOptions): Promise<void>;
  /** The same for up to 8 patterns. */
  substitute(rules: FaultSettings<'substitute'>, options?: FaultOptions): Promise<void>;
  async substitute(
    first: string | FaultSettings<'substitute'>,
    second?: string | FaultOptions,
    third?: FaultOptions,
  ): Promise<void> {
    const [rules, options] =
      typeof first === 'string'
        ? [[{ pattern: first, replacement: second as string }], third]
        : [first, second as FaultOptions | undefined];
    const isPair = typeof first === 'string' && typeof second === 'string';
    if (!(isPair || Array.isArray(first))) {
      const wrong = typeof first === 'string' ? second : first;
      throw new TypeError(
        `substitute() takes a pattern and its replacement, or a list of both, not ${text(wrong)}`,
      );
    }
    refuseUnknown('rules', faults.substitute.schema, rules);
    await this.#put(
      'substitute',
      rules,
      faultOptions('substitute', {}, options === undefined ? {} : options),
    );
  }

  /**
   * Bytes are changed, their number is kept.
   *
   * @param options.bytesPerMillion how many of a million, on average; default: all of them
   */
  corrupt(
    options: FaultOptions & { readonly bytesPerMillion?: number | undefined } = {},
  ): Promise<void> {
    return this.#only('corrupt', {}, options);
  }

  /**
   * Bytes are held until this many have gathered, then sent in one write.
   *
   * @param options.maxWait longest time that a byte waits for others; default: a minute
   */
  coalesce(
    minBytes: number,
    options: FaultOptions & Named<'maxWait', 'maxWaitMilliseconds', number> = {},
  ): Promise<void> {
    return this.#only('coalesce', { minBytes }, options);
  }

  /**
   * Every byte leaves that long after it came, in order. Throughput is not capped.
   *
   * @param options.jitter spread around that time
   */
  delay(
    milliseconds: number,
    options: FaultOptions & Named<'jitter', 'jitterMilliseconds', number> = {},
  ): Promise<void> {
    return this.#only('delay', { milliseconds }, options);
  }

  /**
   * Bytes leave at a limited rate, and the gate reads no faster.
   *
   * @param options.burst bytes that may leave at once after a pause; default: none
   */
  bandwidth(
    bytesPerSecond: number,
    options: Shared & Named<'burst', 'burstBytes', number> = {},
  ): Promise<void> {
    return this.#only('bandwidth', { bytesPerSecond }, options);
  }

  /**
   * Bytes leave in small writes of their own.
   *
   * @param options.variance how much shorter a write may be, in bytes
   * @param options.gap time from one write to the next
   */
  slice(
    maxBytes: number,
    options: FaultOptions &
      Named<'variance', 'varianceBytes', number> &
      Named<'gap', 'gapMilliseconds', number> = {},
  ): Promise<void> {
    return this.#only('slice', { maxBytes }, options);
  }

  async #only(
    name: FaultName,
    leading: Readonly<Record<string, number>>,
    given: FaultOptions,
  ): Promise<void> {
    const options = faultOptions(name, leading, given);
    const { timeout, signal, for: period, connectionsPercent, ...settings } = options;
    const of = { timeout, signal, for: period, connectionsPercent };
    await this.#put(name, { ...leading, ...settings }, of);
  }

  #put(
    name: FaultName,
    settings: object,
    { connectionsPercent, ...options }: FaultOptions,
  ): Promise<void> {
    return this.#set({ [name]: settings, connectionsPercent }, options);
  }

  #set(given: Faults, options: PeriodOptions): Promise<void> {
    const fields = Object.fromEntries(this.#names.map((name) => [name, given]));
    return this.#changer.setFields(fields, options);
  }
}
