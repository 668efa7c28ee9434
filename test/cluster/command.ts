import type { Command } from 'commander';
import { CommandFailed, NoClusterError } from './errors.ts';
import { say } from './say.ts';

/** Runs the command of the command line. What is missing here, and what another program said, is told without a stack. */
export async function runCommand(program: Command): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof NoClusterError || error instanceof CommandFailed)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
