import { Command } from 'commander';
import { printable } from '../observe/printable.ts';
import { version } from '../observe/version.ts';
import { isKubectlPlugin } from './kubectlPlugin.ts';

/** Loads only the requested command: a Kubernetes client alone takes longer to load than a gate takes to start. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./commands/up.ts')).upCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  get: async () => (await import('./commands/get.ts')).getCommand,
  patch: async () => (await import('./commands/patch.ts')).patchCommand,
  wait: async () => (await import('./commands/wait.ts')).waitCommand,
  apply: async () => (await import('./commands/apply.ts')).applyCommand,
  lever: async () => (await import('./commands/lever.ts')).leverCommand,
  release: async () => (await import('./commands/release.ts')).releaseCommand,
  delete: async () => (await import('./commands/delete.ts')).deleteCommand,
  operator: async () => (await import('./commands/operator.ts')).operatorCommand,
  proxy: async () => (await import('./commands/proxy.ts')).proxyCommand,
  crd: async () => (await import('./commands/crd.ts')).crdCommand,
};

/** The program for a command line, whose first word is the command. */
export async function programFor(command = ''): Promise<Command> {
  const asked = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  const program = new Command(isKubectlPlugin ? 'kubectl chaosgate' : 'chaosgate')
    .description(
      'Inject faults into live TCP connections, one direction at a time, in Kubernetes or locally.',
    )
    .version(version)
    .showHelpAfterError();
  for (const load of asked === undefined ? Object.values(COMMANDS) : [asked]) {
    program.addCommand(await load());
  }
  // What is wrong with a command line repeats it.
  const writeErr = (text: string) => process.stderr.write(printable(text));
  for (const each of [program, ...program.commands]) each.configureOutput({ writeErr });
  return program;
}
