import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { CommandFailed } from './errors.ts';

/** How much of a failed program's output its error keeps, in characters. */
const KEPT_OUTPUT = 4000;

/** Where and with what a program runs. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the program's stdin; without it stdin is empty. */
  readonly input?: string;
}

/**
 * Runs a program to its end and returns what it wrote to stdout.
 *
 * @throws {CommandFailed} when it cannot be started, ends with another code than 0 or by a signal.
 */
export function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [file, ...args] = command;
  if (file === undefined) throw new TypeError('an empty command');
  return new Promise((done, reject) => {
    const child = spawn(file, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let tail = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      tail = (tail + text).slice(-KEPT_OUTPUT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-KEPT_OUTPUT);
    });
    child.on('error', (error) =>
      reject(new CommandFailed(command, 'could not run', undefined, error.message)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) done(stdout);
      else {
        const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
        reject(new CommandFailed(command, how, code ?? undefined, tail.trim()));
      }
    });
    // A program that ends without reading its input is no error of ours; its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Whether the program runs and ends with code 0. */
export async function succeeds(
  command: readonly string[],
  options: RunOptions = {},
): Promise<boolean> {
  try {
    await run(command, options);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}

/** The absolute path of a program, looked for on PATH unless it is one already; undefined when there is none. */
export function which(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => resolve(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
