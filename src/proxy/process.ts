import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sequence } from '../async/sequence.ts';
import { KEY_BYTES } from '../control/psk.ts';
import { ControlServer } from '../control/server.ts';
import { Budget } from '../gate/budget.ts';
import type { IsDenied } from '../gate/denied.ts';
import type { GateOptions } from '../gate/gate.ts';
import { Resolver } from '../gate/resolver.ts';
import { HealthServer } from '../observe/http.ts';
import type { Logger } from '../observe/log.ts';
import { HostedGate } from './hostedGate.ts';
import { ProxyMetrics } from './metrics.ts';
import { loadSnapshot, type SnapshotFolders, storeSnapshot } from './snapshots.ts';

export interface ProxyOptions {
  readonly folders: SnapshotFolders;
  /** TCP ports; 0 takes any. */
  readonly ports: { readonly gate: number; readonly control: number; readonly http: number };
  /** Bounds on held bytes, for one direction of a connection, and for the process. */
  readonly buffers: { readonly connectionBytes: number; readonly processBytes: number };
  /** Default: gates may connect to every address. */
  readonly isDenied?: IsDenied;
  readonly log: Logger;
}

/** Milliseconds that open connections get to end by themselves when the process is told to stop. */
const DRAIN_LIMIT = 5_000;
const DRAIN_POLL = 50;

/**
 * A process that hosts the gate whose identity, key and last snapshot are mounted. Everything below is
 * by identity, so that one process can host many.
 */
export class ProxyProcess {
  readonly #options: ProxyOptions;
  readonly #gates: Map<string, HostedGate>;
  readonly #control: ControlServer;
  readonly #health: HealthServer;
  readonly #stores = new Sequence();

  /** Rejects when what is mounted can not be read or a port can not be had. */
  static async start(options: ProxyOptions): Promise<ProxyProcess> {
    const { folders, ports, log } = options;
    const identity = await readIdentity(folders.mounted);
    const proxy = new ProxyProcess(options, identity, await readKey(folders.mounted));
    try {
      await proxy.#health.listen(ports.http);
      const last = await loadSnapshot(folders, (err) =>
        log.warn({ err }, 'Passed over a damaged snapshot'),
      );
      if (last !== undefined) await proxy.#gates.get(identity)?.apply(last);
      const port = await proxy.#control.listen(ports.control);
      const generation = last?.generation ?? 0;
      const { processBytes } = options.buffers;
      log.info({ gate: identity, controlPort: port, generation, processBytes }, 'Proxy started');
      return proxy;
    } catch (error) {
      await proxy.#free();
      throw error;
    }
  }

  private constructor(options: ProxyOptions, identity: string, key: Buffer) {
    const { folders, ports, buffers, isDenied, log } = options;
    this.#options = options;
    const metrics = new ProxyMetrics();
    const [namespace = '', gate = ''] = identity.split('/');
    const { applied, ...observer } = metrics.add(
      { namespace, gate },
      { state: () => hosted.state, generation: () => hosted.generation },
    );
    const gateOptions: GateOptions = {
      listen: { port: ports.gate },
      connectionBytes: buffers.connectionBytes,
      budget: new Budget(buffers.processBytes),
      resolver: new Resolver(isDenied === undefined ? {} : { isDenied }),
      observer: { ...observer, changed: () => this.#control.changed(identity) },
    };
    const hosted = new HostedGate({
      key,
      instance: randomUUID(),
      gate: gateOptions,
      onApplied: (snapshot, seconds) => {
        applied(seconds);
        log.info({ gate: identity, generation: snapshot.generation }, 'Applied TcpGate snapshot');
        // One after the other: two at once would mix their drafts.
        this.#stores
          .run(() => storeSnapshot(folders.state, snapshot))
          .catch((error: unknown) => log.warn({ err: error }, 'Failed to store the snapshot'));
      },
    });
    this.#gates = new Map([[identity, hosted]]);
    this.#control = new ControlServer({
      gate: (name) => this.#gates.get(name),
      onError: (error) => log.warn({ err: error }, 'Control connection failed'),
    });
    this.#health = new HealthServer({
      registry: metrics.registry,
      notReady: () => [...this.#gates.values()].find(({ notReady }) => notReady)?.notReady,
    });
  }

  /** Serves on until the last connection has ended or the drain limit is over, then frees everything. */
  async stop(): Promise<void> {
    const deadline = performance.now() + DRAIN_LIMIT;
    while (this.#active > 0 && performance.now() < deadline) await sleep(DRAIN_POLL);
    await this.#free();
    this.#options.log.info('Proxy stopped');
  }

  async #free(): Promise<void> {
    this.#control.close();
    await Promise.all([...this.#gates.values()].map((gate) => gate.close()));
    this.#health.close();
    await this.#stores.idle;
  }

  get #active(): number {
    return [...this.#gates.values()].reduce(
      (sum, { state }) => sum + (state?.connections.active ?? 0),
      0,
    );
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
