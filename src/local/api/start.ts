import { randomBytes } from 'node:crypto';
import { Api, KINDS } from './api.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { loopbackCertificate } from './http/certificate.ts';
import { HttpServer } from './http/server.ts';
import type { JsonObject } from './json.ts';
import { lastingGate, tcpGates } from './kinds/tcpGates.ts';
import { type Restored, restoreGates } from './restore.ts';
import type { CollectionOptions } from './store/collection.ts';
import type { HistoryBounds } from './store/history.ts';
import { Store } from './store/store.ts';
import { ensureNamespace } from './verbs/namespaces.ts';

export interface LocalApiOptions {
  /** Port on 127.0.0.1; 0 takes any. */
  readonly port: number;
  /** Version of this program. */
  readonly version: string;
  /** Gates of an earlier start. */
  readonly initial?: readonly JsonObject[];
  /** Keeps the gates; see `StoreOptions.persist`. */
  readonly persist?: (gates: readonly JsonObject[]) => Promise<void>;
  readonly environment?: Environment;
  /** Something went wrong that nobody expected; for the log. */
  readonly onError: (error: unknown) => void;
}

/** The API of one process, serving. */
export interface LocalApi {
  readonly url: string;
  /** Certificate to trust, PEM. */
  readonly certificate: string;
  readonly token: string;
  readonly store: Store;
  /** Answers requests of this process without a socket. */
  readonly api: Api;
  /** Gates of `initial` that could not be taken, and why. */
  readonly refused: Restored['refused'];
  close(): Promise<void>;
}

const HISTORY: HistoryBounds = { changes: 4_096, characters: 64 * 1024 * 1024 };

/** Events are for people to look at: the newest will do. */
const MAX_EVENTS = { objects: 1_000, characters: 16 * 1024 * 1024 };

/** Starts the API, with a token and a certificate of its own. Rejects when the port can not be had. */
export async function startLocalApi(options: LocalApiOptions): Promise<LocalApi> {
  const { port, version, initial = [], persist, onError } = options;
  const environment = options.environment ?? systemEnvironment;
  const store = new Store({
    collections: collections(),
    firstVersion: environment.now(),
    ...(persist === undefined ? {} : { persist }),
  });
  const { refused, namespaces } = restoreGates(store, initial);
  for (const name of ['default', ...namespaces])
    await ensureNamespace({ store, environment }, name);
  const certificate = await loopbackCertificate(environment.now());
  const token = randomBytes(32).toString('base64url');
  const api = new Api({ store, version, environment, onError });
  const server = new HttpServer({ api, certificate, token, onError });
  const url = await server.listen(port);
  const close = () => server.close();
  return { url, certificate: certificate.cert, token, store, api, refused, close };
}

function collections(): Record<string, CollectionOptions> {
  const names = new Set(KINDS.map(({ storedAs }) => storedAs));
  return Object.fromEntries(
    [...names].map((name): [string, CollectionOptions] => [
      name,
      {
        history: HISTORY,
        ...(name === 'events' ? { limit: MAX_EVENTS } : {}),
        ...(name === tcpGates.storedAs ? { keep: lastingGate } : {}),
      },
    ]),
  );
}
