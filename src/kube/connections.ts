import { isDeepStrictEqual } from 'node:util';
import type { DispatcherOptions } from '@kubernetes/client-node';
import { Agent, type buildConnector, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';

/** What a connection is for: over HTTP/1.1 each watch keeps one to itself. */
export type Purpose = 'request' | 'watch';

/** Connections for requests at most; more requests than these wait for their turn. */
const MAX_REQUEST_CONNECTIONS = 32;

/** Milliseconds that an idle connection is kept: less than load balancers are known to allow. */
const KEEP_ALIVE = 30_000;

/** client-node and undici give the same options different types. */
type ConnectOptions = buildConnector.BuildOptions;

interface Pool extends Record<Purpose, Dispatcher> {
  readonly options: DispatcherOptions;
}

/** The open connections to the API server, made again when the certificates change. */
export class Connections {
  #pool: Pool | undefined;
  readonly #open = new Set<Dispatcher>();

  /** The dispatcher to use right now: it may be closed for new requests a moment later. */
  for(purpose: Purpose, options: DispatcherOptions): Dispatcher {
    if (this.#pool === undefined || !isDeepStrictEqual(this.#pool.options, options)) {
      // What runs on the old ones ends in its own time.
      if (this.#pool !== undefined) this.#retire(this.#pool);
      this.#pool = {
        options,
        request: this.#opened(dispatcher(options, MAX_REQUEST_CONNECTIONS)),
        watch: this.#opened(dispatcher(options, null)),
      };
    }
    return this.#pool[purpose];
  }

  /** Breaks off what runs. */
  async close(): Promise<void> {
    this.#pool = undefined;
    await Promise.all([...this.#open].map((each) => each.destroy()));
    this.#open.clear();
  }

  #opened(each: Dispatcher): Dispatcher {
    this.#open.add(each);
    return each;
  }

  #retire({ request, watch }: Pool): void {
    for (const each of [request, watch]) {
      const closed = () => this.#open.delete(each);
      each.close().then(closed, closed);
    }
  }
}

function dispatcher(options: DispatcherOptions, connections: number | null): Dispatcher {
  // Over HTTP/2 one dead connection would take every watch and request with it.
  const common = { connections, allowH2: false, keepAliveTimeout: KEEP_ALIVE };
  switch (options.type) {
    case 'agent':
      return new Agent({ ...common, connect: options.connect as ConnectOptions });
    case 'proxy': {
      const connect = options.connect as ConnectOptions;
      const requestTls = options.requestTls as ConnectOptions;
      return new ProxyAgent({ ...common, uri: options.uri, requestTls, connect });
    }
    case 'socks':
      return new Socks5ProxyAgent(options.uri, {
        ...common,
        requestTls: options.requestTls as ConnectOptions,
      });
    case 'none':
      return new Agent({ ...common, connect: { keepAlive: true, keepAliveInitialDelay: 30_000 } });
  }
}
