/** The command line as this program reads it: in its own forms, and with what follows `--exit-with` left alone. */
export function programArguments(args: readonly string[]): string[] {
  return kubectlArguments(exitWithRest(args));
}

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

/** Commands that take what kubectl's take. */
const COMMANDS = ['get', 'wait', 'apply', 'patch', 'delete'];

/**
 * A command line in kubectl's forms in those that are known here: `-o=name` is `-o name`, `--watch=true` is `--watch`,
 * `--wait=false` is `--no-wait`, and a switch that is set to false is not there.
 */
export function kubectlArguments(args: readonly string[]): string[] {
  const [command = '', ...rest] = args;
  if (!COMMANDS.includes(command)) return [...args];
  const end = rest.includes('--') ? rest.indexOf('--') : rest.length;
  return [command, ...rest.slice(0, end).flatMap(known), ...rest.slice(end)];
}

/** The switches of kubectl that are on unless they are switched off. */
const ON: readonly string[] = ['wait'];

/** Letters that take no value. */
const SWITCHES: readonly string[] = ['A', 'R', 'w'];

function known(arg: string): string[] {
  const [, letter, value = ''] = /^-([A-Za-z])=(.*)$/s.exec(arg) ?? [];
  if (letter !== undefined) {
    return SWITCHES.includes(letter) ? known(`--${letter}=${value}`) : [`-${letter}`, value];
  }
  const [, name = '', is] = /^--([A-Za-z-]+)(?:=(true|false))?$/.exec(arg) ?? [];
  if (ON.includes(name)) return is === 'false' ? [`--no-${name}`] : [];
  if (is === undefined) return [arg];
  if (is === 'false') return [];
  return [name.length === 1 ? `-${name}` : `--${name}`];
}
