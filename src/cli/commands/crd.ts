import { Command } from 'commander';
import { writeData } from '../../observe/say.ts';

export const crdCommand = new Command('crd')
  .description('Print the CustomResourceDefinition of TcpGate.')
  .action(async () => {
    const { tcpGateCrdYaml } = await import('../../api/crd.ts');
    writeData(tcpGateCrdYaml());
  });
