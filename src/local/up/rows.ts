import { PLURAL } from '../../api/names.ts';
import { type TcpGateSpec, upstreamText } from '../../api/spec.ts';
import type { TcpGateStatus } from '../../api/status.ts';
import { faultsText } from '../../api/text.ts';
import { type JsonObject, objectIn } from '../../json/json.ts';
import type { InForce } from '../../proxy/inForce.ts';
import { endOf } from '../left.ts';
import type { Local } from '../start.ts';

/** The message of a gate of which nothing else is known yet. */
export const BEING_SET_UP = 'The gate is starting';

/** The data of a gate's row. */
export interface Row {
  /** namespace/name */
  readonly key: string;
  readonly generation: number;
  /** Whether it does what this generation says. */
  readonly ready: boolean;
  /** Whether every open connection runs this generation. */
  readonly programmed: boolean;
  /** Why it is not ready; empty when it is. */
  readonly message: string;
  /** Where clients connect, as host:port; empty while there is no such place. */
  readonly listen: string;
  readonly upstream: string;
  /** What the last connection that a client made says of it; of a name that is not resolved, at once. */
  readonly upstreamReachable: 'True' | 'False' | 'Unknown';
  /** Why it is not; empty when it is or may be. */
  readonly upstreamMessage: string;
  /** What new connections meet. */
  readonly newConnections: string;
  /** What is in force on every open connection, in one line. */
  readonly faults: string;
  /** When they end by themselves; empty when they do not, or none are. */
  readonly faultsEndTime: string;
  readonly connections: { readonly active: number; readonly accepted: number };
}

/** The gates of the API, by name. */
export function rowsOf({ store, runtime }: Local): Row[] {
  return store
    .collection(PLURAL)
    .entries()
    .map(([key, gate]) => rowOf(key, gate, runtime.inForce(key)));
}

function rowOf(key: string, gate: JsonObject, inForce: InForce | undefined): Row {
  const status = (objectIn(gate, 'status') as TcpGateStatus | undefined) ?? {};
  const generation = Number(objectIn(gate, 'metadata').generation);
  const now = (type: string) =>
    status.conditions?.find(
      (condition) => condition.type === type && condition.observedGeneration === generation,
    );
  const isTrue = (type: string) => now(type)?.status === 'True';
  const ready = isTrue('Ready');
  // Of whatever generation: most changes leave the upstream as it was.
  const reachable = status.conditions?.find(({ type }) => type === 'UpstreamReachable');
  const readyCondition = status.conditions?.find(({ type }) => type === 'Ready');
  const connections = status.connections ?? { active: 0, accepted: 0 };
  // What no client meets is in force for none.
  const met = status.address === undefined && connections.active === 0 ? undefined : inForce;
  return {
    key,
    generation,
    ready,
    programmed: isTrue('Programmed'),
    message: ready
      ? ''
      : readyCondition?.status === 'False'
        ? readyCondition.message
        : BEING_SET_UP,
    listen: status.address ?? '',
    upstream: upstreamText(gate.spec as unknown as TcpGateSpec),
    upstreamReachable: reachable?.status ?? 'Unknown',
    upstreamMessage: reachable?.status === 'False' ? reachable.message : '',
    newConnections: met?.config.newConnections ?? '',
    faults: met === undefined ? '' : faultsIn(met),
    faultsEndTime: endOf(status) ?? '',
    connections,
  };
}

/** What new connections meet has a column of its own. */
function faultsIn({ config, state, faults }: InForce): string {
  return state === 'InForce' ? faultsText({ ...config, newConnections: 'Accept' }) : faults;
}
