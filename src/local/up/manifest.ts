import { relative } from 'node:path';
import { isObject, textIn } from '../../json/json.ts';
import { type KubeObject, keyOf } from '../../kube/objects.ts';
import { readYaml, type YamlDocument } from '../../yaml/read.ts';
import { YamlError } from '../../yaml/yamlError.ts';
import { lineOf, type Path, pathOf } from './positions.ts';
import { readObject } from './readObject.ts';

/** Something that is wrong with a file, and where. */
export interface Problem {
  readonly file: string;
  /** Counted from 1, like lines. */
  readonly document?: number;
  readonly line?: number;
  readonly field?: string;
  readonly message: string;
}

/** A gate that a file asks for. */
export interface Manifest {
  /** namespace/name */
  readonly key: string;
  readonly gate: KubeObject;
  readonly document: number;
  readonly line: number;
}

export interface ManifestFile {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly Problem[];
  /** Objects of other kinds, for example `Service postgres`. */
  readonly others: readonly string[];
}

/**
 * Reads YAML or JSON with any number of documents. Says all that is wrong at once; never throws. There may be nothing at
 * all in it.
 *
 * @param namespace of gates that name none
 */
export function readManifests(file: string, text: string, namespace = 'default'): ManifestFile {
  const read = [...readYaml(text)].map((document, index) =>
    readDocument({ file, document: index + 1 }, document, namespace),
  );
  const manifests = read.flatMap((each) => each.manifests);
  const problems = read.flatMap((each) => each.problems);
  const others = read.flatMap((each) => each.others);
  return { manifests, problems, others };
}

/** A document of a file. */
interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly document: number;
}

function readDocument(
  place: Place,
  document: YamlDocument | YamlError,
  namespace: string,
): ManifestFile {
  if (document instanceof YamlError) {
    const { message, line = 1 } = document;
    return { manifests: [], others: [], problems: [{ ...place, line, message }] };
  }
  // A cluster takes the last of them, and nobody would notice.
  const problems = document.duplicates
    .filter(({ isMerged }) => !isMerged)
    .map(({ key, line }) => ({ ...place, line, message: `The key "${key}" is in the map twice` }));
  if (problems.length > 0) return { manifests: [], others: [], problems };
  // A document of comments alone has no value.
  return readParts(
    place,
    document,
    document.value === null ? [] : partsOf(document.value),
    namespace,
  );
}

/** One object of a document: the document itself, or an item of a List. */
interface Part {
  readonly value: unknown;
  readonly path: Path;
}

function readParts(
  place: Place,
  document: YamlDocument,
  parts: readonly Part[],
  namespace: string,
): ManifestFile {
  const manifests: Manifest[] = [];
  const problems: Problem[] = [];
  const others: string[] = [];
  for (const { value, path } of parts) {
    const read = readObject(value, namespace);
    const line = lineOf(document, path);
    if ('other' in read) others.push(read.other);
    else if ('gate' in read) {
      const { gate } = read;
      manifests.push({ key: keyOf(gate.metadata), gate, document: place.document, line });
    } else {
      for (const { field, message } of read.flaws) {
        const at = lineOf(document, [...path, ...pathOf(field)]);
        const where = { ...place, line: at, ...(field === '' ? {} : { field }) };
        problems.push({ ...where, message });
      }
    }
  }
  return { manifests, problems, others };
}

/** The items of a List, which `kubectl get -o yaml` writes; else the value itself. */
function partsOf(value: unknown): Part[] {
  const isList = /^(List|TcpGateList)$/.test(textIn(value, 'kind'));
  if (!isObject(value) || !isList || !Array.isArray(value.items)) return [{ value, path: [] }];
  return value.items.map((item: unknown, index) => ({ value: item, path: ['items', index] }));
}

/** One line of text: `gate.yaml:12: document 2: spec.seed: ...`. */
export function problemText({ file, document, line, field, message }: Problem): string {
  return [
    line === undefined ? fileText(file) : `${fileText(file)}:${line}`,
    ...(document === undefined ? [] : [`document ${document}`]),
    ...(field === undefined ? [] : [field]),
    message,
  ].join(': ');
}

/** As it is called from where the process runs, when it is below that. */
export function fileText(file: string): string {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') ? file : short;
}
