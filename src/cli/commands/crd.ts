import { Command } from 'commander';
import { tcpGateCrdYaml } from '../../api/crd.ts';

export const crdCommand = new Command('crd')
  .description('Prints the CustomResourceDefinition of TcpGate.')
  .action(() => {
    process.stdout.write(tcpGateCrdYaml());
  });
