/**
 * `npm run cluster -- exec -- node bench/cluster/tenants.ts`: how long a patch takes while another tenant creates many
 * gates at once. The cluster must run and have the image. The other tenant's namespace has no room for pods.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { TcpGateStatus } from '../../src/api/status.ts';
import { Kube } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/config.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { TCP_GATES } from '../../src/operator/resources.ts';
import { say } from '../../test/cluster/say.ts';
import { setup } from '../../test/cluster/tests/support/install.ts';
import { gate } from '../../test/cluster/tests/support/manifests.ts';
import { Namespace } from '../../test/cluster/tests/support/namespace.ts';
import { quantile } from '../statistics.ts';

type Gate = KubeObject & { readonly status?: TcpGateStatus };

const UPSTREAM = { host: '192.0.2.1', port: 9 };
const NAME = 'patched';
const BEFORE = 30;

/** Creations at a time, and milliseconds between patches and between looks at a status. */
const WRITERS = 16;
const PAUSE = 200;
const POLL = 5;

/** Each patch has another one. */
let seed = 0;

await new Command('bench-tenants')
  .option('--gates <count>', 'gates of the other tenant', '2000')
  .action(({ gates }: { gates: string }) => main(Number(gates)))
  .parseAsync();

async function main(count: number): Promise<void> {
  const { config } = await loadKubeConfig();
  const kube = new Kube(config, { userAgent: 'chaosgate-bench', timeoutMilliseconds: 60_000 });
  const uninstall = await setup();
  const own = await Namespace.create('bench-own');
  const crowd = await Namespace.create('bench-crowd');
  try {
    await crowd.kubectl('create', 'quota', 'none', '--hard=pods=0');
    await own.apply(gate(NAME, { upstream: UPSTREAM }));
    await own.wait(NAME, 'Programmed', 60);
    const before: Patch[] = [];
    for (let patches = 0; patches < BEFORE; patches += 1) before.push(await patch(kube, own.name));
    report('before', before);

    const start = performance.now();
    const during: Patch[] = [];
    let isCreated = false;
    const created = create(kube, crowd.name, count).then(() => {
      isCreated = true;
      say(`${count} gates are created after ${Math.round(performance.now() - start)} ms`);
    });
    while (!(isCreated && (await isLookedAt(kube, crowd.name)))) {
      during.push(await patch(kube, own.name));
      await sleep(PAUSE);
    }
    await created;
    say(`All are looked at after ${Math.round(performance.now() - start)} ms`);
    report('beside them', during);
  } finally {
    await own.delete();
    await crowd.delete();
    await uninstall();
    await kube.close();
  }
}

/** Milliseconds until the API server had taken a patch, and from then until it was in force. */
interface Patch {
  readonly taken: number;
  readonly inForce: number;
}

async function patch(kube: Kube, namespace: string): Promise<Patch> {
  const ref = { name: NAME, namespace };
  seed += 1;
  const start = performance.now();
  const patched = await kube.mergePatch<Gate>(TCP_GATES, ref, { spec: { seed } });
  const taken = performance.now();
  const { generation = 0 } = patched.metadata;
  for (;;) {
    const { status } = await kube.get<Gate>(TCP_GATES, ref);
    const programmed = status?.conditions?.find(({ type }) => type === 'Programmed');
    if (programmed?.status === 'True' && programmed.observedGeneration >= generation) {
      return { taken: taken - start, inForce: performance.now() - taken };
    }
    await sleep(POLL);
  }
}

async function create(kube: Kube, namespace: string, count: number): Promise<void> {
  let next = 0;
  const write = async () => {
    while (next < count) {
      const metadata = { name: `crowd-${next}`, namespace };
      next += 1;
      await kube.create<KubeObject>(TCP_GATES, { ...gate('', { upstream: UPSTREAM }), metadata });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

/** Whether the operator has looked at every gate of the namespace. */
async function isLookedAt(kube: Kube, namespace: string): Promise<boolean> {
  const { items } = await kube.list<Gate>(TCP_GATES, { namespace });
  return items.every(({ status }) => (status?.observedGeneration ?? 0) > 0);
}

function report(when: string, patches: readonly Patch[]): void {
  const line = (what: keyof Patch) => {
    const all = patches.map((each) => each[what]);
    const [p50, p95, most] = [0.5, 0.95, 1].map((share) => Math.round(quantile(all, share)));
    return `${what} p50 ${p50} ms, p95 ${p95} ms, max ${most} ms`;
  };
  say(`${when}: ${patches.length} patches; ${line('taken')}; ${line('inForce')}`);
}
