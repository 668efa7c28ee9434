import type { Column } from '../kinds/kind.ts';
import { ageText } from './age.ts';
import { compileJsonPath } from './jsonPath.ts';

interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
  readonly description?: string;
}

/** A printer column of a CRD. A value of another type than the column's is left out, as a real API server does. */
export function crdColumn({
  name,
  type,
  jsonPath,
  priority = 0,
  description,
}: PrinterColumn): Column {
  const find = compileJsonPath(jsonPath);
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
