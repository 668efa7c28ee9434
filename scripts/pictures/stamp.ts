import { createHash } from 'node:crypto';
import { structuralSchema } from '../../src/api/openapi.ts';
import type { Fault } from '../../src/gate/faults/fault.ts';

const METADATA = /<metadata>(.*)<\/metadata>/;

/** What a fault's picture was drawn for: other fields or another example are another stamp, another wording is not. */
export function stampOf({ schema, docs }: Fault): string {
  const { direction, settings } = docs.example;
  const drawn = JSON.stringify([fieldsAlone(structuralSchema(schema)), direction, settings]);
  return `chaosgate fault ${createHash('sha256').update(drawn).digest('hex').slice(0, 16)}`;
}

/** The stamp of a picture; undefined if it has none. */
export function stampIn(svg: string): string | undefined {
  return METADATA.exec(svg)?.[1];
}

function fieldsAlone(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(fieldsAlone);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !BESIDE_THE_FIELDS.includes(key))
      .map(([key, value]) => [key, fieldsAlone(value)]),
  );
}

/** Keys of a schema that say nothing about what a fault can be set to do. */
const BESIDE_THE_FIELDS = ['description', 'x-kubernetes-validations'];
