import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sequence } from '../async/sequence.ts';
import { KEY_BYTES } from '../control/psk.ts';
import { ControlServer, MAX_UNPROVEN } from '../control/server.ts';
import type { StoredSnapshot } from '../control/storedSnapshot.ts';
import type { IsDenied } from '../gate/denied.ts';
import { GateSockets } from '../gate/gateSockets.ts';
import { MAX_PORTS } from '../gate/portConfig.ts';
import { Resolver } from '../gate/resolver.ts';
import { shareFiles } from '../limits/openFiles.ts';
import { HealthServer, MAX_CONNECTIONS } from '../observe/http.ts';
import type { Logger } from '../observe/log.ts';
import { addProcessMetrics } from '../observe/processMetrics.ts';
import { Gates } from './gates.ts';
import { GateMetrics } from './metrics.ts';
import { loadSnapshot, type SnapshotFolders, storeSnapshot } from './snapshots.ts';

export interface ProxyOptions {
  readonly folders: SnapshotFolders;
  /** TCP ports; 0 takes any. Without that of the gate, snapshots name the gate's. */
  readonly ports: {
    readonly gate?: number | undefined;
    readonly control: number;
    readonly http: number;
  };
  /** Bounds on held bytes, for one direction of a connection, and for the process. */
  readonly buffers: { readonly connectionBytes: number; readonly processBytes: number };
  /** Files that the process may open, see `openFilesLimit`. Default: no bound. */
  readonly openFiles?: number;
  /** Default: gates may connect to every address. */
  readonly isDenied?: IsDenied;
  readonly log: Logger;
}

/** Milliseconds that open connections get to end when the process is stopped. */
const DRAIN_LIMIT = 5_000;
const DRAIN_POLL = 50;

/** Runs the gate whose identity, key and last snapshot are mounted. */
export class ProxyProcess {
  readonly #options: ProxyOptions;
  readonly #gates: Gates;
  readonly #control: ControlServer;
  readonly #health: HealthServer;
  readonly #stores = new Sequence();

  /** Rejects when what is mounted cannot be read or a port is not available. */
  static async start(options: ProxyOptions): Promise<ProxyProcess> {
    const { folders, ports, log } = options;
    const identity = await readIdentity(folders.mounted);
    const proxy = new ProxyProcess(options);
    const gate = proxy.#gates.add(identity, {
      port: ports.gate,
      key: await readKey(folders.mounted),
    });
    try {
      await proxy.#health.listen(ports.http);
      const last = await loadSnapshot(folders, (err) =>
        log.warn({ err }, 'Passed over a damaged snapshot'),
      );
      if (last !== undefined) await gate.restore(last);
      const port = await proxy.#control.listen(ports.control);
      const generation = last?.snapshot.generation ?? 0;
      const { processBytes } = options.buffers;
      log.info({ gate: identity, controlPort: port, generation, processBytes }, 'Proxy started');
      return proxy;
    } catch (error) {
      await proxy.#free();
      throw error;
    }
  }

  private constructor(options: ProxyOptions) {
    const { ports, buffers, openFiles = Number.POSITIVE_INFINITY, isDenied, log } = options;
    const files = shareFiles(openFiles);
    this.#options = options;
    const metrics = new GateMetrics();
    addProcessMetrics(metrics.registry);
    this.#gates = new Gates({
      numbers: metrics,
      buffers,
      resolver: new Resolver(isDenied === undefined ? {} : { isDenied }),
      sockets: new GateSockets({
        openFiles: files.limit,
        limit: files.work,
        listeners: ports.gate === undefined ? MAX_PORTS : 1,
      }),
      instance: randomUUID(),
      onChange: (identity) => this.#control.changed(identity),
      onApplied: (identity, snapshot) => this.#applied(identity, snapshot),
    });
    this.#control = new ControlServer({
      gate: (identity) => this.#gates.get(identity),
      maxUnproven: Math.min(MAX_UNPROVEN, files.others),
      onError: (error) => log.warn({ err: error }, 'Control connection failed'),
    });
    this.#health = new HealthServer({
      registry: metrics.registry,
      maxConnections: Math.min(MAX_CONNECTIONS, files.others),
      notReady: () => this.#gates.notReady,
    });
  }

  /** Serves on until the last connection has ended or the drain limit is over, then frees everything. */
  async stop(): Promise<void> {
    const deadline = performance.now() + DRAIN_LIMIT;
    while (this.#gates.active > 0 && performance.now() < deadline) await sleep(DRAIN_POLL);
    await this.#free();
    this.#options.log.info('Proxy stopped');
  }

  #applied(identity: string, snapshot: StoredSnapshot): void {
    const { folders, log } = this.#options;
    log.info({ gate: identity, generation: snapshot.generation }, 'Applied TcpGate snapshot');
    // One after the other: two at once would mix their drafts.
    this.#stores
      .run(() => storeSnapshot(folders.state, snapshot))
      .catch((error: unknown) => log.warn({ err: error }, 'Failed to store the snapshot'));
  }

  async #free(): Promise<void> {
    this.#control.close();
    await this.#gates.close();
    this.#health.close();
    await this.#stores.idle;
  }
}

/** `namespace/name` of the gate, as the Secret holds it. */
async function readIdentity(folder: string): Promise<string> {
  return (await readFile(join(folder, 'identity'), 'utf8')).trim();
}

async function readKey(folder: string): Promise<Buffer> {
  const key = await readFile(join(folder, 'key'));
  if (key.length !== KEY_BYTES) {
    throw new Error(`The gate's key has ${key.length} bytes instead of ${KEY_BYTES}`);
  }
  return key;
}
