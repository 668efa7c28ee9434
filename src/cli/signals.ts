import type { Logger } from '../observe/log.ts';

/** What a long-running command starts; `stop` frees all of it. */
export interface Service {
  stop(): Promise<void>;
}

/**
 * Runs a service until SIGTERM or SIGINT, then stops it and leaves with 0. A second signal leaves at once.
 * A start that fails, and an error that nobody caught, are logged and leave with 1.
 */
export async function runService(log: Logger, start: () => Promise<Service>): Promise<void> {
  const fail = (message: string) => (error: unknown) => {
    log.fatal({ err: error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', fail('An error was not caught'));
  const service = start().catch(fail('The process could not start'));
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'Received a signal to stop');
    service
      .then((started) => started.stop())
      .then(() => process.exit(0), fail('The process could not stop in order'));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  await service;
}

/** Signals that ask a command at a terminal for an end in order. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs until it ends by itself or, after a signal, because `stop` told it to. Another signal leaves at once, unless
 * `onlyFirst`.
 */
export async function untilSignal<T>(
  { onlyFirst }: { onlyFirst: boolean },
  run: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  const onSignal = () => {
    if (stopping.signal.aborted && !onlyFirst) process.exit(1);
    stopping.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Nothing reads the output any more.
  process.stdout.on('error', () => stopping.abort());
  return run(stopping.signal);
}
