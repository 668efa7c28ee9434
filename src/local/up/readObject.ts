import { API_VERSION, GROUP, KIND } from '../../api/names.ts';
import { isObject, type JsonObject, objectIn, textIn, withField } from '../../json/json.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { withoutEmptyMetadata } from '../../kubeapi/decode/body.ts';
import { metadataTypeProblem } from '../../kubeapi/decode/metadataTypes.ts';
import { isLabel } from '../../kubeapi/metadata/names.ts';
import { validateMetadata } from '../../kubeapi/metadata/validate.ts';
import { withDefaults, withoutNulls } from '../../schema/defaults.ts';
import { UNCHECKED } from '../../schema/fieldError.ts';
import { pruneUnknown } from '../../schema/prune.ts';
import { tcpGates } from '../tcpGates.ts';

/** Something that is wrong with an object. */
interface Flaw {
  /** Such as `spec.toClient.delay`; empty: the object as a whole. */
  readonly field: string;
  readonly message: string;
}

/** A gate, an object of another kind (such as `Service postgres`), or all that is wrong with it. */
export type ReadObject =
  | { readonly gate: KubeObject }
  | { readonly other: string }
  | { readonly flaws: readonly Flaw[] };

/** What the server sets and nobody asks for; in a file it comes from `kubectl get -o yaml`. */
const SET_BY_SERVER = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
];

/**
 * Reads an object of a file by the same rules as the API.
 *
 * @param namespace of a gate that names none
 */
export function readObject(value: unknown, namespace: string): ReadObject {
  if (!isObject(value)) return flaw('', 'It is not an object');
  const apiVersion = textIn(value, 'apiVersion');
  const kind = textIn(value, 'kind');
  if (kind === '') return flaw('kind', 'Required value');
  if (apiVersion === '') return flaw('apiVersion', 'Required value');
  if (!apiVersion.startsWith(`${GROUP}/`) && kind !== KIND) {
    return { other: `${kind} ${textIn(objectIn(value, 'metadata'), 'name')}`.trim() };
  }
  if (apiVersion !== API_VERSION || kind !== KIND) {
    const field = apiVersion === API_VERSION ? 'kind' : 'apiVersion';
    return flaw(field, `There is ${KIND} of ${API_VERSION}, and no ${kind} of ${apiVersion}`);
  }
  const mistyped = metadataTypeProblem(value.metadata ?? null);
  if (mistyped !== undefined) return flaw('metadata', mistyped);
  const { schema } = tcpGates;
  const { value: known, unknown } = pruneUnknown(schema, asAskedFor(value, namespace));
  const gate = withoutNulls(schema, known) as JsonObject;
  const flaws = flawsOf(gate, unknown);
  return flaws.length > 0 ? { flaws } : { gate: gate as unknown as KubeObject };
}

function flawsOf(gate: JsonObject, unknown: readonly string[]): Flaw[] {
  const metadata = objectIn(gate, 'metadata');
  if (textIn(metadata, 'name') === '' && textIn(metadata, 'generateName') !== '') {
    const message = 'A file may be applied repeatedly: set metadata.name instead';
    return [{ field: 'metadata.generateName', message }];
  }
  const full = withDefaults(tcpGates.schema, gate) as JsonObject;
  const errors = [...validateMetadata(full), ...tcpGates.validate(full, '')];
  return [
    ...unknown.map((field) => ({ field, message: 'Unknown field' })),
    ...(isLabel(textIn(metadata, 'namespace'))
      ? []
      : [{ field: 'metadata.namespace', message: 'It must be a DNS label' }]),
    ...errors
      .filter((error) => error !== UNCHECKED)
      // Errors about the object as a whole name it <nil>.
      .map(({ field, message }) => ({ field: field.startsWith('<') ? '' : field, message })),
  ];
}

/** The gate without what is not for a file to say, and without metadata that says nothing. */
function asAskedFor(value: JsonObject, namespace: string): JsonObject {
  const { status: _, ...rest } = withoutEmptyMetadata(value);
  const metadata = SET_BY_SERVER.reduce(
    (left, field) => withField(left, field, undefined),
    objectIn(rest, 'metadata'),
  );
  return { ...rest, metadata: { namespace, ...metadata } };
}

function flaw(field: string, message: string): ReadObject {
  return { flaws: [{ field, message }] };
}
