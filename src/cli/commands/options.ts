import { Command } from 'commander';

/** Options that say where gates are: of all commands that stand in for kubectl's. */
export function gateCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-n, --namespace <namespace>', 'instead of that of the kubeconfig');
}

/** Options that name files. */
export function withFiles(command: Command): Command {
  return command
    .option(
      '-f, --filename <path>',
      'those in a file or folder, or - for standard input; may be said again',
      oneMore,
    )
    .option('-R, --recursive', 'also what is in the folders of the folders');
}

/** Options that choose among the gates of a namespace. */
export function withChoice(command: Command): Command {
  return command
    .option('-l, --selector <labels>', 'only gates with these labels')
    .option('-A, --all-namespaces', 'gates of all namespaces');
}

export const DRY_RUN = [
  '--dry-run <strategy>',
  'none, client or server: nothing is changed',
] as const;
export const OUTPUT = ['-o, --output <form>', 'yaml, json, name, jsonpath=TEMPLATE'] as const;
export const MANAGED = [
  '--show-managed-fields',
  'with -o yaml and json: who owns which field',
] as const;

function oneMore(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
