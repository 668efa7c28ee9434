import { z } from 'zod';

type Json = Record<string, unknown>;

/** Keys that OpenAPI v3 knows and a structural schema refuses or ignores. */
const REFUSED = ['readOnly', 'deprecated', 'examples', 'title', 'additionalProperties'];

/**
 * The schema as Kubernetes wants it in a CRD: structural OpenAPI v3 (Kubernetes documentation,
 * "Specifying a structural schema"). Throws when a construct cannot be said in it.
 */
export function structuralSchema(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'throw',
    override: ({ zodSchema, jsonSchema }) => {
      const node = jsonSchema as Json;
      const isRecord = zodSchema._zod.def.type === 'record';
      for (const key of REFUSED)
        if (!(isRecord && key === 'additionalProperties')) delete node[key];
      if (node.type === 'integer') Object.assign(node, integerBounds(node));
    },
  }) as Json;
}

/** zod states the safe integers as bounds of every integer: noise for readers, no bound for Kubernetes. */
function integerBounds(node: Json): Json {
  const { minimum, maximum } = node as { minimum?: number; maximum?: number };
  if (maximum !== undefined && maximum >= Number.MAX_SAFE_INTEGER) delete node.maximum;
  if (minimum !== undefined && minimum <= Number.MIN_SAFE_INTEGER) delete node.minimum;
  return { format: maximum !== undefined && maximum <= 2_147_483_647 ? 'int32' : 'int64' };
}
