import { type FieldCause, KubeApiError, KubeConnectionError } from '../../kube/errors.ts';
import { Failures } from './failures.ts';

/** What is wrong, in kubectl's words; one line or several. */
export function errorText(error: unknown): string {
  if (error instanceof Failures) return error.errors.map(oneOfSeveral).join('\n');
  if (error instanceof KubeApiError && error.reason === 'Invalid') return invalidText(error);
  const text = oneOfSeveral(error);
  return isServers(error) || text.startsWith('error: ') ? text : `error: ${text}`;
}

function oneOfSeveral(error: unknown): string {
  if (error instanceof KubeApiError) {
    const { reason, message } = error;
    if (reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`;
    return `Error from server${reason === '' ? '' : ` (${reason})`}: ${message}`;
  }
  if (error instanceof KubeConnectionError) {
    return `Unable to connect to the server: ${error.message}. Does "chaosgate up" run, or your cluster?`;
  }
  return error instanceof Error ? error.message : String(error);
}

function isServers(error: unknown): boolean {
  return error instanceof KubeApiError || error instanceof KubeConnectionError;
}

function invalidText({ message, causes }: KubeApiError): string {
  const [, kind, rest] = /^(\w+)[\w.-]* (".*?" is invalid)/.exec(message) ?? [];
  const head = kind === undefined ? 'The request is invalid' : `The ${kind} ${rest}`;
  const lines = [...new Set(causes.map(causeText))];
  const [line] = lines;
  if (line === undefined) return kind === undefined ? `${head}: ${message}` : head;
  // With the space at the end of the first line that kubectl has there.
  if (lines.length > 1) return [`${head}: `, ...lines.map((each) => `* ${each}`)].join('\n');
  return `${head}: ${line}`;
}

function causeText({ field, message }: FieldCause): string {
  return `${field}: ${message}`;
}
