import { INITIAL_STATUS } from '../../api/status.ts';
import { metadataTypeProblem } from './decode/metadataTypes.ts';
import { type JsonObject, objectIn, textIn } from './json.ts';
import { tcpGates } from './kinds/tcpGates.ts';
import { isLabel } from './metadata/names.ts';
import { validateMetadata } from './metadata/validate.ts';
import { keyOf } from './request.ts';
import { withDefaults } from './schema/defaults.ts';
import { pruneUnknown } from './schema/prune.ts';
import type { Store } from './store/store.ts';

export interface Restored {
  /** Namespaces of the gates that were taken. */
  readonly namespaces: readonly string[];
  readonly refused: readonly { readonly name: string; readonly problems: readonly string[] }[];
}

/** Puts gates of an earlier start back. One that is not valid any more is left out and told of. */
export function restoreGates(store: Store, gates: readonly JsonObject[]): Restored {
  const taken = new Map<string, JsonObject>();
  const refused: { name: string; problems: string[] }[] = [];
  for (const gate of gates) {
    const metadata = objectIn(gate, 'metadata');
    const key = keyOf({ namespace: textIn(metadata, 'namespace'), name: textIn(metadata, 'name') });
    const { schema } = tcpGates;
    const full = withDefaults(schema, pruneUnknown(schema, gate).value) as JsonObject;
    // What is kept of a status says neither what is true now nor that nobody has looked yet.
    const sound = { ...full, status: { ...INITIAL_STATUS, ...objectIn(full, 'status') } };
    const problems = problemsOf(sound);
    if (problems.length > 0) refused.push({ name: key, problems });
    else taken.set(key, sound);
  }
  store.restore(tcpGates.storedAs, taken);
  const namespaces = [...taken.values()].map((gate) =>
    textIn(objectIn(gate, 'metadata'), 'namespace'),
  );
  return { namespaces: [...new Set(namespaces)], refused };
}

function problemsOf(gate: JsonObject): string[] {
  const metadata = objectIn(gate, 'metadata');
  const mistyped = metadataTypeProblem(gate.metadata ?? null);
  if (mistyped !== undefined) return [mistyped];
  if (textIn(metadata, 'uid') === '') return ['metadata.uid: Required value'];
  if (!isLabel(textIn(metadata, 'namespace'))) return ['metadata.namespace: Required value'];
  const errors = [...validateMetadata(gate), ...tcpGates.validate(gate, '')];
  return errors.map(({ field, message }) => `${field}: ${message}`);
}
