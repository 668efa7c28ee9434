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

/** Longest message that is kept, in characters. */
const MESSAGE_LIMIT = 1_024;

/** Of the status, what `deploymentTrouble` reads. */
export function keptDeploymentStatus(deployment: KubeObject): Deployment['status'] {
  const { conditions = [] } = (deployment as Deployment).status ?? {};
  return {
    conditions: conditions
      .filter(({ type }) => type === 'ReplicaFailure' || type === 'Progressing')
      .slice(0, 2)
      .map(({ type, status, reason = '', message = '' }) => ({
        ...{ type, status },
        ...{ reason: reason.slice(0, MESSAGE_LIMIT), message: message.slice(0, MESSAGE_LIMIT) },
      })),
  };
}

/** Why the Deployment cannot have the pods that it should; undefined when nothing says so. */
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
