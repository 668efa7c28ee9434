/** `chaosgate proxy`, without the other commands. */
import { Command } from 'commander';
import { proxyCommand } from '../../../src/cli/commands/proxy.ts';

await new Command('chaosgate').addCommand(proxyCommand).parseAsync();
