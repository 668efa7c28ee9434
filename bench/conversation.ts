import { createInterface } from 'node:readline';
import { type Program, start } from './processes.ts';

/** A program that answers each line of JSON with another one. */
export class Conversation {
  readonly #program: Program;
  readonly #lines: AsyncIterator<string>;

  static async start(
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Conversation> {
    return new Conversation(await start(command, env));
  }

  private constructor(program: Program) {
    this.#program = program;
    this.#lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#program.pid;
  }

  ask(request: object): Promise<unknown> {
    this.#program.stdin.write(`${JSON.stringify(request)}\n`);
    return this.next();
  }

  /** What it says next, asked or not. Rejects when it has ended. */
  async next(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('The program has ended');
    return JSON.parse(line.value);
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}
