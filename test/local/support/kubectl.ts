import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { kindPrograms, nodePrograms } from '../../cluster/binaries.ts';
import { entryFolder, sharedEntry } from '../../cluster/cache.ts';
import { which } from '../../cluster/process.ts';

/** The kubectl of the cluster tests, else the one on PATH, else one that is built now, by Go. */
export async function kubectlProgram(): Promise<string> {
  const { kubernetes } = await nodePrograms();
  const [kubectl] = kindPrograms().filter(({ name }) => name.startsWith('kubectl'));
  if (kubectl === undefined) throw new TypeError('No cache entry is kubectl');
  const built = [kubernetes, kubectl].map((entry) => join(entryFolder(entry), 'kubectl'));
  const found = built.find((path) => existsSync(path)) ?? which('kubectl');
  if (found !== undefined) return found;
  return join(await sharedEntry(kubectl), 'kubectl');
}

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A kubectl that is running, such as `get -w`. */
export interface Running {
  /** Resolves when its output so far satisfies `isThere`; rejects with the output when it ends before. */
  until(isThere: (stdout: string) => boolean): Promise<string>;
  /** Its exit code; -1 when a signal ended it. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/** Runs kubectl against one kubeconfig, with a home of its own: nobody's caches and preferences. */
export class Kubectl {
  readonly #program: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(program: string, kubeconfig: string, home: string) {
    this.#program = program;
    this.#env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig };
  }

  /** Says how it ended; never rejects for a code other than 0. */
  attempt(
    args: readonly string[],
    { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Output> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, args, { env: { ...this.#env, ...env } });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
      child.stdin.end(input);
    });
  }

  /** Its standard output. Rejects with all that it said when it fails. */
  async run(...args: readonly string[]): Promise<string> {
    return this.pipe('', ...args);
  }

  /** The same, with something on its standard input. */
  async pipe(input: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(args, { input });
    if (code !== 0)
      throw new Error(`kubectl ${args.join(' ')} left with ${code}:\n${stderr}${stdout}`);
    return stdout;
  }

  start(...args: readonly string[]): Running {
    const child = spawn(this.#program, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let hasEnded = false;
    const watchers = new Set<() => void>();
    const changed = (): void => {
      for (const watcher of watchers) watcher();
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      changed();
    });
    const ended = new Promise<number>((resolve) => {
      child.on('close', (code) => {
        hasEnded = true;
        changed();
        resolve(code ?? -1);
      });
    });
    return {
      ended,
      until: (isThere) =>
        new Promise((resolve, reject) => {
          const check = (): void => {
            if (isThere(output)) resolve(output);
            else if (hasEnded) reject(new Error(`It ended with this output:\n${output}`));
            else return;
            watchers.delete(check);
          };
          watchers.add(check);
          check();
        }),
      stop: async () => {
        child.kill();
        await ended;
      },
    };
  }
}
