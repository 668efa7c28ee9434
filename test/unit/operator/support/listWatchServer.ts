import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Makes the object of a number as JSON. */
export type MakeText = (index: number) => string;

interface Collection {
  readonly count: number;
  readonly make: MakeText;
}

const EMPTY: Collection = { count: 0, make: () => '' };

/**
 * Answers lists and watches of all namespaces like an API server, with objects that are made while they are sent, and
 * takes every write. For streams of objects that would take a real one minutes.
 */
export class ListWatchServer {
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });
  readonly #collections = new Map<string, Collection>();
  readonly #watches = new Map<string, PromiseWithResolvers<ServerResponse>>();
  #version = 1;

  static async start(): Promise<ListWatchServer> {
    const server = new ListWatchServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a list of that plural has from now on. */
  set(plural: string, count: number, make: MakeText): void {
    this.#collections.set(plural, { count, make });
  }

  /** Sends that many objects to who watches. Resolves when they have left this process. */
  async stream(plural: string, count: number, make: MakeText): Promise<void> {
    const response = await this.#watch(plural).promise;
    for (let index = 0; index < count; index += 1) {
      const line = `{"type":"ADDED","object":${make(index)}}\n`;
      await new Promise<void>((resolve, reject) => {
        response.write(line, (error) => (error ? reject(error) : resolve()));
      });
    }
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #watch(plural: string): PromiseWithResolvers<ServerResponse> {
    const watch = this.#watches.get(plural) ?? Promise.withResolvers<ServerResponse>();
    this.#watches.set(plural, watch);
    return watch;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    const [, plural] = /^\/apis?(?:\/[^/]+)?\/v\w+\/(\w+)$/.exec(pathname) ?? [];
    if (request.method !== 'GET') {
      request.resume();
      await once(request, 'end');
      this.#version += 1;
      const metadata = { name: 'any', namespace: 'any', resourceVersion: `${this.#version}` };
      response.end(JSON.stringify({ apiVersion: 'v1', kind: 'Any', metadata }));
    } else if (plural === undefined) {
      response
        .writeHead(404)
        .end(JSON.stringify({ kind: 'Status', code: 404, reason: 'NotFound' }));
    } else if (searchParams.has('watch')) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      this.#watch(plural).resolve(response);
    } else {
      await pipeline(Readable.from(this.#page(plural, searchParams)), response);
    }
  }

  *#page(plural: string, query: URLSearchParams): Generator<string> {
    const { count, make } = this.#collections.get(plural) ?? EMPTY;
    const start = Number(query.get('continue') ?? 0);
    const end = Math.min(count, start + Number(query.get('limit') ?? count));
    const metadata = { resourceVersion: '1', ...(end < count ? { continue: `${end}` } : {}) };
    yield `{"kind":"List","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[`;
    for (let index = start; index < end; index += 1) {
      yield `${index > start ? ',' : ''}${make(index)}`;
    }
    yield ']}';
  }
}
