import type { Connection } from './connection.ts';

/** Milliseconds between checks. */
const INTERVAL = 1_000;

/** Bytes that a fault holds until more arrive. */
export interface Undecided {
  readonly connections: number;
  readonly bytes: number;
}

const NONE: Undecided = { connections: 0, bytes: 0 };

/** Checks once a second for connections on which a fault holds bytes that only more bytes, or the end of the stream, release. */
export class UndecidedWatch {
  readonly #connections: () => Iterable<Connection>;
  readonly #onChange: () => void;
  #timer: NodeJS.Timeout | undefined;
  #state = NONE;

  constructor(connections: () => Iterable<Connection>, onChange: () => void) {
    this.#connections = connections;
    this.#onChange = onChange;
  }

  get state(): Undecided {
    return this.#state;
  }

  /** Starts or stops the checks. */
  run(isOn: boolean): void {
    if (isOn) {
      this.#timer ??= setInterval(() => this.#check(), INTERVAL).unref();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#set(NONE);
  }

  #check(): void {
    const held = [...this.#connections()].map((connection) => connection.undecidedBytes());
    const bytes = held.reduce((sum, count) => sum + count, 0);
    this.#set({ connections: held.filter((count) => count > 0).length, bytes });
  }

  #set(next: Undecided): void {
    const { connections, bytes } = this.#state;
    if (next.connections === connections && next.bytes === bytes) return;
    this.#state = next;
    this.#onChange();
  }
}
