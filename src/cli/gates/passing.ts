import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpGateStatus } from '../../api/status.ts';
import type { Kube } from '../../kube/client.ts';
import { type KubeObject, keyOf } from '../../kube/objects.ts';
import { TCP_GATES } from '../../operator/resources.ts';

/** Milliseconds between looks. */
const POLL = 250;

/** Keys of gates. */
export interface Passing {
  readonly passing: readonly string[];
  /** Their proxies have not said so. */
  readonly others: readonly string[];
}

/**
 * Waits until all gates pass everything.
 *
 * @param namespace all of them without it
 * @param milliseconds the longest to wait
 */
export async function passing(
  kube: Kube,
  namespace: string | undefined,
  milliseconds: number,
): Promise<Passing> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const { items } = await kube.list(TCP_GATES, { namespace });
    const others = items.filter((gate) => !passes(gate)).map(({ metadata }) => keyOf(metadata));
    if (others.length === 0 || performance.now() >= deadline) {
      return { passing: items.filter(passes).map(({ metadata }) => keyOf(metadata)), others };
    }
    await sleep(POLL);
  }
}

/** Every proxy of the gate has said that no fault is in force. */
function passes(gate: KubeObject): boolean {
  const { status } = gate as { readonly status?: TcpGateStatus };
  const active = status?.conditions?.find(({ type }) => type === 'FaultsActive');
  return active?.status === 'False' && active.observedGeneration === gate.metadata.generation;
}
