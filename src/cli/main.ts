import { Command } from 'commander';
import { version } from '../observe/version.ts';
import { crdCommand } from './commands/crd.ts';
import { operatorCommand } from './commands/operator.ts';
import { proxyCommand } from './commands/proxy.ts';

await new Command('chaosgate')
  .description('Chaos gates for Kubernetes: break TCP connections live, one direction at a time.')
  .version(version)
  .addCommand(operatorCommand)
  .addCommand(proxyCommand)
  .addCommand(crdCommand)
  .showHelpAfterError()
  .parseAsync();
