/** Files that a process opens for itself: what Node.js needs, logs, what it stores, lookups of names. */
const OWN_FILES = 64;

/** Of the rest, each of those who must get in has this share, and the sockets that the process is there for what is left. */
const SHARE = 1 / 16;
const SHARES = 4;

/** How a process divides the files, sockets included, that it may open. */
export interface FileShares {
  /** `Infinity` where nothing bounds it, like the others then. */
  readonly limit: number;
  /** Of the sockets that the process is there for. */
  readonly work: number;
  /** Of the connections of each other kind: probes, or requests without a token, for instance. */
  readonly others: number;
}

/** @param limit files that the process may open */
export function shareFiles(limit: number): FileShares {
  const rest = Math.max(0, limit - OWN_FILES);
  if (rest === Number.POSITIVE_INFINITY) return { limit, work: rest, others: rest };
  const others = Math.floor(rest * SHARE);
  return { limit, work: rest - SHARES * others, others };
}

/** The limit of this process (RLIMIT_NOFILE). Node.js has raised it as far as it may when it started. */
export function openFilesLimit(): number {
  const settings = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const { excludeNetwork = false } = settings;
  // Else it looks up the names of both ends of every connection.
  settings.excludeNetwork = true;
  const limit = limitIn(process.report.getReport());
  settings.excludeNetwork = excludeNetwork;
  return limit;
}

/** @param report of https://nodejs.org/api/report.html; Windows has no such limit in it */
export function limitIn(report: object): number {
  const { userLimits } = report as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}
