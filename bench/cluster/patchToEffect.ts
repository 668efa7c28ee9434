/** From a patch to the first byte that comes back as another one, on connections that are open. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '../../src/kube/client.ts';
import { TCP_GATES } from '../../src/operator/resources.ts';
import { Agent } from '../../test/cluster/tests/support/agent.ts';
import { gate, service } from '../../test/cluster/tests/support/manifests.ts';
import { Namespace } from '../../test/cluster/tests/support/namespace.ts';
import type { Subject } from '../measures/measure.ts';
import { quantile } from '../statistics.ts';

const CONNECTIONS = Array.from({ length: 100 }, (_, index) => `connection-${index}`);
const PATCHES = 20;
const GATE = 'echo-gate';
const PORT = 7_000;
/** Milliseconds between the bytes of a connection: the effect is seen that much later at most. */
const BYTE_INTERVAL = 10;

/**
 * Client and server in pods, and a gate between them; the chart must be installed. A round is `PATCHES` patches, seen by
 * every connection.
 */
export async function preparePatchedGate(kube: Kube): Promise<Subject> {
  const namespace = await Namespace.create('bench-patch');
  const server = await Agent.start(namespace, 'server');
  await server.call('tcpEcho', { port: PORT });
  await namespace.apply(
    service('echo', 'server', PORT),
    gate(GATE, { upstream: { host: 'echo', port: PORT } }),
  );
  await namespace.wait(GATE, 'Ready', 60);
  const client = await Agent.start(namespace, 'client');
  for (const name of CONNECTIONS) {
    await client.call('tcpOpen', { name, target: { host: GATE, port: PORT } });
  }
  const ref = { namespace: namespace.name, name: GATE };
  const patch = (toClient: object | null) =>
    kube.mergePatch(TCP_GATES, ref, { spec: { toClient } });

  const once = async (): Promise<number[]> => {
    const changes = client.call('tcpChanges', { names: CONNECTIONS, everyMs: BYTE_INTERVAL });
    // The bytes are on their way before the patch is.
    await sleep(300);
    const start = process.hrtime.bigint();
    await patch({ corrupt: {} });
    const seen = await changes;
    await patch(null);
    await namespace.wait(GATE, 'Programmed');
    return seen.map((at) => Number(BigInt(at) - start) / 1e9);
  };

  return {
    async round() {
      const seconds: number[] = [];
      for (let patches = 0; patches < PATCHES; patches += 1) seconds.push(...(await once()));
      return {
        'patch-to-effect-p50': quantile(seconds, 0.5),
        'patch-to-effect-p99': quantile(seconds, 0.99),
      };
    },
    async stop() {
      client.stop();
      server.stop();
      await namespace.delete();
    },
  };
}
