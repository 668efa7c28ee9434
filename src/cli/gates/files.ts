import { text } from 'node:stream/consumers';
import type { KubeObject } from '../../kube/objects.ts';
import { readFiles } from '../../local/up/files.ts';
import { type Problem, problemText, readManifests } from '../../local/up/manifest.ts';
import { UsageError } from './usageError.ts';

/** The gates in files and folders; `-` is standard input. Throws a `UsageError` that says all that is wrong with them. */
export async function gatesIn(paths: readonly string[], namespace: string): Promise<KubeObject[]> {
  const texts = new Map(await readFiles(paths.filter((path) => path !== '-')));
  if (paths.includes('-')) texts.set('stdin', await text(process.stdin));
  const problems: Problem[] = [];
  const gates: KubeObject[] = [];
  for (const [file, content] of texts) {
    if (content instanceof Error) {
      problems.push({ file, message: content.message });
      continue;
    }
    const read = readManifests(file, content, namespace);
    problems.push(...read.problems);
    gates.push(...read.manifests.map(({ gate }) => gate));
    for (const other of read.others) {
      process.stderr.write(`${file}: left out ${other}: only TcpGates are known here\n`);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.map(problemText).join('\n'));
  return gates;
}
