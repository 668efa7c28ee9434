import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '../cluster/tests/support/agent.ts';
import { attempt, kubectl } from '../cluster/tests/support/kubectl.ts';
import { IMAGE, POSTGRES_IMAGE } from '../cluster/tests/support/manifests.ts';
import { Namespace } from '../cluster/tests/support/namespace.ts';
import { startPostgres, THROUGH_GATE } from '../cluster/tests/support/postgres.ts';

const SYSTEM = 'chaosgate-system';
const [repository, tag] = IMAGE.split(/:(?=[^:]*$)/);

const folder = await mkdtemp(join(tmpdir(), 'chaosgate-demo-'));
const KUBECONFIG = join(folder, 'kubeconfig');

const namespace = await Namespace.create('demo');
try {
  await play();
} finally {
  await namespace.delete();
  await attempt('helm', ['uninstall', 'chaosgate', '-n', SYSTEM, '--wait']);
  await rm(folder, { recursive: true });
}

async function play(): Promise<void> {
  // Later commands speak of the demo's namespace, as they would of a user's own.
  await copyFile(process.env.KUBECONFIG ?? '', KUBECONFIG);
  process.env.KUBECONFIG = KUBECONFIG;
  await kubectl(['config', 'set-context', '--current', `--namespace=${namespace.name}`]);
  await attempt('helm', ['uninstall', 'chaosgate', '-n', SYSTEM, '--wait']);

  await shell(
    `helm install chaosgate charts/chaosgate -n ${SYSTEM} --create-namespace --wait`,
    `--set image.registry= --set image.repository=${repository} --set image.tag=${tag}`,
  );
  say(`A PostgreSQL server in a pod (${POSTGRES_IMAGE}), and a gate in front of it:`);
  await startPostgres(namespace);
  await shell('kubectl apply -f examples/postgres/gate.yaml');
  await shell('kubectl wait tg/postgres --for=condition=Ready --timeout=60s');

  const client = await Agent.start(namespace, 'client');
  say('A client opens four connections through the gate:');
  const pids = await client.call('pgOpen', { name: 'four', server: THROUGH_GATE, size: 4 });
  console.log(`  backend pids ${pids.join(', ')}`);
  await measure(client);
  await untilCounted(4);
  await shell('kubectl get tg');

  await shell(
    `kubectl patch tg postgres --type merge -p '{"spec":{"toClient":{"delay":{"milliseconds":300}}}}'`,
    '&& kubectl wait tg/postgres --for=condition=Programmed',
  );
  await measure(client);
  await shell('kubectl get tg');

  await shell(
    `kubectl patch tg postgres --type merge -p '{"spec":{"toClient":null,"newConnections":"Refuse"}}'`,
    '&& kubectl wait tg/postgres --for=condition=Programmed',
  );
  await measure(client);
  const target = { host: THROUGH_GATE.host, port: THROUGH_GATE.port };
  const fifth = await client.call('tcpOpen', { name: 'fifth', target });
  console.log(`  a fifth connection: ${fifth}\n`);
  await shell('kubectl get tg');
  client.stop();
}

/** Prints a command as a user types it, runs it, and prints what it says. */
async function shell(command: string, hidden = ''): Promise<void> {
  const isContinued = hidden.startsWith('&&');
  console.log(`$ ${command}${isContinued ? ` ${hidden}` : ''}`);
  const { code, stdout, stderr } = await attempt('sh', ['-c', `${command} ${hidden}`], {
    timeoutMs: 180_000,
  });
  console.log(`${stdout}${stderr}`);
  if (code !== 0) throw new Error(`The command left with ${code}`);
}

/** One query on each connection: which server process answered, and how long it took. */
async function measure(client: Agent): Promise<void> {
  for (const { pid, milliseconds, error } of await client.call('pgQuery', { name: 'four' })) {
    console.log(`  backend ${pid ?? error}: ${milliseconds.toFixed(1)} ms`);
  }
  console.log();
}

async function untilCounted(count: number): Promise<void> {
  const path = 'jsonpath={.status.connections.active}';
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await namespace.kubectl('get', 'tg', 'postgres', '-o', path)) === String(count)) return;
    await sleep(100);
  }
  throw new Error(`The gate never counted ${count} connections`);
}

function say(text: string): void {
  console.log(`# ${text}`);
}
