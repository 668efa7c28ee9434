/** The image under test; `test/run.ts` put it on the cluster. */
export { IMAGE } from '../../image.ts';
export const POSTGRES_IMAGE =
  process.env.CHAOSGATE_TEST_POSTGRES_IMAGE ?? 'localhost/chaosgate-test/postgres:15';

export const REDIS_IMAGE =
  process.env.CHAOSGATE_TEST_REDIS_IMAGE ?? 'localhost/chaosgate-test/redis:7.0';

export const PASSWORD = 'chaos';

/** What pod security `restricted` asks of a pod and of a container. */
export function podSecurity(user: number) {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    fsGroup: user,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

export interface GateStatus {
  readonly metadata: { readonly generation: number; readonly resourceVersion: string };
  readonly status: {
    readonly observedGeneration?: number;
    readonly faults?: string;
    readonly faultsEndTime?: string;
    readonly address?: string;
    readonly connections?: { readonly active: number; readonly accepted: number };
    readonly disconnect?: { readonly nonce: string };
    readonly proxies?: {
      readonly desired: number;
      readonly ready: number;
      readonly programmed: number;
    };
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
      readonly lastTransitionTime: string;
    }[];
  };
}

export function gate(name: string, spec: object) {
  return { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', metadata: { name }, spec };
}

export function service(name: string, app: string, port: number) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app }, ports: [{ port, targetPort: port }] },
  };
}
