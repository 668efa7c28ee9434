import { KubeApiError } from '../../kube/errors.ts';

/** The same refusal of the server in other words. */
export function reworded(error: KubeApiError, message: string): KubeApiError {
  const { status, reason, causes, request } = error;
  return new KubeApiError({ status, reason, causes, request, message });
}

/** An error that says which file led to it, as kubectl does. */
export function fromFile(doing: string, file: string | undefined, error: unknown): unknown {
  if (file === undefined || !(error instanceof KubeApiError)) return error;
  return reworded(error, `error when ${doing} "${file}": ${error.message}`);
}
