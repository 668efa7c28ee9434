import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `chaosgate up` writes its kubeconfig, and where the other commands find it. */
export const LOCAL_KUBECONFIG = join(home(), '.chaosgate', 'kubeconfig');

/** Without HOME, a user whom the system does not know has none. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
