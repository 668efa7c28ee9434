import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../../../gate/support/atEnd.ts';
import { until } from '../../../gate/support/time.ts';
import { Kubectl, kubectlProgram } from '../../support/kubectl.ts';

export const BIN = join(import.meta.dirname, '../../../../bin/chaosgate.cjs');

/** Milliseconds: on a busy machine the start of a process alone takes seconds. */
const PATIENCE = 40_000;

/** A line of `--output json`. */
export interface Line {
  readonly type: 'started' | 'gate' | 'removed' | 'file' | 'error' | 'stopped';
  readonly name?: string;
  readonly ready?: boolean;
  readonly listen?: string;
  readonly faults?: string;
  readonly newConnections?: string;
  readonly message?: string;
  readonly file?: string;
  readonly problems?: readonly Record<string, unknown>[];
  readonly connections?: { readonly active: number };
  readonly [field: string]: unknown;
}

/** A folder that goes when the test ends; it is the home of what the test starts. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-up-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A gate as a document of a file. */
export function aGate(name: string, spec: object, metadata: object = {}): string {
  const gate = { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate' };
  return `---\n${JSON.stringify({ ...gate, metadata: { name, ...metadata }, spec })}\n`;
}

export interface RunOptions {
  readonly home: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Working folder; default: the home. */
  readonly cwd?: string;
  /** A line of bash that starts it instead: with "$0" and "$1", which are Node.js and its script. */
  readonly shell?: string;
}

/** A chaosgate process. Ended with the test, if it still runs. */
export class Chaosgate {
  readonly process: ChildProcess;
  readonly home: string;
  stdout = '';
  stderr = '';
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined;

  constructor(args: readonly string[], { home, input, env = {}, cwd = home, shell }: RunOptions) {
    this.home = home;
    const { PATH } = process.env;
    const [program, ...all] =
      shell === undefined
        ? [process.execPath, BIN, ...args]
        : ['bash', '-c', shell, process.execPath, BIN];
    this.process = spawn(program, all, {
      cwd,
      env: { PATH, HOME: home, ...env },
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.process.on('close', (code, signal) => {
      this.#exit = { code, signal };
    });
    if (input !== undefined) this.process.stdin?.end(input);
    atEnd(async () => {
      if (this.#exit === undefined) this.process.kill('SIGKILL');
      await this.exit();
    });
  }

  /** Its code; the name of the signal that ended it otherwise. */
  async exit(): Promise<number | string | null> {
    await until(
      () => `the process ends: ${this.#said}`,
      () => this.#exit !== undefined,
      PATIENCE,
    );
    return this.#exit?.code ?? this.#exit?.signal ?? null;
  }

  /** Ends it, and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | null> {
    this.process.kill(signal);
    return this.exit();
  }

  /** Waits until that is in its output. */
  async says(pattern: RegExp): Promise<void> {
    await this.#until(String(pattern), () => pattern.test(this.stdout + this.stderr));
  }

  /** The lines of `--output json` so far. */
  get lines(): Line[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  /** The latest line of that gate; undefined when there is none or it was removed. */
  gate(name: string): Line | undefined {
    const last = this.lines.findLast((line) => line.name === name);
    return last?.type === 'gate' ? last : undefined;
  }

  /** Waits until the gate is so. */
  async untilGate(name: string, isSo: (gate: Line) => boolean): Promise<Line> {
    let found: Line | undefined;
    await this.#until(`gate ${name}: ${String(isSo)}`, () => {
      found = this.gate(name);
      return found !== undefined && isSo(found);
    });
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  async untilReady(name: string): Promise<Line> {
    return this.untilGate(name, ({ ready }) => ready === true);
  }

  async untilLine(what: string, isIt: (line: Line) => boolean): Promise<Line> {
    let found: Line | undefined;
    await this.#until(what, () => {
      found = this.lines.find(isIt);
      return found !== undefined;
    });
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    await until(
      () => `${what}: ${this.#said}`,
      () => condition() || this.#exit !== undefined,
      PATIENCE,
    );
    if (!condition()) throw new Error(`It ended before ${what}: ${this.#said}`);
  }

  get #said(): string {
    return `it said\n${this.stdout}${this.stderr}`;
  }
}

export interface UpOptions extends Partial<RunOptions> {
  /** Content of the file `gates.yaml`. */
  readonly gates?: string;
  readonly args?: readonly string[];
}

/** `chaosgate up --output json`, and kubectl against it. */
export interface Up {
  readonly up: Chaosgate;
  readonly kubectl: Kubectl;
  readonly home: string;
  readonly file: string;
}

/** Starts it, with the gates of a file, and waits until its API serves. */
export async function startUp({ gates, args = [], ...options }: UpOptions = {}): Promise<Up> {
  const home = options.home ?? (await aFolder());
  const file = join(home, 'gates.yaml');
  if (gates !== undefined) await writeFile(file, gates);
  const files = gates === undefined ? [] : ['-f', file];
  const up = new Chaosgate(['up', ...files, '--output', 'json', ...args], { ...options, home });
  await up.untilLine('it started', ({ type }) => type === 'started');
  const kubeconfig = join(home, '.chaosgate', 'kubeconfig');
  return { up, kubectl: new Kubectl(await kubectlProgram(), kubeconfig, home), home, file };
}

export function portIn({ listen }: Line): number {
  return Number(listen?.split(':').at(-1));
}
