import { Agent, request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import type { TcpGateStatus } from '../../../src/api/status.ts';

/** A TcpGate as the API hands it out. */
export interface Answer {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly status?: TcpGateStatus;
}

const GATES = '/apis/chaosgate.dev/v1alpha1/namespaces/default/tcpgates';

/** Asks the API over one connection and watches it over another. */
export class Asker {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #agent: Agent;
  readonly #watchers = new Set<(gate: Answer) => void>();

  static async connect(kubeconfig: string): Promise<Asker> {
    const { clusters, users } = parse(kubeconfig) as {
      clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
      users: [{ user: { token: string } }];
    };
    const [{ cluster }] = clusters;
    const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString();
    const asker = new Asker(cluster.server, ca, users[0].user.token);
    await asker.#watch();
    return asker;
  }

  private constructor(url: string, ca: string, token: string) {
    this.#url = url;
    this.#headers = { authorization: `Bearer ${token}` };
    this.#agent = new Agent({ keepAlive: true, ca });
  }

  get(name: string): Promise<Answer> {
    return this.#send('GET', `${GATES}/${name}`);
  }

  create(name: string, port: number): Promise<Answer> {
    return this.#send('POST', GATES, 'application/json', {
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      metadata: { name },
      spec: { upstream: { host: '127.0.0.1', port } },
    });
  }

  patch(name: string, spec: object): Promise<Answer> {
    return this.#send('PATCH', `${GATES}/${name}`, 'application/merge-patch+json', { spec });
  }

  /** Resolves with when such a gate was in an event of the watch. */
  sees(isIt: (gate: Answer) => boolean): Promise<number> {
    return new Promise((resolve) => {
      const watcher = (gate: Answer) => {
        if (!isIt(gate)) return;
        this.#watchers.delete(watcher);
        resolve(performance.now());
      };
      this.#watchers.add(watcher);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, contentType?: string, body?: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...this.#headers,
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      };
      const options = { method, headers, agent: this.#agent };
      const request = httpsRequest(new URL(path, this.#url), options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if ((response.statusCode ?? 0) < 300) resolve(JSON.parse(text) as Answer);
          else reject(new Error(text));
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #watch(): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = { headers: this.#headers, agent: this.#agent };
      const request = httpsRequest(
        new URL(`${GATES}?watch=true`, this.#url),
        options,
        (response) => {
          resolve();
          // The end of the server ends the watch.
          response.on('error', () => {});
          createInterface({ input: response })
            .on('error', () => {})
            .on('line', (line) => {
              const { object } = JSON.parse(line) as { object: Answer };
              for (const watcher of this.#watchers) watcher(object);
            });
        },
      );
      request.on('error', reject);
      request.end();
    });
  }
}
