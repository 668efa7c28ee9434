import type { z } from 'zod';
import { structuralSchema } from '../../src/api/openapi.ts';

/** As much of a structural schema as a table of fields needs. */
interface Schema {
  readonly type: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly default?: string | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly 'x-kubernetes-validations'?: readonly { readonly message: string }[];
}

export function schemaOf(schema: z.ZodType): Schema {
  return structuralSchema(schema) as unknown as Schema;
}

/** The fields of an object, or of the objects of a list: name, default, bounds and description. */
export function fieldsOf(schema: Schema): string[] {
  const { items } = schema;
  const owner = items ?? schema;
  const fields = Object.entries(owner.properties ?? {});
  if (fields.length === 0) return ['It has no fields: set it to `{}`.'];
  return [
    ...(items === undefined
      ? []
      : [`A list of ${schema.minItems} to ${schema.maxItems} objects with these fields.`, '']),
    '| field | default | bounds | |',
    '|---|---|---|---|',
    ...fields.map(([name, field]) => row(name, field, owner.required?.includes(name) ?? false)),
    ...rulesOf(owner, fields),
  ];
}

/** A row of a table with the columns field, default, bounds and description. */
export function row(name: string, field: Schema, isRequired: boolean): string {
  const byDefault = field.default === undefined ? 'not set' : `\`${field.default}\``;
  const cells = [
    `\`${name}\``,
    isRequired ? 'required' : byDefault,
    boundsOf(field),
    plain(field.description ?? ''),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Text that was not written as Markdown, for instance a description with a backslash or a dollar in it. */
export function plain(text: string): string {
  return text.replaceAll(/[\\*_<>[\]|$`]/g, '\\$&');
}

/** Markdown as a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function boundsOf({ enum: values, minimum, maximum, minLength, maxLength }: Schema): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  if (maxLength !== undefined) return `${minLength ?? 0} to ${maxLength} characters`;
  return `${minimum} to ${maximum}`;
}

function rulesOf(owner: Schema, fields: readonly (readonly [string, Schema])[]): string[] {
  const rules = [owner, ...fields.map(([, field]) => field)].flatMap(
    (schema) => schema['x-kubernetes-validations'] ?? [],
  );
  if (rules.length === 0) return [];
  return [
    '',
    'The API server rejects values that violate one of these rules, with this message:',
    '',
  ].concat(rules.map(({ message }) => `- ${plain(message)}`));
}
