import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import { keyOf } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';

/** Gates as they are and become, in the namespaces that are asked for. Use it until `stop`. */
export class Watched {
  readonly #connection: Connection;
  readonly #reflectors = new Map<string, Reflector<KubeObject>>();
  readonly #changes = new EventTarget();
  readonly #failed = Promise.withResolvers<never>();

  constructor(connection: Connection) {
    this.#connection = connection;
    // The next reader gets the error.
    this.#failed.promise.catch(() => {});
  }

  /** The gate as it is now; undefined when it is not there. Rejects when the server cannot be asked. */
  async find(ref: ObjectRef): Promise<KubeObject | undefined> {
    const reflector = await this.#reflectorFor(ref.namespace ?? this.#connection.namespace);
    return reflector.get(keyOf({ namespace: this.#connection.namespace, ...ref }));
  }

  /** Resolves when anything has changed, or when the time is up. Rejects when the server cannot be asked. */
  async change(timeout: AbortSignal): Promise<void> {
    const changed = Promise.withResolvers<void>();
    const done = () => changed.resolve();
    if (timeout.aborted) return;
    this.#changes.addEventListener('change', done, { once: true });
    timeout.addEventListener('abort', done, { once: true });
    try {
      await Promise.race([changed.promise, this.#failed.promise]);
    } finally {
      this.#changes.removeEventListener('change', done);
      timeout.removeEventListener('abort', done);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#reflectors.values()].map((reflector) => reflector.stop()));
  }

  async #reflectorFor(namespace: string): Promise<Reflector<KubeObject>> {
    let reflector = this.#reflectors.get(namespace);
    if (reflector === undefined) {
      reflector = new Reflector({
        kube: this.#connection.kube,
        resource: TCP_GATES,
        namespace,
        onChange: () => this.#changes.dispatchEvent(new Event('change')),
        onError: (error) => this.#failed.reject(error),
      });
      this.#reflectors.set(namespace, reflector);
      reflector.start();
    }
    await Promise.race([reflector.synced, this.#failed.promise]);
    return reflector;
  }
}
