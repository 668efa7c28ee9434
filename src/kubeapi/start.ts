import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../json/json.ts';
import { Api, served } from './api.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { CONNECTIONS, type ConnectionBounds } from './http/admission.ts';
import { loopbackCertificate } from './http/certificate.ts';
import { HttpServer } from './http/server.ts';
import { coreEvents } from './kinds/events.ts';
import { type Kind, resourceOf } from './kinds/kind.ts';
import type { Program } from './program.ts';
import { lasting, type Restored, restore } from './restore.ts';
import type { CollectionOptions } from './store/collection.ts';
import type { HistoryBounds } from './store/history.ts';
import { Store, type StoreOptions } from './store/store.ts';
import { ensureNamespace } from './verbs/namespaces.ts';

export interface ApiServerOptions {
  /** Port on 127.0.0.1; 0 takes any. */
  readonly port: number;
  readonly program: Program;
  /** What is served beside namespaces and events. */
  readonly kinds: readonly Kind[];
  /** Of these kinds the one whose objects outlive the process. None if not set. */
  readonly kept?: Kept;
  readonly environment?: Environment;
  /** Connections at once; see `CONNECTIONS` for the default. */
  readonly connections?: ConnectionBounds;
  /** Something went wrong that nobody expected; for the log. */
  readonly onError: (error: unknown) => void;
}

type Persist = NonNullable<StoreOptions['persist']>;

interface Kept {
  readonly kind: Kind;
  /** Objects of an earlier start. */
  readonly initial: readonly JsonObject[];
  /** Keeps the objects; see `StoreOptions.persist`. */
  readonly persist?: Persist | undefined;
}

/** The API of one process, serving. */
export interface ApiServer {
  readonly url: string;
  /** Certificate to trust, PEM. */
  readonly certificate: string;
  readonly token: string;
  readonly store: Store;
  /** Answers requests of this process without a socket. */
  readonly api: Api;
  /** Objects of `kept.initial` that could not be taken, and why. */
  readonly refused: Restored['refused'];
  close(): Promise<void>;
}

const HISTORY: HistoryBounds = { changes: 4_096, characters: 64 * 1024 * 1024 };

/** Events are for people to look at: the newest will do. */
const MAX_EVENTS = { objects: 1_000, characters: 16 * 1024 * 1024 };

/** Of the objects of each other kind. A list of all, which a request may ask for, has to be written in a tenth of a second. */
const QUOTA = { objects: 2_000, characters: 4 * 1024 * 1024 };

/** Starts the API, with a token and a certificate of its own. Rejects when the port is not available. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { port, program, kinds, kept, environment = systemEnvironment, onError } = options;
  const { connections = CONNECTIONS } = options;
  const store = new Store({
    collections: collections(kinds, kept),
    firstVersion: environment.wall(),
    ...(kept?.persist === undefined ? {} : { persist: kept.persist }),
  });
  const { refused, namespaces } =
    kept === undefined ? NOTHING_RESTORED : restore(store, kept.kind, kept.initial);
  for (const name of ['default', ...namespaces])
    await ensureNamespace({ store, environment }, name);
  const certificate = await loopbackCertificate(program.name, environment.wall());
  const token = randomBytes(32).toString('base64url');
  const api = new Api({ store, program, kinds, environment, onError });
  const server = new HttpServer({ api, certificate, token, connections, onError });
  const url = await server.listen(port);
  const close = () => server.close();
  return { url, certificate: certificate.cert, token, store, api, refused, close };
}

const NOTHING_RESTORED: Restored = { refused: [], namespaces: [] };

function collections(
  kinds: readonly Kind[],
  kept: Kept | undefined,
): Record<string, CollectionOptions> {
  return Object.fromEntries(
    served(kinds).map((kind): [string, CollectionOptions] => [
      kind.storedAs,
      {
        history: HISTORY,
        ...(kind.storedAs === coreEvents.storedAs
          ? { limit: MAX_EVENTS }
          : { quota: { ...QUOTA, resource: resourceOf(kind) } }),
        ...(kind === kept?.kind ? { keep: lasting } : {}),
      },
    ]),
  );
}
