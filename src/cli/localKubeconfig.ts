import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `chaosgate up` writes its kubeconfig, and where the other commands find it. */
export const LOCAL_KUBECONFIG = join(homedir(), '.chaosgate', 'kubeconfig');
