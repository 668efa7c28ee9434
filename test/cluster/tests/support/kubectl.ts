import { execFile } from 'node:child_process';

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs a command with the cluster's environment and says how it ended; never rejects for a non-zero code. */
export function attempt(
  command: string,
  args: readonly string[],
  { input, timeoutMs = 60_000 }: RunOptions = {},
): Promise<Output> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
    // A command may end before it has read it, or without.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}

/** Like `attempt`, but a non-zero code rejects with everything that the command said. */
async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await attempt(command, args, options);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} left with ${code}:\n${stderr}${stdout}`);
  }
  return stdout;
}

export function kubectl(args: readonly string[], options?: RunOptions): Promise<string> {
  return run('kubectl', args, options);
}

export function tryKubectl(args: readonly string[], options?: RunOptions): Promise<Output> {
  return attempt('kubectl', args, options);
}

export function helm(args: readonly string[]): Promise<string> {
  return run('helm', args, { timeoutMs: 180_000 });
}
