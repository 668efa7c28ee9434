import { isObject, type Json } from '../../json/json.ts';
import { MICRO_TIME, memberSchema, type Schema } from '../../schema/schema.ts';
import { validate } from '../../schema/validate.ts';

/** Why an object of a built-in kind cannot be read: Go reads those into structs, where types have to fit. */
export function builtInProblem(schema: Schema, value: Json): string | undefined {
  if (!isObject(value)) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const known = memberSchema(schema, name);
    const problem =
      known === undefined || member === null ? undefined : memberProblem(known, member, name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function memberProblem(schema: Schema, value: Json, name: string): string | undefined {
  if (schema.format === MICRO_TIME && typeof value === 'string') return microTimeProblem(value);
  if (schema.type === 'object' && isObject(value)) return builtInProblem(schema, value);
  const [error] = validate({ ...schema, default: null }, value, name);
  return error && `${error.field}: ${error.message}`;
}

function microTimeProblem(text: string): string | undefined {
  if (/\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) return undefined;
  const rest = text.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, '');
  const layout = '2006-01-02T15:04:05.000000Z07:00';
  return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ".000000"`;
}
