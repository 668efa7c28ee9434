import { Command } from 'commander';
import { version } from '../observe/version.ts';
import { exitWithRest } from './exitWithRest.ts';

/** Only what is asked for is loaded: a Kubernetes client alone takes longer than a gate to start. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./commands/up.ts')).upCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  get: async () => (await import('./commands/get.ts')).getCommand,
  patch: async () => (await import('./commands/patch.ts')).patchCommand,
  wait: async () => (await import('./commands/wait.ts')).waitCommand,
  apply: async () => (await import('./commands/apply.ts')).applyCommand,
  delete: async () => (await import('./commands/delete.ts')).deleteCommand,
  operator: async () => (await import('./commands/operator.ts')).operatorCommand,
  proxy: async () => (await import('./commands/proxy.ts')).proxyCommand,
  crd: async () => (await import('./commands/crd.ts')).crdCommand,
};

const args = exitWithRest(process.argv.slice(2));
const asked = COMMANDS[args[0] ?? ''];
const program = new Command('chaosgate')
  .description('Chaos gates for Kubernetes: break TCP connections live, one direction at a time.')
  .version(version)
  .showHelpAfterError();
for (const load of asked === undefined ? Object.values(COMMANDS) : [asked]) {
  program.addCommand(await load());
}
await program.parseAsync(args, { from: 'user' });
