import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export interface HealthOptions {
  readonly registry: Registry;
  /** Why the process can not do its work now; undefined when it can. */
  notReady(): string | undefined;
}

/** Serves `/healthz`, `/readyz` and `/metrics`. */
export class HealthServer {
  readonly #server: Server;

  constructor(options: HealthOptions) {
    this.#server = createServer((request, response) => {
      respond(options, request.url ?? '/', response).catch((error: unknown) =>
        answer(response, 500, String(error)),
      );
    });
    this.#server.requestTimeout = 10_000;
  }

  /** Rejects when the port can not be had. Port 0 takes any; returns the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, () => {
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

async function respond(
  { registry, notReady }: HealthOptions,
  url: string,
  response: ServerResponse,
): Promise<void> {
  const [path] = url.split('?');
  if (path === '/healthz') answer(response, 200, 'ok');
  else if (path === '/readyz') {
    const reason = notReady();
    answer(response, reason === undefined ? 200 : 503, reason ?? 'ok');
  } else if (path === '/metrics') {
    response.setHeader('content-type', registry.contentType);
    response.end(await registry.metrics());
  } else answer(response, 404, 'Not found: try /healthz, /readyz or /metrics');
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
