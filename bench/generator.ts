import { Conversation } from './conversation.ts';

/** What the generator counted since it was asked last. */
export interface Taken {
  /** Bytes at the sink, round trips or connections. */
  readonly count: number;
  readonly seconds: number;
  /** Of round trips, in seconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Kinds of load: see bench/load. */
export type Load = 'flow' | 'roundTrips' | 'dials';

interface Ports {
  readonly sink: number;
  readonly echo: number;
}

type Answer =
  | { readonly error: string }
  | {
      readonly result: { count: number; nanoseconds: number; p50?: number; p99?: number } | null;
    };

/** The load generator, and the servers that the proxies stand in front of. */
export class Generator {
  readonly sinkPort: number;
  readonly echoPort: number;
  readonly #program: Conversation;

  static async start(path: string): Promise<Generator> {
    const program = await Conversation.start([path]);
    return new Generator(program, (await program.next()) as Ports);
  }

  private constructor(program: Conversation, { sink, echo }: Ports) {
    this.#program = program;
    this.sinkPort = sink;
    this.echoPort = echo;
  }

  /** Runs from here until `endLoad`; one at a time. */
  async load(kind: Load, address: string, connections: number): Promise<void> {
    await this.#ask({ do: 'start', kind, address, connections });
  }

  take(): Promise<Taken> {
    return this.#ask({ do: 'take' });
  }

  /** Resolves when the load's connections are closed; rejects when it could not run on. */
  async endLoad(): Promise<void> {
    await this.#ask({ do: 'stop' });
  }

  /** Opens connections that stay idle after one round trip; resolves when all are open. */
  open(address: string, connections: number): Promise<Taken> {
    return this.#ask({ do: 'open', address, connections });
  }

  async close(): Promise<void> {
    await this.#ask({ do: 'close' });
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }

  async #ask(request: object): Promise<Taken> {
    const answer = (await this.#program.ask(request)) as Answer;
    if ('error' in answer) throw new Error(`The load generator: ${answer.error}`);
    const { count = 0, nanoseconds = 0, p50 = 0, p99 = 0 } = answer.result ?? {};
    return { count, seconds: nanoseconds / 1e9, p50: p50 / 1e9, p99: p99 / 1e9 };
  }
}
