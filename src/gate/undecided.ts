import type { Connection } from './connection.ts';

/** Milliseconds between looks. */
const INTERVAL = 1_000;

/** What waits for more bytes, which do not come. */
export interface Undecided {
  readonly connections: number;
  readonly bytes: number;
}

const NONE: Undecided = { connections: 0, bytes: 0 };

/** Looks once a second for connections on which a fault holds bytes that only more of them, or the end, let go. */
export class UndecidedWatch {
  readonly #connections: Iterable<Connection>;
  readonly #onChange: () => void;
  #timer: NodeJS.Timeout | undefined;
  #state = NONE;

  constructor(connections: Iterable<Connection>, onChange: () => void) {
    this.#connections = connections;
    this.#onChange = onChange;
  }

  get state(): Undecided {
    return this.#state;
  }

  /** Looks from now on, or no longer. */
  run(isOn: boolean): void {
    if (isOn) {
      this.#timer ??= setInterval(() => this.#look(), INTERVAL).unref();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#set(NONE);
  }

  #look(): void {
    const held = [...this.#connections].map((connection) => connection.lookForUndecided());
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
