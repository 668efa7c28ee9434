/** Signals that ask for an end in order. */
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
  // Whoever read the output is gone.
  process.stdout.on('error', () => stopping.abort());
  return run(stopping.signal);
}
