import type { RequestOptions } from 'node:https';
import { type DispatcherOptions, KubeConfig } from '@kubernetes/client-node';

/** What one request needs to reach the API server and to be let in. */
export interface Credentials {
  /** URL of the API server, which may have a path. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How to connect: certificates, proxy. */
  readonly connection: DispatcherOptions;
}

/** Takes the credentials out of a kubeconfig, again for each request: tokens and certificates change on disk. */
export class CredentialSource {
  #config: KubeConfig;
  #pending: Promise<Credentials> | undefined;

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  /** Rejects when a file cannot be read or an exec plugin fails. */
  current(): Promise<Credentials> {
    // Requests that come together run a slow exec plugin once, not once each.
    this.#pending ??= read(this.#config).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /**
   * The credentials were refused. client-node keeps the token of a file for a minute and that of an exec plugin
   * until it expires, inside its authenticators, so those are made again.
   */
  forget(): void {
    const { clusters, users, contexts, currentContext } = this.#config;
    this.#config = new KubeConfig();
    this.#config.loadFromOptions({ clusters, users, contexts, currentContext });
  }
}

async function read(config: KubeConfig): Promise<Credentials> {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('The current context of the kubeconfig has no cluster');
  // Of the two ways to get credentials out of client-node, the one that builds no connection pool each time.
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  return {
    server: cluster.server,
    headers: headersOf(options),
    connection: config.createDispatcherOptions(cluster, tls),
  };
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const basic =
    auth == null ? {} : { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  const others = Object.entries(headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    // A token file may end with a newline, which no header may hold.
    String(value).trim(),
  ]);
  return { ...basic, ...Object.fromEntries(others) };
}
