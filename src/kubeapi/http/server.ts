import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, errorAnswer } from '../answer.ts';
import type { Api } from '../api.ts';
import { StatusError, tooManyRequests } from '../errors.ts';
import { Admission, CONNECTIONS, type ConnectionBounds } from './admission.ts';
import { readBody } from './body.ts';
import type { Certificate } from './certificate.ts';
import { guard } from './guard.ts';
import { streamWatch } from './watchStream.ts';

export interface HttpServerOptions {
  readonly api: Api;
  readonly certificate: Certificate;
  /** What a client has to bring as its bearer token. */
  readonly token: string;
  /** The connection to a client broke, or the answer could not be written; for the log. */
  readonly onError: (error: unknown) => void;
  readonly patience?: Patience;
  readonly connections?: ConnectionBounds;
  /** How many bodies may be read at a time. */
  readonly bodies?: number;
}

/** How long a client may take, in milliseconds; after that its connection is closed. */
interface Patience {
  /** For the handshake, and then for the headers of a request. */
  readonly headers: number;
  /** For a whole request. */
  readonly request: number;
  /** How often somebody looks. */
  readonly interval: number;
}

const PATIENCE: Patience = { headers: 10_000, request: 30_000, interval: 5_000 };

/** k8s.io/apiserver, --max-mutating-requests-inflight. */
const MAX_BODIES = 200;

const LOOPBACK = '127.0.0.1';

/** Serves the API over TLS on a loopback address. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #admission: Admission;
  /** That are being read. */
  #bodies = 0;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const { cert, key } = options.certificate;
    const { headers, request, interval } = options.patience ?? PATIENCE;
    this.#server = createServer(
      {
        cert,
        key,
        minVersion: 'TLSv1.2',
        handshakeTimeout: headers,
        // A client that is gone without a word is found by the kernel.
        keepAlive: true,
        keepAliveInitialDelay: 30_000,
        headersTimeout: headers,
        requestTimeout: request,
        connectionsCheckingInterval: interval,
        keepAliveTimeout: 90_000,
      },
      (incoming, response) => {
        this.#serve(incoming, response).catch(options.onError);
      },
    );
    this.#admission = new Admission(options.connections ?? CONNECTIONS);
    this.#server.on('connection', (socket: Socket) => this.#admission.meet(socket));
    this.#server.on('tlsClientError', () => {
      // A port scan, a client without TLS or one that does not trust the certificate: its own affair.
    });
  }

  /** Rejects when the port is not available. Port 0 takes any; returns the URL. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: LOOPBACK, backlog: this.#admission.backlog }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', this.#options.onError);
        resolve();
      });
    });
    const { port: taken } = this.#server.address() as AddressInfo;
    return `https://${LOOPBACK}:${taken}`;
  }

  /** Ends every watch and connection. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {
      // The client is gone.
    });
    const { accept = '' } = request.headers;
    try {
      guard(request.headers, this.#options.token);
      if (!this.#admission.prove(request.socket))
        throw tooManyRequests('there are too many connections');
      send(response, await this.#answer(request));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // What is left of the body is not read: the connection cannot be used again.
      response.setHeader('connection', 'close');
      send(response, errorAnswer(error, accept));
    }
  }

  /** Bodies that come slowly, or many at once, take no more memory than all of these. */
  async #body(request: IncomingMessage): Promise<Buffer> {
    if (!hasBody(request)) return Buffer.alloc(0);
    if (this.#bodies >= (this.#options.bodies ?? MAX_BODIES)) {
      throw tooManyRequests('there are too many requests, please try again later');
    }
    this.#bodies += 1;
    try {
      return await readBody(request);
    } finally {
      this.#bodies -= 1;
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { accept = '', host = '', 'content-type': contentType = '' } = request.headers;
    const body = await this.#body(request);
    const [path = '/', ...query] = (request.url ?? '/').split('?');
    return this.#options.api.handle({
      method: request.method ?? 'GET',
      path,
      query: new URLSearchParams(query.join('?')),
      host,
      accept,
      contentType,
      userAgent: request.headers['user-agent'] ?? '',
      body,
    });
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function send(response: ServerResponse, { code, headers, warnings = [], body }: Answer): void {
  if (response.destroyed) return;
  response.setHeader('cache-control', 'no-cache, private');
  if (warnings.length > 0) response.setHeader('warning', warnings.map(warningOf));
  response.writeHead(code, headers);
  if (typeof body === 'string' || Buffer.isBuffer(body)) response.end(body);
  else streamWatch(response, body);
}

/** RFC 7234, section 5.5. Header values are Latin-1: the rest of Unicode is put as a question mark. */
function warningOf(text: string): string {
  const quoted = text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?');
  return `299 - "${quoted}"`;
}
