import { ProxyTarget } from './targets/proxy.ts';
import { UpTarget } from './targets/up.ts';
import { type TortureOptions, World } from './world.ts';

/** Of the chart: `proxy.resources.limits.memory`. */
const LIMIT_BYTES = 512 * 2 ** 20;

/** Gates of one `chaosgate up`, and gates with a proxy of their own. */
const UP_GATES = ['up-0', 'up-1', 'up-2'];
const PROXY_GATES = ['proxy-0', 'proxy-1'];

const MAX_ENDS = 600;

/** Processes of this machine, on loopback. */
export async function localWorld(options: TortureOptions): Promise<World> {
  const world = new World({
    ...options,
    stage: 'without a cluster',
    serverHost: '127.0.0.1',
    limitBytes: LIMIT_BYTES,
    maxEnds: MAX_ENDS,
  });
  const ports = world.random.fork('ports');
  const sides = await Promise.all(UP_GATES.map((name) => world.side(name)));
  const upstreams = sides.map((side) => world.upstreamOf(side));
  world.add(await UpTarget.make(upstreams, LIMIT_BYTES, ports), sides);
  for (const name of PROXY_GATES) {
    const side = await world.side(name);
    const target = await ProxyTarget.make(name, world.upstreamOf(side), LIMIT_BYTES, ports);
    world.add(target, [side]);
  }
  return world;
}
