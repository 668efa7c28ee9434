import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { OpenConnections } from '../limits/openConnections.ts';
import { shared } from '../limits/shared.ts';
import { MAX_ADDRESSES, TokenBuckets } from '../limits/tokenBuckets.ts';

export interface HealthOptions {
  readonly registry: Registry;
  /** Why the process cannot do its work now; undefined when it can. */
  notReady(): string | undefined;
  /** Connections that are open at once. Default: 1,024. */
  readonly maxConnections?: number;
}

/** Connections that are open at once, where nobody says it. */
export const MAX_CONNECTIONS = 1_024;

/**
 * Answers to `/metrics` for one address: so many at once, then one more in each interval of so many milliseconds. One
 * that asks more often waits, so long at most.
 */
const METRICS_BURST = 20;
const METRICS_INTERVAL = 100;
const METRICS_WAIT = 5_000;

/** Milliseconds from the first byte of a connection to its last. */
const CONNECTION_TIME = 10_000;

/** Milliseconds that the text of the metrics is kept: scrapers that ask at the same time share it. */
const METRICS_TIME = 1_000;

/**
 * Serves `/healthz`, `/readyz` and `/metrics`: one answer per connection. Anyone who reaches the port may ask, so all
 * of it is bounded (docs/metrics.md).
 */
export class HealthServer {
  readonly #server: Server;
  readonly #backlog: number;

  constructor(options: HealthOptions) {
    const open = new OpenConnections(options.maxConnections ?? MAX_CONNECTIONS);
    this.#backlog = open.backlog;
    const respond = responder(options);
    const asked = new WeakSet<Socket>();
    this.#server = createServer({ maxHeaderSize: 8_192 }, (request, response) => {
      // Requests behind the first one would have their answers computed and kept, read or not.
      if (asked.has(request.socket)) {
        request.socket.resetAndDestroy();
        return;
      }
      asked.add(request.socket);
      Promise.resolve(respond(request, response)).catch((error: unknown) =>
        answer(response, 500, String(error)),
      );
    });
    this.#server.on('connection', (socket) => {
      open.add(socket);
      const timer = setTimeout(() => socket.resetAndDestroy(), CONNECTION_TIME);
      socket.once('close', () => clearTimeout(timer));
    });
  }

  /** Rejects when the port is not available. Port 0 takes any; returns the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, backlog: this.#backlog }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

type Respond = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

function responder({ registry, notReady }: HealthOptions): Respond {
  const metrics = metricsResponder(registry);
  return (request, response) => {
    const [path] = (request.url ?? '/').split('?');
    if (path === '/metrics') return metrics(request, response);
    if (path === '/healthz') return answer(response, 200, 'ok');
    if (path !== '/readyz') {
      return answer(response, 404, 'Not found: try /healthz, /readyz or /metrics');
    }
    const reason = notReady();
    return answer(response, reason === undefined ? 200 : 503, reason ?? 'ok');
  };
}

function metricsResponder(registry: Registry): Respond {
  const now = () => performance.now();
  const text = shared(async () => Buffer.from(await registry.metrics()), METRICS_TIME, now);
  const rates = new TokenBuckets(METRICS_BURST, METRICS_INTERVAL, MAX_ADDRESSES);
  return async ({ socket }, response) => {
    const wait = rates.reserve(socket.remoteAddress ?? '', now(), METRICS_WAIT);
    if (wait === undefined) {
      answer(response, 429, 'Too many requests for /metrics: scrape at most 10 times per second');
      return;
    }
    if (wait > 0) await sleep(wait);
    const body = await text();
    const headers = { 'content-type': registry.contentType, 'content-length': body.length };
    response.writeHead(200, { ...headers, connection: 'close' }).end(body);
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(`${text}\n`);
  const type = { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length };
  response.writeHead(status, { ...type, connection: 'close' }).end(body);
}
