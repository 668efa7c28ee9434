import type { TcpGateStatus } from '../api/status.ts';
import type { GateWithUpstream } from '../api/tcpgate.ts';
import type { Snapshot } from '../control/messages.ts';
import { KEY_BYTES } from '../control/psk.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { ProxyConfig } from './config.ts';
import { PORTS } from './desired/common.ts';
import { desiredDeployment } from './desired/deployment.ts';
import { desiredNetworkPolicy, type OperatorPods } from './desired/networkPolicy.ts';
import { desiredSecret } from './desired/secret.ts';
import { desiredService } from './desired/service.ts';
import { ownPorts } from './front/ports.ts';
import type { CurrentRun } from './gateRuns.ts';
import type { KeptSecret } from './kept.ts';
import type { LinkTarget } from './links.ts';
import { ownershipOf } from './ownership.ts';
import type { ProxyPod } from './pods.ts';
import { type Fronted, snapshotOf, storedSnapshotOf } from './snapshot.ts';

/** What was read of one gate and of what belongs to it, at one moment. */
export interface Gathered {
  readonly gate: GateWithUpstream;
  readonly status: TcpGateStatus | undefined;
  readonly run: CurrentRun;
  /** The lever is engaged for the gate. */
  readonly isLevered: boolean;
  readonly pods: readonly ProxyPod[];
  /** The object that has the name of the gate's Secret, no matter who owns it. */
  readonly secret: SecretObject | undefined;
  /** The key that the operator uses with the gate's proxies, and whether one of them has answered to it. */
  /** Of a gate with `service`. */
  readonly fronted?: Fronted;
  readonly keyInUse: { readonly key: Buffer; readonly isAnswered: boolean } | undefined;
}

/** The fields of a core/v1 Secret that are read. */
export type SecretObject = KeptSecret & { readonly data?: Readonly<Record<string, string>> };

/** What a gate needs to be as its spec says. */
export interface Plan {
  readonly key: Buffer;
  readonly snapshot: Snapshot;
  /** The proxies that are to run the snapshot. */
  readonly targets: readonly LinkTarget[];
  readonly children: readonly KubeObject[];
}

export interface PlanOptions {
  readonly proxy: ProxyConfig;
  readonly operator: OperatorPods;
  /** A key of `KEY_BYTES` that nobody can guess. */
  newKey(): Buffer;
}

export function plan(gathered: Gathered, { proxy, operator, newKey }: PlanOptions): Plan {
  const { gate, status, run, isLevered, pods, keyInUse, fronted } = gathered;
  // A proxy reads its key once. The stored one is what new pods get, and somebody may have changed it since.
  const answeredKey = keyInUse?.isAnswered === true ? keyInUse.key : undefined;
  const key = answeredKey ?? storedKey(gathered) ?? keyInUse?.key ?? newKey();
  const snapshot = snapshotOf(gate, status, run, isLevered, fronted);
  const port = fronted === undefined ? PORTS.control : ownPorts(fronted.ports).control;
  const stored = storedSnapshotOf(snapshot, gate.spec, run);
  return {
    key,
    snapshot,
    targets: pods.flatMap(({ uid, ip }) => (ip === undefined ? [] : { podUid: uid, ip, port })),
    children: [
      desiredSecret(gate, key, stored, operator.name),
      ...(fronted === undefined ? [desiredService(gate)] : []),
      desiredDeployment(gate, proxy, fronted),
      ...(proxy.networkPolicy.enabled
        ? [desiredNetworkPolicy(gate, operator, proxy.networkPolicy, fronted)]
        : []),
    ],
  };
}

function storedKey({ gate, secret }: Pick<Gathered, 'gate' | 'secret'>): Buffer | undefined {
  if (secret === undefined || ownershipOf(secret, gate) !== 'own') return undefined;
  const key = Buffer.from(secret.data?.key ?? '', 'base64');
  return key.length === KEY_BYTES ? key : undefined;
}
