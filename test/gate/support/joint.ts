import { createServer, type Socket } from 'node:net';
import { Budget } from '../../../src/gate/budget.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { type CloseReason, Connection } from '../../../src/gate/connection.ts';
import type { DirectionObserver } from '../../../src/gate/direction.ts';
import { rulesOf } from '../../../src/gate/rules.ts';
import { SOCKET_OPTIONS } from '../../../src/gate/sockets.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { atEnd } from './atEnd.ts';
import { Peer } from './peer.ts';
import { until } from './time.ts';

/** A connection without a gate around it: the test may look at its sockets. */
export interface Joint {
  readonly connection: Connection;
  readonly client: Peer;
  readonly server: Peer;
  /** The gate's own ends. */
  readonly inner: { readonly client: Socket; readonly server: Socket };
  readonly closed: CloseReason[];
  /** As the gate does on all of its connections. */
  setFaults(faults: object): void;
}

const nobody: DirectionObserver = { bytes() {}, injected() {}, delayed() {} };

export async function joint(): Promise<Joint> {
  const [client, server] = await Promise.all([socketPair(), socketPair()]);
  const closed: CloseReason[] = [];
  const connection = new Connection({
    client: client.inner,
    server: server.inner,
    number: 1,
    clock: systemClock,
    connectionBytes: 2 ** 20,
    budget: new Budget(2 ** 30),
    share: {},
    onClose: (reason) => closed.push(reason),
    observers: { toServer: nobody, toClient: nobody },
  });
  const upstream = { host: 'unused', port: 1 };
  let rules = rulesOf(gateConfig.parse({ upstream }), undefined);
  connection.start(rules);
  const setFaults = (faults: object): void => {
    rules = rulesOf(gateConfig.parse({ upstream, ...faults }), rules);
    connection.setRules(rules);
    connection.refill();
  };
  const inner = { client: client.inner, server: server.inner };
  return { connection, client: client.peer, server: server.peer, inner, closed, setFaults };
}

/** A socket as the gate has it, and the other end. */
async function socketPair(): Promise<{ inner: Socket; peer: Peer }> {
  const sockets: Socket[] = [];
  const server = createServer(SOCKET_OPTIONS, (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const peer = await Peer.connect(port);
  await until('the socket', () => sockets.length === 1);
  const [inner] = sockets;
  if (inner === undefined) throw new Error('unreachable');
  server.close();
  atEnd(() => inner.destroy());
  return { inner, peer };
}
