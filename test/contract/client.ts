import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { parse } from 'yaml';

/** Where an API server is, and who asks. */
export interface Server {
  readonly url: string;
  readonly ca: string | Buffer;
  readonly token?: string | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
}

export interface RawAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: { name: string; context: { cluster: string; user: string } }[];
  readonly clusters: { name: string; cluster: Record<string, string> }[];
  readonly users: { name: string; user: Record<string, string> }[];
}

/** The server of a kubeconfig's current context. Tokens and client certificates are known, helper programs are not. */
export function serverOf(kubeconfig: string): Server {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user ?? {};
  if (cluster?.server === undefined) throw new Error(`${kubeconfig} names no current cluster`);
  const ca = dataOrFile(cluster, 'certificate-authority');
  if (ca === undefined) throw new Error(`${kubeconfig} names no certificate authority`);
  return {
    url: cluster.server,
    ca,
    token: user.token,
    cert: dataOrFile(user, 'client-certificate'),
    key: dataOrFile(user, 'client-key'),
  };
}

function dataOrFile(section: Record<string, string>, name: string): Buffer | undefined {
  const data = section[`${name}-data`];
  if (data !== undefined) return Buffer.from(data, 'base64');
  const file = section[name];
  return file === undefined ? undefined : readFileSync(file);
}

/** Sends raw requests over few connections. */
export class Client {
  readonly #server: Server;
  readonly #agent: Agent;

  constructor(server: Server) {
    const { ca, cert, key } = server;
    this.#server = server;
    this.#agent = new Agent({ keepAlive: true, ca, ...(cert && key ? { cert, key } : {}) });
  }

  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string | Buffer,
  ): Promise<RawAnswer> {
    const { url, token } = this.#server;
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        new URL(path, url),
        {
          method,
          agent: this.#agent,
          headers: {
            'user-agent': 'contract/1',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined
              ? {}
              : {
                  'content-type': 'application/json',
                  'content-length': `${Buffer.byteLength(body)}`,
                }),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('error', reject);
          response.on('end', () =>
            resolve({ code: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
