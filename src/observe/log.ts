import { type Logger, pino } from 'pino';
import { LineLimit } from './lineLimit.ts';
import { Output } from './output.ts';

export type { Logger };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Bytes that wait for a reader of the log; what comes on top is left out. */
const MAX_WAITING_BYTES = 1_048_576;

/** Milliseconds from the first line that is left out until the log says how many were. */
const OMISSION_INTERVAL = 1_000;

/**
 * One JSON document per line on standard output. Messages are constant and in the past tense
 * (Kubernetes logging conventions); what varies is in the fields.
 *
 * Strangers can cause lines, so logging is bounded: 200 lines of one message at once and 50 per second after that, with
 * a count of what was left out. A reader that stalls holds nothing up.
 */
export function createLog(level: LogLevel, bindings: Record<string, string> = {}): Logger {
  const limit = new LineLimit();
  let isDue = false;
  const omit = (message: string) => {
    limit.omit(message);
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      for (const [text, lines] of limit.takeOmitted()) {
        log.warn({ omitted: lines, message: text }, 'Left out log lines');
      }
    }, OMISSION_INTERVAL).unref();
  };
  const log = pino(
    {
      level,
      base: bindings,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method, number) {
          const message = String(args.find((arg) => typeof arg === 'string'));
          const isFatal = pino.levels.labels[number] === 'fatal';
          if (isFatal || limit.admit(message, performance.now())) method.apply(this, args);
          else omit(message);
        },
      },
    },
    new Output(MAX_WAITING_BYTES, () => omit('Lines that nobody read')),
  );
  return log;
}
