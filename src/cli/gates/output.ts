import { readFileSync } from 'node:fs';
import { fileProblem } from '../../files/fileProblem.ts';
import { type Json, sortKeys } from '../../json/json.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { writeYaml } from '../../yaml/write.ts';
import { goJson } from '../goJson.ts';
import { JsonPath, JsonPathError } from '../jsonPath/jsonPath.ts';
import { UsageError } from './usageError.ts';

export interface OutputOptions {
  readonly output?: string;
  readonly showManagedFields?: boolean;
}

/** How `-o` prints whole objects; its text has its own line feed at the end, or none. */
export type ObjectForm = (value: Json) => string;

/** The forms that are templates, and what makes one of a value. */
const TEMPLATES: Readonly<Record<string, (path: JsonPath, value: Json) => string>> = {
  jsonpath: (path, value) => path.text(value),
  'jsonpath-file': (path, value) => path.text(value),
  'jsonpath-as-json': (path, value) => path.json(value),
};

const FORMS = ['json', 'yaml', 'name', 'jsonpath=', 'jsonpath-file=', 'jsonpath-as-json='];

/**
 * The form that `-o` names for whole objects; undefined for `name`, for those in `others`, and without `-o`.
 * Throws a `UsageError`.
 */
export function objectForm(
  { output }: OutputOptions,
  others: readonly string[] = [],
): ObjectForm | undefined {
  if (output === undefined || output === 'name' || others.includes(output)) return undefined;
  if (output === 'json') return (value) => `${goJson(value, 4)}\n`;
  if (output === 'yaml') return yamlOf;
  const [, name = output, argument = ''] = /^([^=]*)=(.*)$/s.exec(output) ?? [];
  const print = Object.hasOwn(TEMPLATES, name) ? TEMPLATES[name] : undefined;
  if (print === undefined) {
    const allowed = [...FORMS, ...others].join(', ');
    throw new UsageError(
      `unable to match a printer suitable for the output format "${output}", allowed formats are: ${allowed}`,
    );
  }
  if (argument === '') throw new UsageError('template format specified but no template given');
  const template = name === 'jsonpath-file' ? contentOf(argument) : argument;
  const path = parsed(template);
  return (value) => printed(template, () => print(path, value));
}

/** One gate as `-o` shows it. */
export function shown(gate: KubeObject, { showManagedFields = false }: OutputOptions): Json {
  const { managedFields: _, ...metadata } = gate.metadata as KubeObject['metadata'] & {
    managedFields?: unknown;
  };
  return sortKeys((showManagedFields ? gate : { ...gate, metadata }) as unknown as Json);
}

/** Several as a List. */
export function listOf(gates: readonly KubeObject[], options: OutputOptions): Json {
  const items = gates.map((gate) => shown(gate, options));
  return { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
}

function yamlOf(value: Json): string {
  return writeYaml(value, { indentSeq: false, lineWidth: 0 });
}

function parsed(template: string): JsonPath {
  try {
    return new JsonPath(template);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new UsageError(`error parsing jsonpath ${template}, ${error.message}`);
  }
}

function printed(template: string, print: () => string): string {
  try {
    return print();
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new UsageError(`error executing jsonpath ${JSON.stringify(template)}: ${error.message}`);
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`error reading --template ${file}, ${fileProblem(error)}`);
  }
}
