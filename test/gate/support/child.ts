import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { atEnd } from './atEnd.ts';
import { until } from './time.ts';

/** A process of this Node on a script of ../processes, or a command that ends in one. */
export class Child {
  readonly process: ChildProcess;
  output = '';
  #exit: { code: number | null; signal: string | null } | undefined;

  /** @param wrapper a command that runs what follows it, for instance `unshare --net` */
  static start(
    script: string,
    args: readonly string[] = [],
    wrapper: readonly string[] = [],
  ): Child {
    const [command = '', ...rest] = [
      ...wrapper,
      process.execPath,
      join(import.meta.dirname, '../processes', script),
      ...args,
    ];
    return new Child(spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  private constructor(child: ChildProcess) {
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.output += data.toString();
      });
    }
    child.on('close', (code, signal) => {
      this.#exit = { code, signal };
    });
    atEnd(async () => {
      if (this.#exit === undefined) child.kill('SIGKILL');
      await this.exit();
    });
  }

  /** Its exit code; the name of the signal that ended it otherwise. */
  async exit(): Promise<number | string | null> {
    await until(
      () => `the process ends:\n${this.output}`,
      () => this.#exit !== undefined,
    );
    return this.#exit?.code ?? this.#exit?.signal ?? null;
  }

  /** Waits for a line of its output that the expression matches, and returns the match. */
  async says(pattern: RegExp, patience?: number): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null;
    await until(
      () => `${pattern}:\n${this.output}`,
      () => {
        match = pattern.exec(this.output);
        return match !== null || this.#exit !== undefined;
      },
      patience,
    );
    if (match === null) throw new Error(`The process has ended before ${pattern}:\n${this.output}`);
    return match;
  }
}
