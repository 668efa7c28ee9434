import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chaos, type ConnectOptions, connect, type Gate } from '../../../src/client/client.ts';
import { TCP_GATES } from '../../../src/client/resource.ts';
import { Kube } from '../../../src/kube/client.ts';
import { kubeConfigOfText } from '../../../src/kube/config.ts';
import { atEnd } from '../../gate/support/atEnd.ts';
import { Peer } from '../../gate/support/peer.ts';
import { TestServer } from '../../gate/support/server.ts';

/** chaosgate in this process, a server that sends back what it gets, and a gate in front of it. */
export interface World {
  readonly chaos: Chaos;
  readonly server: TestServer;
  readonly gate: Gate;
}

export async function world(): Promise<World> {
  const server = await echo();
  const chaos = await started();
  const gate = await chaos.gate('echo', upstreamOf(server));
  return { chaos, server, gate };
}

/** chaosgate in this process, until the test has ended. */
export function started(options: ConnectOptions = {}): Promise<Chaos> {
  return connected({ local: true, ...options });
}

export async function connected(options: ConnectOptions): Promise<Chaos> {
  const chaos = await connect(options);
  atEnd(() => chaos.close());
  return chaos;
}

export function echo(): Promise<TestServer> {
  return TestServer.listen({
    onPeer: ({ socket }) => {
      socket.on('data', (data) => socket.write(data));
      socket.on('end', () => socket.end());
    },
  });
}

export function upstreamOf({ port }: TestServer) {
  return { upstream: { host: '127.0.0.1', port } };
}

/** A file with its kubeconfig. */
export async function kubeconfigOf({ kubeconfig = '' }: Chaos): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-client-'));
  atEnd(() => rm(folder, { recursive: true }));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, kubeconfig, { mode: 0o600 });
  return path;
}

/** Somebody else deletes the gate. */
export async function deletedByOthers(
  { kubeconfig = '', namespace }: Chaos,
  name: string,
): Promise<void> {
  const kube = new Kube(kubeConfigOfText(kubeconfig).config, { userAgent: 'others' });
  await kube.delete(TCP_GATES, { namespace, name });
  await kube.close();
}

/** So many clients, connected through the gate. */
export async function clients(gate: Gate, count: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let index = 0; index < count; index += 1) {
    peers.push(await Peer.connect(gate.port, gate.host));
    await gate.waitForConnections(index + 1);
  }
  return peers;
}

export async function client(gate: Gate): Promise<Peer> {
  const [peer] = await clients(gate, 1);
  if (peer === undefined) throw new Error('unreachable');
  return peer;
}

/** Milliseconds that a byte takes to the server and back. */
export async function roundTrip(peer: Peer): Promise<number> {
  const start = performance.now();
  peer.send('x');
  await peer.receives(peer.length + 1);
  return performance.now() - start;
}

/** What it rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It did not fail');
    },
    (error: unknown) => error,
  );
}
