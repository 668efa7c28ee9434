import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** What the API server said: its JSON, or plain text; `status` is 0 when no answer came within 2 s. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One request, without retries; only from inside the node's network namespace. */
export type Api = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Answer>;

/** @param kubeconfig the path of a kubeconfig as `identities.ts` writes it */
export async function openApi(kubeconfig: string): Promise<Api> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8'));
  const { cluster } = config.clusters[0];
  const { token } = config.users[0].user;
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
  return (method, path, body) =>
    new Promise((resolve) => {
      const noAnswer = () => resolve({ status: 0, body: undefined });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const signal = AbortSignal.timeout(2000);
      request(new URL(path, cluster.server), { method, ca, headers, signal, agent: false })
        .on('error', noAnswer)
        .on('response', (response) => {
          const status = response.statusCode ?? 0;
          text(response).then((body) => resolve({ status, body: parsed(body) }), noAnswer);
        })
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
