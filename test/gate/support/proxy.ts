import { pino } from 'pino';
import { ControlLink, type LinkState } from '../../../src/control/link.ts';
import type { Snapshot } from '../../../src/control/messages.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { ProxyProcess } from '../../../src/proxy/process.ts';
import { atEnd } from './atEnd.ts';
import { type Folders, IDENTITY, proxyFolders } from './folders.ts';
import { Peer } from './peer.ts';
import { freePort } from './ports.ts';
import type { TestServer } from './server.ts';
import { until } from './time.ts';

export interface Ports {
  readonly gate: number;
  readonly control: number;
  readonly http: number;
}

export async function freePorts(): Promise<Ports> {
  return { gate: await freePort(), control: await freePort(), http: await freePort() };
}

/** The command line of a proxy with these folders and ports; without that of the gate, its snapshots name them. */
export function proxyCommand(
  { mounted, state }: Folders,
  ports: Omit<Ports, 'gate'> & Partial<Ports>,
): string[] {
  return [
    'proxy',
    `--mounted=${mounted}`,
    `--state=${state}`,
    ...(ports.gate === undefined ? [] : [`--gate-port=${ports.gate}`]),
    `--control-port=${ports.control}`,
    `--http-port=${ports.http}`,
    '--connection-bytes=1048576',
    '--process-bytes=16777216',
  ];
}

/** A snapshot of a gate in front of that server. */
export function snapshotOf(generation: number, server: TestServer, patch: object = {}): Snapshot {
  const upstream = { host: '127.0.0.1', port: server.port };
  return { generation, config: gateConfig.parse({ upstream, ...patch }) };
}

/** A proxy in this process, and what one can ask of it from outside. */
export class TestProxy {
  readonly process: ProxyProcess;
  readonly ports: Ports;
  readonly folders: Folders;
  readonly log: Record<string, unknown>[];

  constructor(
    process: ProxyProcess,
    ports: Ports,
    folders: Folders,
    log: Record<string, unknown>[],
  ) {
    this.process = process;
    this.ports = ports;
    this.folders = folders;
    this.log = log;
  }

  connect(port: keyof Ports = 'gate'): Promise<Peer> {
    return Peer.connect(this.ports[port]);
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    return get(this.ports.http, path);
  }

  /** The operator's end of the control connection. */
  link({ key = this.folders.key, identity = IDENTITY } = {}): TestLink {
    return new TestLink(this.ports.control, key, identity);
  }
}

export async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { connection: 'close' },
  });
  return { status: response.status, text: await response.text() };
}

/** Rejects as `ProxyProcess.start` does. */
export async function startProxy(folders?: Folders, ports?: Ports): Promise<TestProxy> {
  const where = { folders: folders ?? (await proxyFolders()), ports: ports ?? (await freePorts()) };
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const buffers = { connectionBytes: 2 ** 20, processBytes: 2 ** 24 };
  const proxy = await ProxyProcess.start({ ...where, buffers, log });
  atEnd(() => proxy.stop());
  return new TestProxy(proxy, where.ports, where.folders, lines);
}

export class TestLink {
  readonly link: ControlLink;
  readonly errors: Error[] = [];

  constructor(port: number, key: Buffer, identity: string) {
    this.link = new ControlLink({
      host: '127.0.0.1',
      port,
      key,
      identity,
      onChange() {},
      onError: (error) => this.errors.push(error),
    });
    atEnd(() => this.link.close());
  }

  get state(): LinkState {
    return this.link.state;
  }

  /** Resolves when the proxy has answered that every open connection runs it. */
  async push(snapshot: Snapshot): Promise<void> {
    this.link.push(snapshot);
    await until(
      () => `generation ${snapshot.generation}: ${JSON.stringify(this.state)}`,
      () => this.state.report?.generation === snapshot.generation,
    );
  }
}
