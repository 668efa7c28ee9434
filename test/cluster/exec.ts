import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Runs a program in this one's place: it has this one's input and output, gets its signals, and its exit code is the
 * result (128 and the signal's number when a signal ended it, as shells have it).
 *
 * @throws when it cannot be started.
 */
export async function runInPlace(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  for (const signal of PASSED_ON) {
    process.on(signal, () => {
      // What is typed at a terminal reaches the child without us.
      const typed = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
      if (!typed) child.kill(signal);
    });
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
