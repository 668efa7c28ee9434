import { deletedUid, type Kube } from '../kube/client.ts';
import { errorFromResponse } from '../kube/errors.ts';
import type { KubeObject, ObjectRef } from '../kube/objects.ts';
import { statusPatch } from '../kube/patch.ts';
import { collectionPath, objectPath, type Resource } from '../kube/resource.ts';
import type { Api } from '../kubeapi/api.ts';

interface Request {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly contentType: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** Asks the API of this process without a socket in between: for what the operator writes, and for files. */
export class InProcessKube
  implements Pick<Kube, 'create' | 'mergePatch' | 'apply' | 'replaceStatus' | 'delete'>
{
  readonly #api: Api;
  readonly #userAgent: string;

  constructor(api: Api, userAgent: string) {
    this.#api = api;
    this.#userAgent = userAgent;
  }

  create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    const path = collectionPath(resource, object.metadata.namespace);
    return this.#send({ method: 'POST', path, contentType: 'application/json', body: object });
  }

  mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: object,
  ): Promise<T> {
    const path = objectPath(resource, ref);
    return this.#send({ method: 'PATCH', path, contentType: MERGE, body: patch });
  }

  apply: Kube['apply'] = (resource, object, { fieldManager, force }) =>
    this.#send({
      method: 'PATCH',
      path: objectPath(resource, object.metadata),
      query: { fieldManager, force: String(force), fieldValidation: 'Strict' },
      contentType: APPLY,
      body: object,
    });

  replaceStatus: Kube['replaceStatus'] = (resource, ref, status, { fieldManager }) =>
    this.#send({
      method: 'PATCH',
      path: objectPath(resource, ref, 'status'),
      query: { fieldManager, fieldValidation: 'Strict' },
      contentType: JSON_PATCH,
      body: statusPatch(ref.uid, status),
    });

  async delete(resource: Resource<KubeObject>, ref: ObjectRef): Promise<string | undefined> {
    const path = objectPath(resource, ref);
    return deletedUid(
      await this.#send({ method: 'DELETE', path, contentType: 'application/json' }),
    );
  }

  async #send<T>({ method, path, query, contentType, body }: Request): Promise<T> {
    const { code, body: answer } = await this.#api.handle({
      method,
      path,
      query: new URLSearchParams(query),
      host: 'localhost',
      accept: 'application/json',
      contentType,
      userAgent: this.#userAgent,
      body: body === undefined ? '' : JSON.stringify(body),
    });
    // Only a watch has another body.
    const text = answer as string;
    if (code >= 300) throw errorFromResponse(code, text, undefined, `${method} ${path}`);
    return JSON.parse(text) as T;
  }
}
