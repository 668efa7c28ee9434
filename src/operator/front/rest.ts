import type { Problem } from '../gateRuntime.ts';
import type { Action, Seen } from './decide.ts';
import { type GateRef, type Selector, selectorOwners } from './handover.ts';
import { ORIGIN_SUFFIX } from './names.ts';
import type { FrontRecord } from './record.ts';
import type { Service } from './service.ts';

/** Where a gate with `service` is. */
export interface Front {
  /** `Refused`: nothing of it is to be made, and what there is stays as it is. */
  readonly at: 'Refused' | 'Preparing' | 'InFront' | 'Out' | 'Leaving' | 'Gone';
  /** undefined: in front, and nothing is in the way. */
  readonly problem: Problem | undefined;
  /** undefined while it is not known. */
  readonly service: Service | undefined;
  /** The selector that the Service has without the gate; undefined while it is not known. */
  readonly original: Selector | undefined;
  /** Milliseconds after which to look again, for what no watch tells. */
  readonly againMilliseconds: number | undefined;
}

/** A gate with `service`, as far as taking it away needs. */
export interface FrontedGate extends GateRef {
  readonly key: string;
  readonly namespace: string;
  readonly service: string;
  readonly ports: readonly string[] | undefined;
  readonly drainSeconds: number;
  readonly nonce: string;
  readonly replicas: number;
  readonly isDeleted: boolean;
}

/** What only saves work, or measures a wait: a process that knows none of it comes to the same end. */
export interface Memory {
  readonly uid: string;
  /** Version of the gate with the finalizer and that record: the cache may be behind. */
  marked?: { readonly version: string | undefined; readonly record: FrontRecord | undefined };
  /** Its finalizer was removed, which ends the gate: the cache may be behind. */
  isLetGo?: boolean;
  /** Version of the Service, and what the check said of it. */
  checked?: { readonly version: string | undefined; readonly problem: Problem | undefined };
  /** Uid of the origin Service, and the ports, for which a connection was made. */
  proved?: string;
  /** The Service was given back for its ports. */
  havePortsChanged?: boolean;
  /** Monotonic milliseconds: since when the Service leads to its servers again, and since when no slice names the gate. */
  releasedAt?: number;
  clearAt?: number;
}

/** Milliseconds between looks at what no watch tells. */
const SLICES_INTERVAL = 200;
const PROOF_INTERVAL = 1_000;
const DRAIN_INTERVAL = 1_000;

/** What a look comes to, beside what was read. */
type Rest = Omit<Front, 'service' | 'original'>;

const GONE: Rest = { at: 'Gone', problem: undefined, againMilliseconds: undefined };

/** undefined for an action that is to be performed. */
export function restAt(
  action: Action,
  gate: FrontedGate,
  seen: Seen,
  memory: Memory,
): Rest | undefined {
  const { name, service } = gate;
  switch (action.do) {
    case 'nothing':
      return GONE;
    case 'refuse':
      return {
        at: 'Refused',
        problem: refusal(action.why, gate, memory),
        againMilliseconds: undefined,
      };
    case 'stay':
      return action.at === 'InFront'
        ? { at: 'InFront', problem: undefined, againMilliseconds: undefined }
        : { at: 'Out', problem: reverted(gate, seen), againMilliseconds: undefined };
    case 'await':
      break;
    default:
      return undefined;
  }
  switch (action.what) {
    case 'Proxies': {
      const problem = memory.havePortsChanged
        ? passing(
            'PortsChanged',
            `The ports of Service ${service} have changed: it leads to its servers until pods of the gate have the new ports`,
          )
        : passing(
            'WaitingForPods',
            `Service ${service} leads to its servers until a pod of the gate is ready`,
          );
      return { at: 'Preparing', problem, againMilliseconds: undefined };
    }
    case 'Proof':
      return {
        at: 'Preparing',
        problem: passing(
          'WaitingForServers',
          `Service ${service} leads to its servers until a connection through a pod of the gate and Service ${name}${ORIGIN_SUFFIX} succeeds: check that servers run, and that no NetworkPolicy keeps the gate's pods from them`,
        ),
        againMilliseconds: PROOF_INTERVAL,
      };
    case 'Slices':
      return {
        at: 'Leaving',
        problem: passing(
          'Releasing',
          `Service ${service} leads to its servers again; its EndpointSlices are about to follow`,
        ),
        againMilliseconds: SLICES_INTERVAL,
      };
    case 'Drain':
      return {
        at: 'Leaving',
        problem: passing(
          'Draining',
          `Service ${service} leads to its servers again; connections through the gate have ${gate.drainSeconds} s to end`,
        ),
        againMilliseconds: DRAIN_INTERVAL,
      };
  }
}

function refusal(
  why: 'NotFound' | 'Check' | 'Lost',
  gate: FrontedGate,
  { checked }: Memory,
): Problem {
  const { service, name } = gate;
  if (why === 'NotFound') {
    return lasting(
      'ServiceNotFound',
      `spec.service.name: there is no Service ${service} in the namespace of the gate: create it, or delete the gate and create it with the name of one that is there`,
    );
  }
  if (why === 'Check' && checked?.problem !== undefined) return checked.problem;
  if (why === 'Check') {
    return lasting(
      'AlreadyFronted',
      `spec.service.name: another gate is in front of Service ${service}: delete that gate, or this one`,
    );
  }
  return lasting(
    'SelectorLost',
    `Service ${service} leads to the gate, and its original selector is recorded nowhere any more: set spec.selector of the Service to the labels of its servers (kubectl patch service ${service} --type=json), and gate ${name} lets it go`,
  );
}

function reverted({ service }: FrontedGate, { service: found }: Seen): Problem {
  const managers =
    found === undefined ? [] : selectorOwners(found).map(({ manager }) => `"${manager}"`);
  const who = managers.length === 0 ? 'Somebody' : managers.join(', ');
  return lasting(
    'Reverted',
    `${who} changed spec.selector of Service ${service}, so the gate is no longer in front of it and stays away. Set spec.faultsNonce of the gate to a new value to put it there again`,
  );
}

function passing(reason: string, message: string): Problem {
  return { terminal: false, reason, message };
}

function lasting(reason: string, message: string): Problem {
  return { terminal: true, reason, message };
}
