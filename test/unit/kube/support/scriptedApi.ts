import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { Inbox } from './inbox.ts';

/** One request, which the test answers. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly socket: Socket;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, body: string) {
    const { req: request } = response;
    const url = new URL(request.url ?? '', 'http://api');
    this.method = request.method ?? '';
    this.path = url.pathname;
    this.query = Object.fromEntries(url.searchParams);
    this.headers = request.headers;
    this.body = body === '' ? undefined : JSON.parse(body);
    this.socket = request.socket;
    this.#response = response;
  }

  json(body: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.text(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers });
  }

  text(body: string, status = 200, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, headers).end(body);
  }

  /** Answers with a Status object, as the API server does when it says no. */
  refuse(code: number, reason: string, headers: Record<string, string> = {}): void {
    this.json(status(code, reason), code, headers);
  }

  /** Answers a watch, and leaves it open. */
  open(): void {
    this.#response.writeHead(200, { 'content-type': 'application/json' });
    this.#response.flushHeaders();
  }

  event(type: string, object: unknown): void {
    this.write(`${JSON.stringify({ type, object })}\n`);
  }

  write(chunk: string | Uint8Array): void {
    this.#response.write(chunk);
  }

  end(): void {
    this.#response.end();
  }

  /** Breaks the connection off in the middle. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Resolves when the client has let go of the request. */
  async left(): Promise<void> {
    if (!this.#response.closed) await once(this.#response, 'close');
  }
}

export function status(code: number, reason: string): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: `${reason} it is`,
  };
}

/** An HTTP server on loopback of which the test plays the API server, request by request. */
export class ScriptedApi {
  readonly #server;
  readonly #requests = new Inbox<Exchange>();
  /** Connections that were ever made. */
  connections = 0;

  constructor(tls?: ServerOptions) {
    const take = (response: ServerResponse) => {
      text(response.req).then(
        (body) => this.#requests.put(new Exchange(response, body)),
        // The client broke it off.
        () => {},
      );
    };
    this.#server =
      tls === undefined
        ? createServer((_, response) => take(response))
        : createTlsServer(tls, (_, response) => take(response));
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next request that was not taken yet. */
  next(): Promise<Exchange> {
    return this.#requests.next();
  }

  /** Requests that nobody has taken. */
  get untaken(): number {
    return this.#requests.size;
  }

  /** Shows another certificate to the connections that come from now on. */
  renew(tls: ServerOptions): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(tls);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export async function scriptedApi(tls?: ServerOptions): Promise<ScriptedApi> {
  const api = new ScriptedApi(tls);
  await api.listen();
  return api;
}

export function plainConfig(server: string, user: object = {}): KubeConfig {
  const config = new KubeConfig();
  // Over plain HTTP, client-node wants to hear that nothing is verified.
  config.loadFromClusterAndUser(
    { name: 'test', server, skipTLSVerify: server.startsWith('http:') },
    { name: 'test', ...user },
  );
  return config;
}
