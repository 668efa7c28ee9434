import { GROUP, PLURAL } from '../../api/names.ts';
import { KubeApiError } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import { type Awaited, awaited } from './condition.ts';
import type { Connection } from './connect.ts';
import { named } from './names.ts';
import { say, sayError } from './run.ts';
import { UsageError } from './usageError.ts';

export interface WaitOptions {
  readonly for: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly namespace?: string;
  readonly all?: boolean;
}

/** Waits until each of the gates is as awaited. Says which is, and at the end which is not. */
export async function waitForGates(
  { kube, namespace: own }: Connection,
  names: readonly string[],
  options: WaitOptions,
): Promise<void> {
  if (names.length > 0 === (options.all ?? false)) {
    throw new UsageError('name the gates, or say --all');
  }
  const goal = awaited(options.for);
  const namespace = options.namespace ?? own;
  const changes = new EventTarget();
  const failed = Promise.withResolvers<never>();
  const reflector = new Reflector({
    kube,
    resource: TCP_GATES,
    namespace,
    onChange: () => changes.dispatchEvent(new Event('change')),
    onError: (error) => failed.reject(error),
  });
  const timeout = AbortSignal.timeout(options.timeout);
  reflector.start();
  try {
    await Promise.race([reflector.synced, failed.promise]);
    const meant = options.all ? reflector.list().map(({ metadata }) => metadata.name) : names;
    if (meant.length === 0) throw new UsageError('no matching resources found');
    const waits = meant.map((name) =>
      waitFor(name, goal, () => reflector.get(`${namespace}/${name}`), changes, timeout),
    );
    await Promise.race([Promise.all(waits), failed.promise]);
  } finally {
    await reflector.stop();
  }
}

async function waitFor(
  name: string,
  goal: Awaited,
  find: () => KubeObject | undefined,
  changes: EventTarget,
  timeout: AbortSignal,
): Promise<void> {
  if (!goal.mayBeAbsent && find() === undefined) return sayError(notFound(name));
  for (;;) {
    if (goal.isMet(find())) return say(`${named(name)} condition met`);
    if (!(await nextChange(changes, timeout))) {
      const what = `${PLURAL}/${name}`;
      return sayError(new UsageError(`timed out waiting for the condition on ${what}`));
    }
  }
}

/** False when the time was up before. */
function nextChange(changes: EventTarget, timeout: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (timeout.aborted) return resolve(false);
    const changed = () => {
      timeout.removeEventListener('abort', expired);
      resolve(true);
    };
    const expired = () => {
      changes.removeEventListener('change', changed);
      resolve(false);
    };
    changes.addEventListener('change', changed, { once: true });
    timeout.addEventListener('abort', expired, { once: true });
  });
}

function notFound(name: string): KubeApiError {
  return new KubeApiError({
    status: 404,
    reason: 'NotFound',
    message: `${PLURAL}.${GROUP} "${name}" not found`,
    request: 'LIST',
  });
}
