import type { DirectionName } from '../../../src/gate/directionName.ts';
import { type Effects, effectsOf, turnsAway } from './effects.ts';
import type { Epoch } from './epoch.ts';

/** The bytes of a stream that an epoch of its gate may have touched: from `from` on, up to `to`. */
interface Window {
  readonly epoch: Epoch;
  readonly from: number;
  to: number;
  /** The epoch may close the connection. */
  readonly closes: boolean;
  readonly effects: Effects;
}

type Effect = keyof Effects;

/** Writes whose time is remembered. */
const REMEMBERED_WRITES = 512;

/** What one end of a connection has sent, and what may have become of it. */
export class SentStream {
  readonly id: number;
  readonly direction: DirectionName;
  readonly bornAt: number;
  /** Bytes that were given to the socket. */
  sent = 0;
  /** Bytes that have reached the other end, or were lost before those that have. */
  received = 0;
  /** A FIN follows them. */
  hasFinished = false;
  /** Its sender has reset the connection, or was closed while bytes were on their way: nothing has to arrive. */
  isAbandoned = false;
  #windows: Window[] = [];
  readonly #writes: { readonly to: number; readonly at: number }[] = [];

  constructor(id: number, direction: DirectionName, bornAt: number) {
    this.id = id;
    this.direction = direction;
    this.bornAt = bornAt;
  }

  wrote(bytes: number, now: number): void {
    this.sent += bytes;
    this.#writes.push({ to: this.sent, at: now });
    if (this.#writes.length > REMEMBERED_WRITES) this.#writes.shift();
  }

  /** When the byte at that position was sent at the latest; undefined when that is forgotten. */
  sentAt(position: number): number | undefined {
    const [oldest] = this.#writes;
    if (oldest === undefined || position < oldest.to) return oldest?.at;
    return this.#writes.find(({ to }) => position < to)?.at;
  }

  /** From now on the epoch may be in force: for all bytes that have not arrived. */
  opens(epoch: Epoch): void {
    const closes = epoch.closes || (turnsAway(epoch.config) && this.received === 0);
    const effects = effectsOf(epoch.config, this.direction);
    const to = Number.POSITIVE_INFINITY;
    this.#windows.push({ epoch, from: this.received, to, closes, effects });
  }

  /** It is no longer in force: what is sent from now on is not touched by it. */
  ends(epoch: Epoch): void {
    for (const window of this.#windows) {
      if (window.epoch === epoch) window.to = Math.min(window.to, this.sent);
    }
  }

  /** It never was in force. */
  forgets(epoch: Epoch): void {
    this.#windows = this.#windows.filter((window) => window.epoch !== epoch);
  }

  may(effect: Effect, position: number): boolean {
    return this.#windows.some((window) => allows(window, effect, position));
  }

  /** Whether so many of the bytes from the one position up to the other may be missing; all of them if not said. */
  mayLose(from: number, to: number, missing = to - from): boolean {
    let losable = 0;
    for (let at = from; at < to; ) {
      const window = this.#windows.find((one) => allows(one, 'loses', at));
      const next = window?.to ?? this.#nextLoss(at);
      const end = Math.min(to, next);
      if (window !== undefined) losable += end - at;
      at = end;
    }
    return losable >= missing;
  }

  /** Epochs that may have closed the connection: no byte that was sent after them has arrived. */
  get closers(): ReadonlySet<Epoch> {
    return new Set(
      this.#windows
        .filter(({ closes, to }) => closes && this.received <= to)
        .map(({ epoch }) => epoch),
    );
  }

  /** Forgets what has no part in anything that may still arrive. */
  prune(): void {
    this.#windows = this.#windows.filter(({ to }) => this.received <= to);
  }

  /** For a message. */
  toString(): string {
    const windows = this.#windows.map(({ epoch, from, to }) => {
      const faults = Object.keys(epoch.config[this.direction]).join(' ');
      return `[${from}, ${to}) ${faults}`;
    });
    return `${this.received} of ${this.sent} bytes received; ${windows.join(', ')}`;
  }

  #nextLoss(position: number): number {
    const later = this.#windows.filter(({ effects, from }) => effects.loses && from > position);
    return Math.min(...later.map(({ from }) => from));
  }
}

function allows({ effects, from, to }: Window, effect: Effect, position: number): boolean {
  return effects[effect] && from <= position && position < to;
}
