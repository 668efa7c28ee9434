import { LARGEST_READ, SMALLEST_READ } from './memory.ts';

/** What may be read at once, in bytes. */
const READ_SIZES = [LARGEST_READ, 65_536, 16_384];

/** A read takes this share of the remaining budget, so that reads of other sockets fit too. */
const SHARE = 1 / 8;

/** Of the limit: what sockets on which nothing comes may keep for their next reads. */
const STANDING = 1 / 4;

/** Called when there is room again. */
export type Wake = () => void;

/**
 * The memory that the bytes of all connections of a process may take. Each gate has a share of its own (`share`): those
 * who wait for room get it one after the other, the gates in turn and the directions of a gate in the order in which they came.
 */
export class Budget {
  readonly #limit: number;
  /** Waiting directions by share, in the order of their turns. */
  readonly #waiting = new Map<object, Set<Wake>>();
  #used = 0;
  #standing = 0;
  #isWaking = false;

  /**
   * @param limit in bytes; may be overrun, per direction of a connection, by one small read (`SMALLEST_READ`), and by what a
   * fault holds until more bytes arrive (`Stage.undecided`), which could otherwise wait forever.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of memory that what is held takes now. */
  get used(): number {
    return this.#used;
  }

  /** Bytes set aside for reads that may come at any time. */
  get standing(): number {
    return this.#standing;
  }

  /** All of it is used. */
  get isSpent(): boolean {
    return this.#room <= 0;
  }

  /** Somebody waits for room: who comes now has to wait behind them. */
  get isShort(): boolean {
    return this.isSpent || this.#waiting.size > 0;
  }

  /** Changes the count of held bytes by this many. */
  hold(change: number): void {
    this.#used += change;
    if (change < 0) this.#wake();
  }

  /** Changes the count of bytes reserved for reads by this many. */
  reserve(change: number): void {
    this.#standing += change;
    if (change < 0) this.#wake();
  }

  /**
   * Bytes that a read may take: fewer, the less there is left.
   *
   * @param isDue whether bytes wait for it; if not, it may keep what it sets aside for long
   */
  readSize(isDue: boolean): number {
    const due = this.#room * SHARE;
    const idle = (this.#limit * STANDING - this.#standing) * SHARE;
    const most = isDue ? due : Math.min(due, idle);
    return READ_SIZES.find((size) => size <= most) ?? SMALLEST_READ;
  }

  /** Calls `wake` once when it is its turn to have room. */
  wait(share: object, wake: Wake): void {
    const line = this.#waiting.get(share);
    if (line === undefined) this.#waiting.set(share, new Set([wake]));
    else line.add(wake);
  }

  forget(share: object, wake: Wake): void {
    const line = this.#waiting.get(share);
    if (line?.delete(wake) && line.size === 0) this.#waiting.delete(share);
  }

  get #room(): number {
    return this.#limit - this.#used - this.#standing;
  }

  /** One after the other, as long as there is room: each one that is woken reserves its next read. */
  #wake(): void {
    if (this.#isWaking) return;
    this.#isWaking = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) next();
    this.#isWaking = false;
  }

  #next(): Wake | undefined {
    if (this.isSpent) return undefined;
    for (const [share, line] of this.#waiting) {
      this.#waiting.delete(share);
      const [wake] = line;
      if (wake === undefined) continue;
      line.delete(wake);
      // Behind the other gates.
      if (line.size > 0) this.#waiting.set(share, line);
      return wake;
    }
    return undefined;
  }
}
