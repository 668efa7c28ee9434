import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until `attempt` no longer throws; past the limit, throws what it threw last. */
export async function eventually<T>(
  attempt: () => Promise<T> | T,
  { timeoutMs = 30_000, intervalMs = 200 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await sleep(intervalMs);
    }
  }
}
