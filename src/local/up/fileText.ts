import { fileText, problemText } from './manifest.ts';
import type { FileReport } from './manifests.ts';

/** What is to be said of a file, in lines. */
export function fileLines(file: string, { problems, others, isKept }: FileReport): string[] {
  return [
    ...problems.map(problemText),
    ...(problems.length > 0 && isKept
      ? [`${fileText(file)}: its gates stay unchanged until this is fixed`]
      : []),
    ...(others.length > 0
      ? [`${fileText(file)}: skipped ${others.join(', ')}: only TcpGates run here`]
      : []),
  ];
}
