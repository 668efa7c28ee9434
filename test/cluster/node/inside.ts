/**
 * What must happen inside the node's network namespace, so a program of its own:
 *
 *     inside.ts start FOLDER NAME    starts the daemons and waits until the cluster is ready
 *     inside.ts check FOLDER NAME    ends with code 0 when the cluster is ready now
 */
import { Resolver } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Patience, until } from '../poll.ts';
import { CLUSTER_DOMAIN, DNS_SERVICE_ADDRESS, NODE_NAME } from './addresses.ts';
import { openApi } from './api.ts';
import { tell } from './control.ts';
import { type Daemon, FIRST_DAEMONS, SECOND_DAEMONS } from './daemons.ts';
import { DNS_OBJECTS } from './dns.ts';
import { layoutOf } from './layout.ts';

const PATIENCE: Patience = { timeoutMs: 60_000, intervalMs: 50 };

const [verb, folder, name] = process.argv.slice(2);
if (folder === undefined || name === undefined) throw new Error('usage: start|check FOLDER NAME');
const layout = layoutOf(folder, name);
const api = await openApi(layout.adminKubeconfig);
if (verb === 'start') await start();
else if (!(await exists('/readyz')) || !(await nodeIsReady())) process.exitCode = 1;

async function start(): Promise<void> {
  await startAll(FIRST_DAEMONS);
  await eventually('the API server answers', () => exists('/readyz'));
  await eventually('containerd answers', () => existsSync(layout.containerdSocket));
  for (const { path, body } of DNS_OBJECTS) {
    const { status } = await api('POST', path, body);
    if (status !== 201) throw new Error(`The API server answered ${status} to ${path}`);
  }
  await startAll(SECOND_DAEMONS);
  await Promise.all([
    eventually('the default service account is there', () =>
      exists('/api/v1/namespaces/default/serviceaccounts/default'),
    ),
    eventually('the node is ready', nodeIsReady),
    eventually('cluster DNS answers', clusterDnsAnswers),
  ]);
}

async function startAll(daemons: readonly Daemon[]): Promise<void> {
  for (const daemon of daemons) await tell(layout, 'start', daemon);
}

/** Waits, but not for a cluster that lost a daemon. */
function eventually(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  return until(what, PATIENCE, async () => {
    const exits = await readFile(layout.exits, 'utf8').catch(() => '');
    if (exits !== '') throw new Error(exits.trim());
    return probe();
  });
}

async function exists(path: string): Promise<boolean> {
  const { status } = await api('GET', path);
  return status === 200;
}

async function nodeIsReady(): Promise<boolean> {
  const { status, body } = await api('GET', `/api/v1/nodes/${NODE_NAME}`);
  if (status !== 200) return false;
  const node = body as {
    spec: { taints?: { key: string }[] };
    status: { conditions?: { type: string; status: string }[] };
  };
  const ready = node.status.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  return ready === true && node.spec.taints === undefined;
}

/** Also proves that kube-proxy has programmed Services. */
async function clusterDnsAnswers(): Promise<boolean> {
  const resolver = new Resolver({ timeout: 300, tries: 1 });
  resolver.setServers([DNS_SERVICE_ADDRESS]);
  return resolver.resolve4(`kubernetes.default.svc.${CLUSTER_DOMAIN}`).then(
    () => true,
    () => false,
  );
}
