import { KubeApiError, KubeConnectionError } from '../kube/errors.ts';
import {
  ForbiddenError,
  GateNotFoundError,
  InvalidError,
  NotProgrammedError,
  TimeoutError,
  UnreachableError,
} from './errors.ts';
import type { Progress } from './progress.ts';
import type { GateObject } from './resource.ts';

/** Statuses with which an API server refuses an object or a patch. */
const REFUSALS = [400, 409, 413, 415, 422];

/** What a request about a gate rejects with, whatever it failed with. */
export function failureOf(error: unknown, gate: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof KubeConnectionError) return unanswered(error);
  if (!(error instanceof KubeApiError)) return error;
  const { status, message, causes } = error;
  if (status === 401 || status === 403) return forbidden(error);
  if (status === 404) {
    return new GateNotFoundError(
      gate,
      `There is no gate ${gate} (${message}). With a spec, chaos.gate() makes it`,
      { cause: error },
    );
  }
  if (!REFUSALS.includes(status)) return unwell(error);
  const unknown = unknownField(message);
  return new InvalidError(
    gate,
    `The API server refused it: ${unknown === undefined ? message : `unknown field "${unknown}"`}`,
    unknown === undefined ? causes : [{ field: unknown, message: 'unknown field' }],
    { cause: error },
  );
}

/** The server names it at the very end, behind the whole object. */
function unknownField(message: string): string | undefined {
  return /strict decoding error: .*unknown field "([^"]+)"/s.exec(message)?.[1];
}

function unanswered(error: KubeConnectionError): UnreachableError {
  return new UnreachableError(
    `The API server does not respond (${error.request}: ${error.message}). Check that it is running and that KUBECONFIG points to the right one`,
    { cause: error },
  );
}

function unwell(error: KubeApiError): UnreachableError {
  return new UnreachableError(
    `The API server answered ${error.request} with ${error.status}: ${error.message}`,
    { cause: error },
  );
}

function forbidden(error: KubeApiError): ForbiddenError {
  const advice =
    error.status === 401
      ? 'Check that the kubeconfig is the one written by the last start, and that its credentials are still valid'
      : 'The library needs permission to get, list, watch, create, patch and delete tcpgates.chaosgate.dev in the namespace';
  return new ForbiddenError(`The API server denied the request: ${error.message}. ${advice}`, {
    cause: error,
  });
}

export function noNamespace(gate: string, namespace: string, cause: Error): InvalidError {
  const message = `Namespace ${namespace} does not exist: create it, for example with "kubectl create namespace ${namespace}"`;
  return new InvalidError(gate, message, [], { cause });
}

export function gone(gate: string): GateNotFoundError {
  return new GateNotFoundError(
    gate,
    `Gate ${gate} was deleted by somebody else. chaos.gate() creates it again`,
  );
}

export function replaced(gate: string): GateNotFoundError {
  return new GateNotFoundError(
    gate,
    `Gate ${gate} was deleted and replaced by another gate of the same name. chaos.gate() uses that one`,
  );
}

/** A change that is not in force: within the timeout, or not at all if no timeout is given. */
export function notProgrammed(
  gate: string,
  generation: number,
  { status }: GateObject,
  progress: Progress,
  timeout?: number,
): NotProgrammedError {
  const { reason = 'Unknown', message = '' } = progress.is === 'reached' ? {} : progress;
  const inForce = status?.faults;
  const time = timeout === undefined ? '' : ` within ${timeout} ms`;
  const instead = inForce === undefined ? '' : ` In force: ${inForce}`;
  return new NotProgrammedError(
    `Generation ${generation} of gate ${gate} did not come into force${time}: ${message} (${reason}).${instead}`,
    { gate, generation, reason, inForce },
  );
}

/** The watch is connected but received nothing about the gate. */
export function noUpdate(gate: string, timeout: number): TimeoutError {
  return new TimeoutError(
    `The API server sent no update of gate ${gate} within ${timeout} ms. Check whether something else changes or deletes it`,
    timeout,
  );
}

export function tooFewConnections(
  gate: string,
  { status = {} }: GateObject,
  count: number,
  timeout: number,
): TimeoutError {
  const { address, connections, conditions, faults } = status;
  const upstream = conditions?.find(({ type }) => type === 'UpstreamReachable');
  const advice =
    upstream?.status === 'False'
      ? `Its upstream cannot be reached: ${upstream.message}`
      : `Check that clients connect to ${address}. Faults in force: ${faults}`;
  return new TimeoutError(
    `Gate ${gate} has ${connections?.active ?? 0} of ${count} connections after ${timeout} ms. ${advice}`,
    timeout,
  );
}
