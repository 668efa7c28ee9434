import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpecWithUpstream } from '../api/spec.ts';
import { Sequence } from '../async/sequence.ts';
import type { Resolver } from '../gate/resolver.ts';
import { isLocal, reaches } from './addresses.ts';

export interface PortsOptions {
  /** Address that the gates listen on. */
  readonly listen: string;
  readonly resolver: Resolver;
}

/** Milliseconds that a name may take to be resolved when all that is asked is whether it is this machine. */
const RESOLVE_LIMIT = 500;

/** A free port that the system gives may be one that a gate has left for a while. */
const ATTEMPTS = 5;

/** Chooses where each gate of a process listens. */
export class Ports {
  readonly #options: PortsOptions;
  readonly #chosen = new Map<string, number>();
  readonly #choices = new Sequence();

  constructor(options: PortsOptions) {
    this.#options = options;
  }

  /**
   * The port that the spec asks for, whether it is free or not; else the one that the gate has or had; else the
   * upstream's, if that is another machine's; else any. Undefined when it asks for one on which the gate would connect to
   * itself.
   */
  choose(
    key: string,
    spec: SpecWithUpstream,
    had: number | undefined,
  ): Promise<number | undefined> {
    // One after the other: two gates that check at the same time would find the same port free.
    return this.#choices.run(async () => {
      const port = await this.#choose(key, spec, had);
      if (port !== undefined) this.#chosen.set(key, port);
      return port;
    });
  }

  release(key: string): void {
    this.#chosen.delete(key);
  }

  async #choose(
    key: string,
    { upstream, listen: { port: asked } = {} }: SpecWithUpstream,
    had: number | undefined,
  ): Promise<number | undefined> {
    const { listen } = this.#options;
    if (asked !== undefined && asked !== upstream.port) return asked;
    const chosen = this.#chosen.get(key);
    if (asked === undefined && chosen !== undefined && chosen !== upstream.port) return chosen;

    const addresses = await this.#addresses(upstream.host);
    const own = (await this.#addresses(listen)).concat(listen);
    const isLoop = addresses.some((address) => own.some((each) => reaches(address, each)));
    if (asked !== undefined) return isLoop ? undefined : asked;
    if (chosen !== undefined && !isLoop) return chosen;
    // The server itself may come to listen there later.
    const isHere = addresses.some(isLocal);
    return this.#firstFree(key, [
      ...(had === undefined || (had === upstream.port && isHere) ? [] : [had]),
      ...(isHere ? [] : [upstream.port]),
      ...Array<number>(ATTEMPTS).fill(0),
    ]);
  }

  async #firstFree(key: string, candidates: readonly number[]): Promise<number> {
    const others = [...this.#chosen].flatMap(([other, port]) => (other === key ? [] : [port]));
    for (const candidate of candidates) {
      const port = others.includes(candidate)
        ? undefined
        : await freePort(candidate, this.#options.listen);
      if (port !== undefined && !others.includes(port)) return port;
    }
    throw new Error(`No port of ${this.#options.listen} is free`);
  }

  /** None when it cannot be told soon. */
  async #addresses(host: string): Promise<readonly string[]> {
    const resolved = this.#options.resolver.resolve(host).catch(() => []);
    return Promise.race([resolved, sleep(RESOLVE_LIMIT, [], { ref: false })]);
  }
}

/** Another machine's, a name that does not exist, and one that nobody is there to resolve. */
const FOREIGN: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN']);

/** Rejects with a text for people when nothing can listen on that address. */
export async function checkAddress(host: string): Promise<void> {
  try {
    await takenPort(0, host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = FOREIGN.has(code ?? '') ? 'it is not an address of this machine' : message;
    throw new Error(`Gates cannot listen on ${host}: ${why}`, { cause: error });
  }
}

/** The port, or for 0 one that the system gives, if it can be listened on right now. */
function freePort(port: number, host: string): Promise<number | undefined> {
  return takenPort(port, host).catch(() => undefined);
}

/** Listens for a moment. */
function takenPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
