import { UsageError } from './usageError.ts';

/** The strategy, and the suffix of the output. */
export interface DryRun {
  readonly isDry: boolean;
  /** ` (dry run)`, ` (server dry run)`, or nothing. */
  readonly suffix: string;
}

const STRATEGIES: Readonly<Record<string, DryRun>> = {
  none: { isDry: false, suffix: '' },
  client: { isDry: true, suffix: ' (dry run)' },
  server: { isDry: true, suffix: ' (server dry run)' },
};

/** Reads `--dry-run`. Both kinds ask the server, so that both refuse what it would refuse. Throws a `UsageError`. */
export function dryRunOf(strategy = 'none'): DryRun {
  const found = Object.hasOwn(STRATEGIES, strategy) ? STRATEGIES[strategy] : undefined;
  if (found !== undefined) return found;
  throw new UsageError(
    `Invalid dry-run value (${strategy}). Must be "none", "server", or "client".`,
  );
}
