import { sayError, sayErrorLine, sayLine } from '../../observe/say.ts';
import { checkKubeconfig, claimKubeconfig } from '../claim.ts';
import { type Local, type LocalOptions, startLocal } from '../start.ts';
import { JsonLines } from './jsonLines.ts';
import { Lines } from './lines.ts';
import { LiveTable } from './liveTable.ts';
import { errorText, type Greeting, greetingText, type Output } from './output.ts';
import { runCommand } from './runCommand.ts';
import { Session, type SessionOptions } from './session.ts';
import { untilAborted } from './untilAborted.ts';
import { untilReady } from './untilReady.ts';

export interface UpOptions extends SessionOptions {
  readonly local: Omit<LocalOptions, 'onError'>;
  readonly kubeconfig: string;
  readonly output: 'table' | 'json';
  /** A command and its arguments. */
  readonly exitWith?: readonly string[] | undefined;
  /** More lines to begin with, for people. */
  readonly advice?: readonly string[];
  /** More lines below the live table. */
  readonly footer?: () => readonly string[];
  /** The gates are there, if not ready yet. What it rejects with ends all. */
  readonly onStarted?: (local: Local) => Promise<void>;
}

/** Milliseconds that gates get to be ready before `exitWith` gives up on them. */
const READY_LIMIT = 10_000;

/**
 * Runs gates until `stop` aborts or the command has ended. Resolves with the code to leave with; rejects with a text for
 * people when it cannot start.
 */
export async function up(options: UpOptions, stop: AbortSignal): Promise<number> {
  const { kubeconfig } = options;
  await checkKubeconfig(kubeconfig);
  let output: Output | undefined;
  const onError = (error: unknown) => (output === undefined ? say(error) : output.error(error));
  const local = await startLocal({ ...options.local, onError });
  for (const { name, problems } of local.refused) {
    say(
      `${options.local.state}: ${name} is no longer valid and was skipped: ${problems.join('; ')}`,
    );
  }
  const session = new Session(local, options);
  try {
    const problems = await session.load(stop);
    if (problems.length > 0) {
      problems.forEach(say);
      return 1;
    }
    const release = await claimKubeconfig(kubeconfig, local.access);
    try {
      output = outputOf(local, options);
      session.follow(output);
      return await run(local, options, stop);
    } finally {
      await release();
    }
  } finally {
    await session.stop();
    await local.stop();
    output?.close();
  }
}

/** Resolves with the code to leave with. */
async function run(
  local: Local,
  { exitWith, kubeconfig, onStarted }: UpOptions,
  stop: AbortSignal,
): Promise<number> {
  await onStarted?.(local);
  if (exitWith === undefined) {
    await untilAborted(stop);
    return 0;
  }
  await Promise.race([untilReady(local, READY_LIMIT), untilAborted(stop)]);
  if (stop.aborted) return 1;
  return runCommand(exitWith, { ...process.env, KUBECONFIG: kubeconfig }, say);
}

function outputOf(local: Local, options: UpOptions): Output {
  const { kubeconfig, output, exitWith, advice = [], footer } = options;
  const greeting: Greeting = { listen: local.listen, kubeconfig, api: local.access.url };
  if (output === 'json') return new JsonLines(local, greeting, sayLine);
  if (exitWith !== undefined) return new Lines(local, { table: undefined, problems: sayErrorLine });
  for (const line of [greetingText(greeting), ...advice]) sayLine(line);
  if (process.stdout.isTTY) return new LiveTable(local, process.stdout, footer);
  return new Lines(local, { table: sayLine, problems: sayErrorLine });
}

function say(what: unknown): void {
  sayError(errorText(what));
}
