import type { KubeObject } from '../../kube/objects.ts';
import { fileArguments } from '../../local/up/fileArguments.ts';
import { readFiles, readStreams } from '../../local/up/files.ts';
import { type Problem, problemText, readManifests } from '../../local/up/manifest.ts';
import { sayError } from '../../observe/say.ts';
import { UsageError } from './usageError.ts';

export interface FileOptions {
  readonly filename?: readonly string[] | undefined;
  readonly recursive?: boolean | undefined;
}

export interface GateInFile {
  readonly gate: KubeObject;
  readonly file: string;
}

/**
 * The gates in files and folders; `-` is standard input. Throws a `UsageError` that says all that is wrong with them.
 *
 * @param namespace of gates that name none
 * @param required the one that the user named: no other one may be in a file
 */
export async function gatesIn(
  { filename = [], recursive = false }: FileOptions,
  namespace: string,
  required?: string,
): Promise<GateInFile[]> {
  const paths = fileArguments(filename);
  const streams = await readStreams(paths);
  const rest = paths.filter((path) => path !== '-' && !streams.has(path));
  const texts = new Map([...(await readFiles(rest, { isRecursive: recursive })), ...streams]);
  const problems: Problem[] = [];
  const gates: GateInFile[] = [];
  for (const [file, content] of texts) {
    if (content instanceof Error) {
      problems.push({ file, message: content.message });
      continue;
    }
    const read = readManifests(file, content, namespace);
    problems.push(...read.problems);
    gates.push(...read.manifests.map(({ gate }) => ({ gate, file })));
    for (const other of read.others) {
      sayError(`${file}: skipped ${other}: only TcpGates are supported here`);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.map(problemText).join('\n'));
  for (const { gate } of gates) checkNamespace(gate.metadata.namespace ?? namespace, required);
  return gates;
}

function checkNamespace(found: string, required: string | undefined): void {
  if (required === undefined || found === required) return;
  throw new UsageError(
    `the namespace from the provided object "${found}" does not match the namespace "${required}". You must pass '--namespace=${found}' to perform this operation.`,
  );
}
