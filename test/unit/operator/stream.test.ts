/** What anybody may put into a cluster, and more of it than a cluster would take, against the operator as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Inspector } from '../../../bench/inspector.ts';
import type { OwnerReference } from '../../../src/kube/objects.ts';
import { eventually } from '../../cluster/tests/support/eventually.ts';
import { freePort } from '../../gate/support/ports.ts';
import { gateAsOwner, LARGEST_KINDS, largest } from '../../support/largestObjects.ts';
import { ListWatchServer, type MakeText } from './support/listWatchServer.ts';

const MEBIBYTE = 1024 * 1024;
/** Of each kind: so many that are there before, and as many that come. */
const OBJECTS = 100;

/** Bytes that the operator may need more, whatever there is. */
const MARGIN = 20 * MEBIBYTE;

/** Those of the chart: of the container, and what Node.js makes of that for its heap. */
const LIMIT = 384 * MEBIBYTE;
const HEAP_MEBIBYTES = 192;

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-stream-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** What ends with the test. */
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A process with what an operator's pod has. */
class OperatorProcess {
  readonly #port: number;
  readonly #inspector: Inspector;

  /** Resolves when it has seen all that there is. */
  static async start(api: ListWatchServer): Promise<OperatorProcess> {
    const [http, inspect] = [await freePort(), await freePort()];
    const config = join(folder, `config-${http}`);
    const kubeconfig = join(folder, `kubeconfig-${http}`);
    const leaderElection = { enabled: false };
    const settings = { leaderElection, http: { port: http }, proxy: { image: 'none' } };
    await writeFile(config, JSON.stringify(settings));
    await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(api.url)));
    const node = [`--inspect=127.0.0.1:${inspect}`, `--max-old-space-size=${HEAP_MEBIBYTES}`];
    const child = spawn(process.execPath, [...node, MAIN, 'operator', '--config', config], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: 'ignore',
    });
    const exit = once(child, 'exit');
    ends.push(() => {
      child.kill('SIGKILL');
      return exit;
    });
    await eventually(async () => expect((await ask(http, '/readyz')).status).toBe(200), {
      timeoutMs: 60_000,
    });
    const inspector = await Inspector.connect(inspect);
    ends.push(() => inspector.close());
    return new OperatorProcess(http, inspector);
  }

  private constructor(port: number, inspector: Inspector) {
    this.#port = port;
    this.#inspector = inspector;
  }

  /** Bytes that are in use when all garbage is gone. */
  live(): Promise<number> {
    return this.#inspector.liveMemory();
  }

  /** Bytes. */
  async resident(): Promise<number> {
    const metrics = await (await ask(this.#port, '/metrics')).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
  }
}

function ask(port: number, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
}

function kubeconfigOf(server: string): object {
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
}

async function startApi(): Promise<ListWatchServer> {
  const api = await ListWatchServer.start();
  ends.push(() => api.close());
  return api;
}

async function expectSmall(operator: OperatorProcess, before: number): Promise<void> {
  expect(await operator.resident()).toBeLessThan(LIMIT);
  expect((await operator.live()) - before).toBeLessThan(MARGIN);
}

/** Of a gate, what its name is beside the number. */
const GATE = 'GATE';

/** Who owns what a gate has, by kind; a gate owns it itself if not said. */
const OWNERS: Readonly<Record<string, OwnerReference>> = {
  Pod: { ...gateAsOwner(`${GATE}-chaosgate-1`, 'uid'), apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  EndpointSlice: { ...gateAsOwner(GATE, 'uid'), apiVersion: 'v1', kind: 'Service' },
};

/** Objects of a kind, of which every second one looks like what a gate has. */
function textsOf(kind: string): MakeText {
  const isNamedLikeGate = ['TcpGate', 'Service'].includes(kind);
  const metadata = {
    name: isNamedLikeGate ? GATE : `${GATE}-chaosgate`,
    namespace: 'strangers',
    uid: GATE,
    resourceVersion: '1',
    labels: { 'chaosgate.dev/gate': GATE, 'kubernetes.io/service-name': GATE },
  };
  const owner = OWNERS[kind] ?? gateAsOwner(GATE, 'uid');
  const [owned = [], strange = []] = [{ ...metadata, ownerReferences: [owner] }, metadata].map(
    (each) => JSON.stringify(largest(kind, each)).split(GATE),
  );
  return (index) => (index % 2 === 0 ? owned : strange).join(`g${index}`);
}

let before: number;

beforeAll(async () => {
  const operator = await OperatorProcess.start(await startApi());
  before = await operator.live();
});

test.each(Object.entries(LARGEST_KINDS))(
  '%s: 200 as large as may be cost an operator next to nothing',
  async (kind, { resource: { plural } }) => {
    const api = await startApi();
    const texts = textsOf(kind);
    api.set(plural, OBJECTS, texts);
    const operator = await OperatorProcess.start(api);
    await expectSmall(operator, before);
    await api.stream(plural, OBJECTS, (index) => texts(OBJECTS + index));
    await expectSmall(operator, before);
  },
  120_000,
);
