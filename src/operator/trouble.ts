import type { ProxyPod } from './pods.ts';

export const NO_PROXY = 'No proxy runs yet';
export const NOT_READY = 'No proxy pod is ready yet';

/** Longest text of others in a message, in characters: scheduler and runtimes may write pages. */
const LIMIT = 1_024;

/** Why there is no proxy, or no new one next to the serving one, as reported by the cluster; undefined without a cause. */
export function troubleOf(
  pods: readonly ProxyPod[],
  ofDeployment: string | undefined,
): string | undefined {
  const current = pods.filter(({ terminating }) => !terminating);
  const ready = current.filter((pod) => pod.ready).map(({ createdAt }) => createdAt);
  // What failed before a pod became ready was replaced by it.
  const newer = current.filter(({ createdAt }) => ready.every((other) => createdAt > other));
  const newest = newer
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .find((pod) => pod.trouble !== undefined);
  const cause = newest?.trouble ?? ofDeployment;
  return cause?.replaceAll(/\s+/g, ' ').slice(0, LIMIT);
}

/** The text with its cause, if there is one. */
export function because(text: string, trouble: string | undefined): string {
  return trouble === undefined ? text : `${text.replace(/ yet$/, '')}: ${trouble}`;
}
