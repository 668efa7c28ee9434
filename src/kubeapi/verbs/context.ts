import type { Environment } from '../environment.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Store } from '../store/store.ts';

/** What the verbs work with. */
export interface Context {
  readonly store: Store;
  readonly environment: Environment;
  readonly kinds: readonly Kind[];
}
