import type { KubeObject } from '../kube/objects.ts';
import type { ProxyPod } from './observed.ts';

/** How a container ended. */
interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
}

interface ContainerStatus {
  readonly name?: string;
  readonly state?: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

/** The fields of a core/v1 Pod that are read. */
export interface Pod extends KubeObject {
  readonly status?: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What every container waits for at first. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);

export function proxyPod(pod: Pod): ProxyPod {
  const { metadata, status } = pod;
  const isReady = conditionOf(pod, 'Ready')?.status === 'True';
  const trouble = isReady ? undefined : troubleOf(pod);
  return {
    uid: metadata.uid ?? '',
    name: metadata.name,
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    ip: status?.podIP,
    ready: isReady,
    running: status?.containerStatuses?.some(({ state }) => state?.running !== undefined) ?? false,
    terminating: metadata.deletionTimestamp !== undefined,
    trouble: trouble === undefined ? undefined : `pod ${metadata.name}: ${trouble}`,
  };
}

/** Why a pod that is not ready will not soon be, in Kubernetes' words; undefined when it seems to be starting. */
function troubleOf(pod: Pod): string | undefined {
  const { status = {} } = pod;
  if (status.phase === 'Failed') return said(status.reason ?? 'Failed', status.message);
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False') {
    return said(scheduled.reason ?? 'Unschedulable', scheduled.message);
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return containers.map(containerTrouble).find((trouble) => trouble !== undefined);
}

function containerTrouble({ name, state, lastState }: ContainerStatus): string | undefined {
  const waiting = state?.waiting;
  const ended = lastState?.terminated;
  if (waiting !== undefined && !STARTING.has(waiting.reason ?? '')) {
    // Its own message counts seconds.
    if (waiting.reason === 'CrashLoopBackOff') return `CrashLoopBackOff: ${endOf(name, ended)}`;
    return imageTrouble(waiting) ?? said(waiting.reason ?? 'Waiting', waiting.message);
  }
  const last = state?.terminated ?? ended;
  return last === undefined || last.exitCode === 0 ? undefined : endOf(name, last);
}

/** The two reasons take turns while the kubelet tries; one text for both is written once. */
function imageTrouble({ reason, message = '' }: { reason?: string; message?: string }) {
  if (reason !== 'ErrImagePull' && reason !== 'ImagePullBackOff') return undefined;
  return said(
    'ErrImagePull',
    message.replace(/^Back-off pulling image "[^"]*"(: ErrImagePull)?:? ?/, ''),
  );
}

function endOf(name = 'proxy', { exitCode, reason = 'Error', message }: Terminated = {}): string {
  return said(
    `container ${name} ended with ${reason} (exit code ${exitCode ?? 'unknown'})`,
    message,
  );
}

function said(reason: string, message = ''): string {
  return message === '' ? reason : `${reason}: ${message.trim()}`;
}

function conditionOf({ status }: Pod, type: string) {
  return status?.conditions?.find((condition) => condition.type === type);
}
