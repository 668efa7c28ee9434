import { Sequence } from '../../src/async/sequence.ts';
import { Kube } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/config.ts';
import { ensureCluster } from '../cluster/cluster.ts';
import { NoClusterError } from '../cluster/errors.ts';
import { NODE_ADDRESS } from '../cluster/node/addresses.ts';
import { Namespace } from '../cluster/tests/support/namespace.ts';
import { ApiServerTarget, GatePodTarget, OperatorTarget } from './targets/podTargets.ts';
import { type TortureOptions, World } from './world.ts';

/** Of the chart, for proxies; the operator has 384 MiB. */
const LIMIT_BYTES = 512 * 2 ** 20;

const GATES = ['one', 'two', 'three'];
const MAX_ENDS = 200;

/** Nothing that is filled is a disk of its own here, and what is killed takes a while to come back. */
const WEIGHTS = {
  ...{ open: 40, patch: 30, recreate: 0, disconnect: 4, offend: 6 },
  ...{ kill: 6, fillDisk: 0, attack: 6, failUpstream: 2 },
};

/**
 * The chart, which is installed, on the node of the tests; to be called in the node's network.
 *
 * @throws {NoClusterError} on another cluster: nobody may kill its API server, and its gates do not find this process.
 */
export async function clusterWorld(options: TortureOptions): Promise<World> {
  const cluster = await ensureCluster();
  if (cluster.kind !== 'node')
    throw new NoClusterError(['Only the node of our own can be tortured.']);
  const { config } = await loadKubeConfig();
  const kube = new Kube(config, { userAgent: 'chaosgate-torture' });
  const namespace = await Namespace.create('torture');
  const place = { kube, cluster, namespace: namespace.name, kills: new Sequence() };
  const world = new World({
    ...options,
    stage: 'in a cluster',
    serverHost: NODE_ADDRESS,
    limitBytes: LIMIT_BYTES,
    maxEnds: MAX_ENDS,
    weights: WEIGHTS,
  });
  for (const name of GATES) {
    const side = await world.side(name);
    world.add(new GatePodTarget(name, world.upstreamOf(side), place), [side]);
  }
  world.add(new OperatorTarget(place), []);
  world.add(new ApiServerTarget(place), []);
  world.atEnd(async () => {
    await namespace.delete();
    await kube.close();
  });
  return world;
}
