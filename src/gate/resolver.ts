import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { IsDenied } from './denied.ts';

/** All addresses of a name, in the order in which they should be tried. Rejects when there is none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface ResolverOptions {
  readonly lookup?: Lookup;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Lookups that may run at once; see `lookupLimit`. */
  readonly limit?: number;
  /** Default: every address is allowed. */
  readonly isDenied?: IsDenied;
}

/** Milliseconds that an answer is good for: a burst of connections costs one lookup, a failover is seen soon. */
const CACHE_TIME = 1_000;

/** Threads of libuv's pool when UV_THREADPOOL_SIZE does not say (libuv documentation, "Thread pool"). */
const DEFAULT_THREADS = 4;

/**
 * Lookups that may run at once. `getaddrinfo` occupies a thread of libuv's pool for as long as a name server
 * keeps silent; files are read by the same threads, so one is left to them.
 */
function lookupLimit(threads = Number(process.env.UV_THREADPOOL_SIZE)): number {
  return Math.max(1, (threads || DEFAULT_THREADS) - 1);
}

async function systemLookup(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
}

/**
 * Names to addresses for all gates of a process. Connections that ask for the same name at the same time share
 * one lookup, so that a name server that hangs takes one thread per name and not one per connection.
 */
export class Resolver {
  /** Whether no gate of the process may connect to an address. */
  readonly isDenied: IsDenied;
  readonly #lookup: Lookup;
  readonly #now: () => number;
  readonly #limit: number;
  readonly #running = new Map<string, Promise<readonly string[]>>();
  readonly #cache = new Map<string, { addresses: readonly string[]; at: number }>();
  readonly #queue: (() => void)[] = [];
  #active = 0;

  constructor({
    lookup = systemLookup,
    now = () => performance.now(),
    limit,
    isDenied = () => false,
  }: ResolverOptions = {}) {
    this.isDenied = isDenied;
    this.#lookup = lookup;
    this.#now = now;
    this.#limit = limit ?? lookupLimit();
  }

  /** All addresses of a name or of an address literal. Rejects when it cannot be resolved; may take long. */
  async resolve(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    const cached = this.#cache.get(host);
    if (cached !== undefined && this.#now() - cached.at < CACHE_TIME) return cached.addresses;
    const running = this.#running.get(host) ?? this.#start(host);
    this.#running.set(host, running);
    return running;
  }

  async #start(host: string): Promise<readonly string[]> {
    try {
      await this.#turn();
      const addresses = await this.#lookup(host);
      this.#remember(host, addresses);
      return addresses;
    } finally {
      this.#running.delete(host);
      this.#active -= 1;
      this.#queue.shift()?.();
    }
  }

  /** Resolves when one more lookup may run. */
  async #turn(): Promise<void> {
    if (this.#active >= this.#limit) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    this.#active += 1;
  }

  #remember(host: string, addresses: readonly string[]): void {
    const at = this.#now();
    for (const [name, entry] of this.#cache)
      if (at - entry.at >= CACHE_TIME) this.#cache.delete(name);
    this.#cache.set(host, { addresses, at });
  }
}
