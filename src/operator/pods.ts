import type { KubeObject } from '../kube/objects.ts';
import type { ProxyPod } from './observed.ts';

/** The fields of a core/v1 Pod that are read. */
export interface Pod extends KubeObject {
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: object } }[];
  };
}

export function proxyPod({ metadata, status }: Pod): ProxyPod {
  return {
    uid: metadata.uid ?? '',
    name: metadata.name,
    ip: status?.podIP,
    ready:
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ??
      false,
    running: status?.containerStatuses?.some(({ state }) => state?.running !== undefined) ?? false,
    terminating: metadata.deletionTimestamp !== undefined,
  };
}
