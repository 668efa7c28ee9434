import type { PortConfig } from '../../../src/gate/portConfig.ts';
import { atEnd } from './atEnd.ts';
import { type GateHarness, type Pair, startHarness } from './harness.ts';
import { Peer } from './peer.ts';
import { freePorts } from './ports.ts';
import { TestServer } from './server.ts';

/** One port of a gate, and the server that it leads to. */
export class Door {
  readonly config: PortConfig;
  readonly server: TestServer;

  constructor(config: PortConfig, server: TestServer) {
    this.config = config;
    this.server = server;
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.config.listen);
  }

  /** A client and its end at the server. */
  async open(): Promise<Pair> {
    const [client, server] = await Promise.all([this.connect(), this.server.accept()]);
    return { client, server };
  }
}

/** Ports that nobody listens on yet, each with a server of its own. @param faults whether faults touch each */
export async function doorsOf(...faults: readonly boolean[]): Promise<Door[]> {
  const ports = await freePorts(faults.length);
  return Promise.all(
    faults.map(async (touched, index) => {
      const server = await TestServer.listen();
      const listen = ports[index] ?? 0;
      return new Door({ listen, upstream: server.port, faults: touched }, server);
    }),
  );
}

/** A gate with those ports, and none of its own. */
export async function startDoors(doors: readonly Door[], patch: object = {}): Promise<GateHarness> {
  const ports = configsOf(doors);
  const harness = await startHarness({ ...patch }, { listen: { host: '127.0.0.1' }, ports });
  // Else the gate would wait for its ends to close in order.
  atEnd(() => doors.map(({ server }) => server.close()));
  return harness;
}

export function configsOf(doors: readonly Door[]): PortConfig[] {
  return doors.map(({ config }) => config);
}

/** Bytes go through in both directions. */
export async function passes({ client, server }: Pair): Promise<void> {
  const before = { client: client.length, server: server.length };
  client.send('question');
  await server.receives(before.server + 8);
  server.send('answer');
  await client.receives(before.client + 6);
}
