import { vi } from 'vitest';
import { programArguments } from '../../../../src/cli/arguments.ts';
import { programFor } from '../../../../src/cli/program.ts';
import type { Output } from '../../support/kubectl.ts';

/** Runs a command line of chaosgate in this process, which takes a tenth of the time. One at a time. */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Output> {
  const written = { stdout: '', stderr: '' };
  const { exitCode } = process;
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  process.exitCode = 0;
  try {
    const line = programArguments(args);
    const program = await programFor(line[0]);
    for (const command of [program, ...program.commands]) command.exitOverride();
    await program.parseAsync(line, { from: 'user' });
  } catch (error) {
    process.exitCode = (error as { exitCode?: number }).exitCode ?? 70;
    if (process.exitCode === 70) written.stderr += String(error);
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
  const code = Number(process.exitCode);
  process.exitCode = exitCode;
  return { code, ...written };
}
