import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { MemoryGroup } from './memoryGroup.ts';

const BIN = join(import.meta.dirname, '../../../bin/chaosgate.cjs');

/** Characters of its output that are kept for a message. */
const KEPT = 4_000;

export interface ProgramOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly memoryBytes: number;
  readonly env?: NodeJS.ProcessEnv;
  /** In its output when it serves. */
  readonly started: RegExp;
}

/** A chaosgate process under a limit of memory. It is to run until it is killed here. */
export class Program {
  readonly #options: ProgramOptions;
  readonly #group: MemoryGroup | undefined;
  #child: ChildProcess | undefined;
  #said = '';
  #trouble: string | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const group = `chaosgate-torture-${process.pid}-${options.name}`;
    this.#group = MemoryGroup.make(group, options.memoryBytes);
  }

  get peakBytes(): number | undefined {
    return this.#group?.peakBytes;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const { name, args, env, started } = this.#options;
    const plain = [process.execPath, BIN, ...args];
    const [command = '', ...rest] = this.#group?.wrap(plain) ?? plain;
    const child = spawn(command, rest, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#said = '';
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-KEPT);
        if (started.test(this.#said)) resolve();
      });
    }
    child.once('close', (code, signal) => {
      if (this.#child !== child) return;
      const kills = this.#group?.kills ?? 0;
      const why = kills > 0 ? ', out of memory' : '';
      this.#trouble = `${name} ended by itself with ${code ?? signal}${why}:\n${this.#said}`;
      reject(new Error(this.#trouble));
    });
    await promise;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.#group?.remove();
  }
}
