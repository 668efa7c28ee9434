import { GROUP } from '../../api/names.ts';
import type { TcpGate } from '../../api/tcpgate.ts';
import { childLabels } from '../desired/common.ts';

/** On a gate that may have changed a Service: it goes when the Service is as it was. */
export const RELEASE_FINALIZER = `${GROUP}/release`;

/** Server-side apply field manager of what is changed in a Service, and of nothing else. */
export const FRONT_MANAGER = 'chaosgate-front';

/** On a Service that leads to a gate: the selector that it had, as JSON. Absent once that selector is back. */
export const ORIGINAL_SELECTOR_ANNOTATION = `${GROUP}/original-selector`;

/** On a Service that leads to a gate: who owned its selector, in managedFields. */
export const ORIGINAL_OWNER_ANNOTATION = `${GROUP}/original-owner`;

/** On a Service that leads to a gate: which one. */
export const FRONTED_BY_ANNOTATION = `${GROUP}/fronted-by`;

/** On the gate's pods: which ports they have, see `portsText`. */
export const FRONT_PORTS_ANNOTATION = `${GROUP}/front-ports`;

/** By this annotation the owner of a Service lets gates stand in front of it, where that is asked for. */
export const CONSENT_ANNOTATION = `${GROUP}/front`;
export const CONSENT = 'allowed';

/** On a gate: where it was last, see record.ts. */
export const FRONT_RECORD_ANNOTATION = `${GROUP}/front-record`;

/** What the name of the Service that leads to the servers has more than the gate's. */
export const ORIGIN_SUFFIX = '-origin';

/** Name of the Service that leads to the servers while the fronted one leads to the gate. */
export function originName(gate: TcpGate): string {
  return `${gate.metadata.name}${ORIGIN_SUFFIX}`;
}

/** The value of every key of the selector with which a Service selects the pods of that gate, and no others. */
export function frontSelectorValue(uid: string): string {
  return `chaosgate-${uid.replaceAll('-', '').slice(0, 10)}`;
}

/** The selector with which a Service leads to the gate of that uid in place of its servers: the same keys. */
export function frontSelector(
  original: Readonly<Record<string, string>>,
  uid: string,
): Record<string, string> {
  const value = frontSelectorValue(uid);
  return Object.fromEntries(Object.keys(original).map((key) => [key, value]));
}

/** Labels of the pods of a gate with `service`: the keys of that Service's selector, in whatever sense, are its own. */
export function frontPodLabels(
  gate: TcpGate,
  original: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...childLabels(gate), ...frontSelector(original, gate.metadata.uid) };
}
