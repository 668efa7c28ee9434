import { notAcceptable } from '../errors.ts';

/** In which form an answer goes out. */
export interface Representation {
  readonly format: 'json' | 'yaml';
  /** Another shape than the object's own. */
  readonly as:
    | {
        readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
        readonly version: 'v1' | 'v1beta1';
      }
    | undefined;
}

interface Clause {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const SHAPES = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;

/** Chooses what an Accept header asks for first and is available. Throws a 406. */
export function negotiate(accept: string): Representation {
  const clauses = parseAccept(accept);
  if (clauses.length === 0) return { format: 'json', as: undefined };
  for (const clause of clauses) {
    const representation = representationOf(clause);
    if (representation !== undefined) return representation;
  }
  throw notAcceptable(TYPES);
}

/** The clauses of an Accept header, best first. */
export function parseAccept(accept: string): Clause[] {
  return accept
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [type = '', ...rest] = text.split(';').map((part) => part.trim());
      const pairs = rest.map((part) => part.split('=', 2) as [string, string?]);
      const parameters = Object.fromEntries(pairs.map(([name, value = '']) => [name, value]));
      return { type: type.toLowerCase(), parameters, quality: Number(parameters.q ?? 1) };
    })
    .sort((a, b) => b.quality - a.quality);
}

function representationOf({ type, parameters }: Clause): Representation | undefined {
  const isJson = type === 'application/json' || type === '*/*' || type === 'application/*';
  const format = isJson ? 'json' : type === 'application/yaml' ? 'yaml' : undefined;
  if (format === undefined) return undefined;
  const { as, g, v } = parameters;
  if (as === undefined) return { format, as };
  const kind = SHAPES.find((shape) => shape === as);
  const isKnown = g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1');
  return kind === undefined || !isKnown ? undefined : { format, as: { kind, version: v } };
}
