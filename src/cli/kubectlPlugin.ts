import { basename } from 'node:path';

/** Whether kubectl runs this, as `kubectl chaosgate`: the script has another name then. */
export const isKubectlPlugin = basename(process.argv[1] ?? '').startsWith('kubectl-');
