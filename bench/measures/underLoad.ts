import { setTimeout as sleep } from 'node:timers/promises';
import type { Load, Taken } from '../generator.ts';
import type { RunningPeer } from '../peers/peer.ts';
import { cpuSeconds } from '../processes.ts';
import type { Context } from './measure.ts';

export interface Loaded extends Taken {
  /** Seconds of processor time that the proxy used; undefined without one. */
  readonly cpu: number | undefined;
  readonly perSecond: number;
}

/**
 * Puts load on a proxy, and counts once it has warmed up.
 *
 * @param atPeak runs when the counting is over and the load still on
 */
export async function underLoad(
  { generator, effort }: Context,
  { address, pid }: RunningPeer,
  kind: Load,
  connections: number,
  {
    warmUp = effort.warmUp,
    atPeak = async () => {},
  }: { warmUp?: number; atPeak?: () => Promise<void> } = {},
): Promise<Loaded> {
  await generator.load(kind, address, connections);
  await sleep(warmUp * 1_000);
  const cpuBefore = pid === undefined ? 0 : cpuSeconds(pid);
  await generator.take();
  await sleep(effort.seconds * 1_000);
  const taken = await generator.take();
  const cpu = pid === undefined ? undefined : cpuSeconds(pid) - cpuBefore;
  await atPeak();
  await generator.endLoad();
  return { ...taken, cpu, perSecond: taken.count / taken.seconds };
}
