import { createHash } from 'node:crypto';
import { GROUP, PLURAL } from '../../api/names.ts';
import { objectIn, textIn } from '../../json/json.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Store } from '../../kubeapi/store/store.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { InProcessKube } from '../inProcessKube.ts';
import type { Manifest } from './manifest.ts';

/** On a gate that a file asks for: which file, and a hash of what it asks for. */
const FILE = `${GROUP}/file`;
const HASH = `${GROUP}/file-hash`;

const MANAGER = 'chaosgate-up';

/** The gates of the API that came from files, over restarts too. */
export class GatesOfFiles {
  readonly #kube: InProcessKube;
  readonly #store: Store;
  /** What was asked for last, by key. */
  readonly #asked = new Map<string, string>();

  constructor(kube: InProcessKube, store: Store) {
    this.#kube = kube;
    this.#store = store;
  }

  /** Does nothing when the file asked for the same before: what was patched since stays. Rejects with the API's error. */
  async apply(file: string, { key, gate }: Manifest): Promise<void> {
    const hash = hashOf(gate);
    const asked = this.#asked.get(key) ?? askedBy(this.#store.collection(PLURAL).get(key));
    if (asked !== `${file} ${hash}`) {
      const annotations = { ...gate.metadata.annotations, [FILE]: file, [HASH]: hash };
      const marked = { ...gate, metadata: { ...gate.metadata, annotations } };
      await this.#kube.apply(TCP_GATES, marked, { fieldManager: MANAGER, force: true });
    }
    this.#asked.set(key, `${file} ${hash}`);
  }

  /** Key of each, and the file that asked for it. */
  list(): { readonly key: string; readonly file: string }[] {
    return this.#store
      .collection(PLURAL)
      .entries()
      .map(([key, gate]) => ({ key, file: textIn(annotationsOf(gate), FILE) }))
      .filter(({ file }) => file !== '');
  }

  /** These are all that files ask for now: the others are new when they are asked for again. */
  forgetOthers(keys: ReadonlySet<string>): void {
    for (const key of [...this.#asked.keys()]) if (!keys.has(key)) this.#asked.delete(key);
  }

  /** Rejects with the API's error. */
  async remove(key: string): Promise<void> {
    const gate = this.#store.collection(PLURAL).get(key) as unknown as KubeObject | undefined;
    if (gate === undefined) return;
    await this.#kube.delete(TCP_GATES, gate.metadata).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

function annotationsOf(gate: unknown) {
  return objectIn(objectIn(gate, 'metadata'), 'annotations');
}

/** An earlier start may have applied it. */
function askedBy(gate: unknown): string {
  const annotations = annotationsOf(gate);
  return `${textIn(annotations, FILE)} ${textIn(annotations, HASH)}`;
}

function hashOf(gate: KubeObject): string {
  return createHash('sha256').update(JSON.stringify(gate)).digest('hex').slice(0, 16);
}
