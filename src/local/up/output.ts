import type { FileReport } from './manifests.ts';

/** Reports what `chaosgate up` does, to people or to programs. */
export interface Output {
  /** The gates may be others than before, or do another thing. */
  changed(): void;
  file(file: string, report: FileReport): void;
  /** Something failed; not for the user to repair. */
  error(error: unknown): void;
  /** Ends the output. */
  close(): void;
}

/** The first line of output. */
export interface Greeting {
  /** Address that the gates listen on. */
  readonly listen: string;
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
  /** URL of the API. */
  readonly api: string;
}

export function greetingText({ listen, kubeconfig }: Greeting): string {
  return `Gates listen on ${listen}. To use kubectl:  export KUBECONFIG=${kubeconfig}`;
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
