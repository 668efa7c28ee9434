import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OperatorConfig } from '../../src/operator/config.ts';
import { say } from '../../test/cluster/say.ts';
import { imageProcess } from '../image.ts';
import { freePort, memoryOf, start } from '../processes.ts';

/** Tells the pod of an operator in the test cluster from this one, which runs outside of it. */
const NAMESPACE = 'default';

/**
 * Seconds. With the default of 15, an API server that shares two cores with 10,000 gates and all else once answered too
 * late, and the operator ended itself, as it has to.
 */
const LEASE = { leaseSeconds: 120, renewSeconds: 90 };

/** An operator as in its image, outside of a pod. */
export interface OperatorProcess {
  /** Bytes resident. */
  readonly memory: () => number;
  /** The sum of a metric over the label sets that have these labels. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Ends it in order: it gives its Lease back. */
  stop(): Promise<void>;
}

/** What an operator learns about the proxies; there are no nodes for their pods here. */
export type ProxySettings = OperatorConfig['proxy'];

export async function startOperator(
  bundle: string,
  namespaces: readonly string[],
  proxy: ProxySettings,
): Promise<OperatorProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-operator-'));
  const port = await freePort();
  const config = {
    namespaces,
    proxy,
    http: { port },
    log: { level: 'warn' },
    leaderElection: LEASE,
  };
  const file = join(folder, 'config.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  // Not over a connection that was kept: an operator with so much to do may close it just when it is asked again.
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  const { command, env } = await imageProcess(bundle);
  const identity = { POD_NAME: 'bench-operator', POD_NAMESPACE: NAMESPACE };
  const program = await start([...command, 'operator', '--config', file], { ...env, ...identity });
  createInterface({ input: program.stdout }).on('line', (line) => say(`operator says: ${line}`));
  await program.ready(async () => {
    const { ok } = await ask('/readyz');
    if (!ok) throw new Error('The operator is not ready');
  });
  return {
    memory: () => memoryOf(program.pid).rss,
    async metric(name, labels = {}) {
      return sum(await (await ask('/metrics')).text(), name, labels);
    },
    async stop() {
      await program.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Of the Prometheus text format. */
function sum(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const samples = text.split('\n').flatMap((line) => {
    const [, metric, set = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const fits = metric === name && wanted.every((pair) => set.split(',').includes(pair));
    return fits ? [Number(value)] : [];
  });
  return samples.reduce((total, sample) => total + sample, 0);
}
