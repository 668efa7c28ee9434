import { Command } from 'commander';

export const crdCommand = new Command('crd')
  .description('Prints the CustomResourceDefinition of TcpGate.')
  .action(async () => {
    const { tcpGateCrdYaml } = await import('../../api/crd.ts');
    process.stdout.write(tcpGateCrdYaml());
  });
