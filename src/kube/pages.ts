import type { Kube, ListOptions } from './client.ts';
import { AnswerTooLargeError } from './errors.ts';
import { type KubeObject, type KubePage, OBJECT_BYTES } from './objects.ts';
import type { Resource } from './resource.ts';

/** Objects of a page at most. */
const MOST = 500;

/** Bytes of an answer at most. */
export interface PageBounds {
  /** Of a page with several objects. */
  readonly pageBytes: number;
  /** Of a page with one object. */
  readonly objectBytes: number;
}

const BOUNDS: PageBounds = { pageBytes: 2 * 1024 * 1024, objectBytes: OBJECT_BYTES };

export type PageOptions = Omit<ListOptions, 'limit' | 'continue' | 'maxBytes'>;

/** Lists page by page. A page that is too long is asked for again with half as many objects. */
export class Pages<T extends KubeObject> {
  readonly #kube: Pick<Kube, 'list'>;
  readonly #resource: Resource<T>;
  readonly #bounds: PageBounds;
  #limit = MOST;

  constructor(kube: Pick<Kube, 'list'>, resource: Resource<T>, bounds = BOUNDS) {
    this.#kube = kube;
    this.#resource = resource;
    this.#bounds = bounds;
  }

  /** Throws the API's error, and `AnswerTooLargeError` for one object that is too large. */
  async *list(options: PageOptions): AsyncGenerator<KubePage<T>, void> {
    let token: string | undefined;
    do {
      const page = await this.#page(options, token);
      yield page;
      token = page.metadata.continue;
    } while (token !== undefined && token !== '');
  }

  async #page(options: PageOptions, token: string | undefined): Promise<KubePage<T>> {
    const { pageBytes, objectBytes } = this.#bounds;
    for (;;) {
      const limit = this.#limit;
      const maxBytes = limit === 1 ? objectBytes : pageBytes;
      try {
        const asked = { ...options, limit, continue: token, maxBytes };
        const page = await this.#kube.list(this.#resource, asked);
        // Twice as many are not likely to be too much, then.
        if (page.bytes < pageBytes / 4) this.#limit = Math.min(MOST, limit * 2);
        return page;
      } catch (error) {
        if (!(error instanceof AnswerTooLargeError) || limit === 1) throw error;
        this.#limit = Math.floor(limit / 2);
      }
    }
  }
}
