import type { KubeObject } from '../kube/objects.ts';
import { FRONT_PORTS_ANNOTATION } from './front/names.ts';

/** A pod of a gate, as far as the operator cares. */
export interface ProxyPod {
  readonly uid: string;
  readonly name: string;
  /** undefined until the pod has an address. */
  readonly ip: string | undefined;
  readonly ready: boolean;
  /** Its container runs: it may carry connections. */
  readonly running: boolean;
  readonly terminating: boolean;
  /** Which ports its gate has, see `portsText`; undefined for a gate without `service`. */
  readonly ports: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Why it is not ready and will not soon be; undefined as long as it seems to be starting. */
  readonly trouble: string | undefined;
}

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

/** Longest text of others that is kept, in characters, and most containers of a pod. */
const TEXT_LIMIT = 1_024;
const CONTAINERS = 16;

/** Of the status, what is read. */
export function keptPodStatus({ status = {} }: Pod): NonNullable<Pod['status']> {
  const { conditions, initContainerStatuses, containerStatuses } = status;
  return {
    ...texts(status, ['podIP', 'phase', 'reason', 'message']),
    conditions: (conditions ?? [])
      .filter(({ type }) => type === 'Ready' || type === 'PodScheduled')
      .slice(0, 2)
      .map(({ type, status, ...others }) => ({
        ...{ type, status },
        ...texts(others, ['reason', 'message']),
      })),
    initContainerStatuses: (initContainerStatuses ?? []).slice(0, CONTAINERS).map(keptContainer),
    containerStatuses: (containerStatuses ?? []).slice(0, CONTAINERS).map(keptContainer),
  };
}

function keptContainer({ name, state, lastState }: ContainerStatus): ContainerStatus {
  const { running, waiting, terminated } = state ?? {};
  return {
    ...(name === undefined ? {} : { name }),
    state: {
      ...(running === undefined ? {} : { running: {} }),
      ...(waiting === undefined ? {} : { waiting: texts(waiting, ['reason', 'message']) }),
      ...keptEnd(terminated),
    },
    lastState: keptEnd(lastState?.terminated),
  };
}

function keptEnd(terminated: Terminated | undefined): { terminated?: Terminated } {
  if (terminated === undefined) return {};
  const { exitCode } = terminated;
  const ended = texts(terminated, ['reason', 'message']);
  return { terminated: exitCode === undefined ? ended : { exitCode, ...ended } };
}

/** These texts, cut. */
function texts<K extends string>(
  from: { readonly [name in K]?: string },
  names: readonly K[],
): { [name in K]?: string } {
  const found = names.flatMap((name) => {
    const text = from[name];
    return text === undefined ? [] : [[name, text.slice(0, TEXT_LIMIT)]];
  });
  return Object.fromEntries(found);
}

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
    ports: metadata.annotations?.[FRONT_PORTS_ANNOTATION],
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
