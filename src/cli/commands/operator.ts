import { Command } from 'commander';

export const operatorCommand = new Command('operator')
  .description('Runs the operator: gives each TcpGate its proxy, and keeps it as its spec says.')
  .requiredOption('--config <file>', 'configuration file (YAML); the chart writes it')
  .action(async ({ config }: { config: string }, command: Command) => {
    // Loaded by those who want it: a Kubernetes client in each proxy would cost more than the proxy.
    const { runOperator } = await import('../services/operator.ts');
    await runOperator(config, command);
  });
