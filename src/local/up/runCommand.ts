import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Signals that are handed on to the command. */
const HANDED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The codes of a shell. */
const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;
const SIGNALLED = 128;

/**
 * Runs a command on this process's own input and output, and resolves with the code to leave with: its own, or that of
 * a shell when a signal ended it or it could not be run.
 */
export function runCommand(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  sayError: (text: string) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', env });
    const handOn = (signal: NodeJS.Signals) => {
      // A terminal sends Ctrl-C to the command as well: twice would be taken for impatience.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const end = (code: number) => {
      for (const signal of HANDED_ON) process.off(signal, handOn);
      resolve(code);
    };
    for (const signal of HANDED_ON) process.on(signal, handOn);
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      sayError(code === 'ENOENT' ? `Command not found: ${program}` : `${program}: ${message}`);
      end(code === 'ENOENT' ? NOT_FOUND : NOT_RUNNABLE);
    });
    child.once('exit', (code, signal) =>
      end(code ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
