import { Command } from 'commander';

/** Options for the location of gates, common to all commands that replace kubectl's. */
export function gateCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-n, --namespace <namespace>', 'default: that of the kubeconfig');
}

/** Options that name files. */
export function withFiles(command: Command): Command {
  return command
    .option(
      '-f, --filename <path>',
      'file or folder with gates, or - for standard input; may be repeated',
      oneMore,
    )
    .option('-R, --recursive', 'also read subfolders');
}

/** Options that choose among the gates of a namespace. */
export function withChoice(command: Command): Command {
  return command
    .option('-l, --selector <labels>', 'only gates with these labels')
    .option('-A, --all-namespaces', 'gates in all namespaces');
}

export const DRY_RUN = [
  '--dry-run <strategy>',
  'none, client or server: nothing is changed',
] as const;
export const OUTPUT = ['-o, --output <form>', 'yaml, json, name, jsonpath=TEMPLATE'] as const;
export const MANAGED = [
  '--show-managed-fields',
  'with -o yaml or json: show the owner of each field',
] as const;

function oneMore(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
