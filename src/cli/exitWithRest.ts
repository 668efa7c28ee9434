const OPTION = '--exit-with';

/**
 * The command line with all that follows `--exit-with` as values of it: they are a command with options of its own, which
 * are not for this program to read.
 */
export function exitWithRest(args: readonly string[]): string[] {
  const at = args.indexOf(OPTION);
  if (args[0] !== 'up' || at < 0) return [...args];
  const rest = args.slice(at + 1).map((arg) => `${OPTION}=${arg}`);
  return [...args.slice(0, at), ...(rest.length === 0 ? [OPTION] : rest)];
}
