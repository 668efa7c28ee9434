import type { GateConfig } from '../../../src/gate/config.ts';
import type { DirectionName } from '../../../src/gate/directionName.ts';
import { closes, turnsAway } from './effects.ts';
import type { Epoch } from './epoch.ts';
import { SentStream } from './sentStream.ts';

/** A configuration that is in force for certain: nothing else was asked for since it was. */
export interface Certain {
  readonly config: GateConfig;
  readonly since: number;
  /** When it may end by itself; undefined: never. */
  readonly until: number | undefined;
  /** What each stream had sent when it was known to be in force: all beyond has met it. */
  readonly sent: ReadonlyMap<SentStream, number>;
}

/** Milliseconds after which a server on a busy machine has heard of a connection. */
const LATEST_ACCEPT = 10_000;

/**
 * What is known of one gate. A configuration may be in force from the moment it is asked for; it is for certain when the
 * gate has said so; an earlier one may be in force until then.
 */
export class GateModel {
  readonly name: string;
  readonly #streams = new Set<SentStream>();
  readonly #nextId: () => number;
  readonly #now: () => number;
  #epochs: Epoch[] = [];
  /** Epochs that have ended, and until when a connection of theirs may show up. */
  #ended: { readonly epoch: Epoch; readonly until: number }[] = [];
  #certain: Certain | undefined;
  /** Reasons why connections that come now are lost: kills, and a server that fails. */
  #losses = 0;

  /**
   * @param nextId of a stream, different in the whole campaign
   * @param now monotonic milliseconds
   */
  constructor(name: string, nextId: () => number, now: () => number) {
    this.name = name;
    this.#nextId = nextId;
    this.#now = now;
  }

  get certain(): Certain | undefined {
    const { until } = this.#certain ?? {};
    return until !== undefined && this.#now() >= until ? undefined : this.#certain;
  }

  get streams(): ReadonlySet<SentStream> {
    return this.#streams;
  }

  /** Whether a client that comes now may be refused or reset. */
  get mayTurnAway(): boolean {
    return this.#epochs.some(({ config }) => turnsAway(config));
  }

  open(direction: DirectionName): SentStream {
    const stream = new SentStream(this.#nextId(), direction, this.#now());
    // A server hears of a connection after the gate has made it, and has perhaps done something to it.
    const ended = direction === 'toClient' ? this.#ended : [];
    for (const { epoch, until } of ended) {
      if (until < this.#now()) continue;
      stream.opens(epoch);
      stream.ends(epoch);
    }
    for (const epoch of this.#epochs) stream.opens(epoch);
    stream.isAbandoned = this.#losses > 0;
    this.#streams.add(stream);
    return stream;
  }

  close(stream: SentStream): void {
    this.#streams.delete(stream);
  }

  /** Something is about to be asked for. */
  asks(config: GateConfig, { disconnects = false } = {}): Epoch {
    const epoch = { config, closes: disconnects || closes(config) };
    this.#certain = undefined;
    this.#epochs.push(epoch);
    for (const stream of this.#streams) stream.opens(epoch);
    return epoch;
  }

  /** It was refused: what was certain before is again. */
  refused(epoch: Epoch, before: Certain | undefined): void {
    this.#epochs = this.#epochs.filter((one) => one !== epoch);
    for (const stream of this.#streams) stream.forgets(epoch);
    this.#certain = before;
  }

  /**
   * It is in force, on every connection.
   *
   * @param until when it may end by itself, at the earliest
   */
  confirmed(epoch: Epoch, until?: number): void {
    for (const other of this.#epochs) {
      if (other === epoch) continue;
      for (const stream of this.#streams) stream.ends(other);
    }
    const now = this.#now();
    this.#ended = [
      ...this.#ended.filter(({ until }) => until >= now),
      ...this.#epochs.map((ended) => ({ epoch: ended, until: now + LATEST_ACCEPT })),
    ];
    // What it closed it has closed: from now on only its faults may.
    const current = { config: epoch.config, closes: closes(epoch.config) };
    for (const stream of this.#streams) {
      stream.ends(epoch);
      stream.opens(current);
      stream.prune();
    }
    this.#epochs = [current];
    const sent = new Map([...this.#streams].map((stream) => [stream, stream.sent]));
    this.#certain = { config: epoch.config, since: this.#now(), until, sent };
  }

  /** Its process is killed: all connections that it has, and that come before it is back, are lost. */
  killed(): void {
    this.#losses += 1;
    for (const stream of this.#streams) stream.isAbandoned = true;
  }

  /** It runs again, with the configuration that it had. */
  isBack(): void {
    this.#losses -= 1;
  }

  /** Its server takes no new connections, and resets those that it has not taken yet. */
  upstreamFails(): void {
    this.#losses += 1;
  }

  upstreamIsBack(): void {
    this.#losses -= 1;
  }
}
