import type { KubeObject } from '../kube/objects.ts';

/** The fields of an apps/v1 Deployment that are read. */
interface Deployment extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** Why the Deployment can not have the pods that it should; undefined when nothing says so. */
export function deploymentTrouble(deployment: KubeObject | undefined): string | undefined {
  const { conditions = [] } = (deployment as Deployment | undefined)?.status ?? {};
  const failure = conditions.find(
    ({ type, status, reason }) =>
      (type === 'ReplicaFailure' && status === 'True') ||
      (type === 'Progressing' && reason === 'ProgressDeadlineExceeded'),
  );
  return failure === undefined
    ? undefined
    : `Deployment ${deployment?.metadata.name}: ${failure.reason}: ${failure.message}`;
}
