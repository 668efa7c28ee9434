import type { PatchOperation } from '../kube/patch.ts';
import type {
  DirectionName,
  Faults,
  FaultsPatch,
  GateObject,
  GateSpec,
  How,
  NewConnections,
} from './resource.ts';

/** One patch of a gate: a JSON patch, which replaces what it names, or a merge patch. */
export type Change =
  | { readonly operations: readonly PatchOperation[]; readonly nonce?: string }
  | { readonly merge: object };

/** What `Gate.set` takes. */
export interface GateSettings {
  readonly toServer?: Faults | undefined;
  readonly toClient?: Faults | undefined;
  readonly newConnections?: NewConnections | undefined;
}

/** Which connections to close, and how. */
export interface Disconnect {
  /** How many, the oldest first. Default: all of them. */
  readonly count?: number | undefined;
  /** Default: `Fin`. */
  readonly how?: How | undefined;
}

export const RESET: Change = specChange({ toServer: {}, toClient: {}, newConnections: 'Accept' });

/** Replaces the fields that are given, whole. */
export function specChange(fields: object): { readonly operations: readonly PatchOperation[] } {
  return { operations: Object.entries(fields).flatMap(([name, value]) => setField(name, value)) };
}

export function mergeChange(names: readonly DirectionName[], faults: FaultsPatch): Change {
  return { merge: { spec: Object.fromEntries(names.map((name) => [name, faults])) } };
}

/** @param nonce one that the gate never had */
export function disconnectChange(
  nonce: string,
  { count, how }: Disconnect,
  newConnections?: NewConnections,
): Change {
  return { ...specChange({ newConnections, disconnect: { nonce, how, count } }), nonce };
}

/** Makes a gate that exists what it is asked to be. Faults that are not asked for are lifted, the rest stays. */
export function takeOverChange({ spec: current }: GateObject, asked: GateSpec): Change {
  const { toServer = {}, toClient = {}, newConnections = 'Accept', ...others } = asked;
  const upstream = asked.upstream && { ...current.upstream, ...asked.upstream };
  const service = asked.service && { ...current.service, ...asked.service };
  return specChange({ ...others, toServer, toClient, newConnections, upstream, service });
}

/** Two steps that start a direction's faults over: a direction without any has none. */
export function rearmChanges(
  { spec }: GateObject,
  names: readonly DirectionName[],
): readonly Change[] {
  const armed = names.filter((name) =>
    Object.keys(spec[name]).some((field) => field !== 'connectionsPercent'),
  );
  if (armed.length === 0) return [];
  const stalled = armed.map((name) => {
    const { connectionsPercent } = spec[name];
    return [name, { stall: {}, connectionsPercent }] as const;
  });
  return [
    specChange(Object.fromEntries(stalled)),
    specChange(Object.fromEntries(armed.map((name) => [name, spec[name]]))),
  ];
}

function setField(name: string, value: unknown): PatchOperation[] {
  return value === undefined ? [] : [{ op: 'add', path: `/spec/${name}`, value }];
}
