import { type JsonObject, objectIn, textIn } from '../json/json.ts';
import { ageText } from './age.ts';
import { compileColumnPath } from './columnPath.ts';

/** One column of a table. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** `name` marks the column that holds the object's name. */
  readonly format?: string;
  readonly description: string;
  /** Above 0: shown by `-o wide` alone. */
  readonly priority: number;
  /** @param now milliseconds since the epoch */
  cell(object: JsonObject, now: number): string | number | boolean | null;
}

/** A column as a CustomResourceDefinition names it. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
  readonly description?: string;
}

export function nameColumn(description: string): Column {
  return {
    name: 'Name',
    type: 'string',
    format: 'name',
    description,
    priority: 0,
    cell: (object) => textIn(objectIn(object, 'metadata'), 'name'),
  };
}

/** A printer column of a CRD. A value of another type than the column's is left out, as a real API server does. */
export function crdColumn({
  name,
  type,
  jsonPath,
  priority = 0,
  description,
}: PrinterColumn): Column {
  const find = compileColumnPath(jsonPath);
  return {
    name,
    type,
    priority,
    description:
      description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    cell: (object, now) => {
      const value = find(object);
      if (value === undefined || value === null) return null;
      if (type === 'date') return typeof value === 'string' ? ageText(value, now) : null;
      if (type === 'integer') return Number.isInteger(value) ? (value as number) : null;
      return typeof value === 'object' ? JSON.stringify(value) : (value as string);
    },
  };
}
