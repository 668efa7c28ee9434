import type { Kube } from './client.ts';
import { isNotFound } from './errors.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resource.ts';

const PODS: Resource<KubeObject> = { group: '', version: 'v1', plural: 'pods' };

/**
 * Who holds a Lease, as `<pod name>/<pod uid>`: a container that is started again in its pod goes on with the Lease of
 * the process before it. A slash is in no other identity, as in no name of a host.
 */
export function podHolder(pod: { readonly name: string; readonly uid: string }): string {
  return `${pod.name}/${pod.uid}`;
}

/**
 * Tells whether the pod that holds a Lease is no longer there. The object of a pod goes when its containers have ended
 * (who deletes it by force says that they have). False for a holder that is no pod.
 *
 * Rejects with what the API server says, or when it does not answer.
 */
export async function isPodGone(
  kube: Pick<Kube, 'get'>,
  namespace: string,
  holder: string,
  options?: { readonly timeoutMilliseconds: number },
): Promise<boolean> {
  const [name, uid] = holder.split('/');
  if (!name || !uid) return false;
  try {
    const { metadata } = await kube.get(PODS, { namespace, name }, options);
    return metadata.uid !== uid;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}
