/** The chart as its users meet it: `helm test`, `kubectl explain`, and an operator for some namespaces only. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { INITIAL_STATUS } from '../../../src/api/status.ts';
import { ACCEPTED, REFUSED, REFUSED_BY_HELM } from '../../unit/chart/refused.ts';
import { eventually } from './support/eventually.ts';
import { CHART, installChart, uninstallChart } from './support/install.ts';
import { attempt, helm, kubectl, tryKubectl } from './support/kubectl.ts';
import { type GateStatus, gate } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM, scaleOperator } from './support/system.ts';

test('`helm test` passes', async () => {
  expect(await helm(['test', 'chaosgate', '-n', SYSTEM, '--timeout', '1m'])).toContain('Succeeded');
});

test('the image hands on the licences of what it holds, and lists it', async () => {
  const read = `for (const name of ['LICENSE', 'NOTICE', 'sbom.cdx.json'])
    console.log(require('node:fs').readFileSync('/app/' + name, 'utf8'))`;
  const node = ['--', '/nodejs/bin/node', '--eval', read];
  const texts = await kubectl(['exec', 'deployment/chaosgate', '-n', SYSTEM, ...node]);
  expect(texts).toContain('Apache License');
  expect(texts).toMatch(/^pino [\d.]+ \(MIT\)$/m);
  expect(texts).toMatch(/"purl": "pkg:npm\/pino@/);
});

test('`helm lint` has nothing to say', async () => {
  expect(await helm(['lint', '--strict', CHART])).not.toMatch(/\[(INFO|WARNING|ERROR)\]/);
});

test('`kubectl explain` describes every field', async () => {
  for (const part of ['spec', 'status']) {
    const text = await kubectl(['explain', `tcpgate.${part}`, '--recursive']);
    expect(text).toContain('FIELDS:');
    const fields = [...text.matchAll(/^ +(\w+)\t/gm)].map(([, name]) => name);
    expect(fields.length).toBeGreaterThan(10);
    expect(text).not.toContain('<no description>');
  }
  expect(await kubectl(['explain', 'tcpgate.spec.toClient.delay.milliseconds'])).toContain(
    'in milliseconds',
  );
});

test('`kubectl` knows the resource by its short name and its category', async () => {
  const known = await kubectl(['api-resources', '--categories=chaos', '-o', 'wide']);
  expect(known).toMatch(/^tcpgates +tg +chaosgate\.dev\/v1alpha1 +true +TcpGate/m);
});

describe('values that cannot work', () => {
  const template = (values: object) =>
    attempt('helm', ['template', 'refused', CHART, '-f', '-'], { input: JSON.stringify(values) });

  test('are refused before anything is installed, by their path', async () => {
    for (const { mistake, values, path, word } of [...REFUSED, ...REFUSED_BY_HELM]) {
      const { code, stderr } = await template(values);
      expect(code, mistake).not.toBe(0);
      // A schema's refusal has a JSON pointer.
      const text = stderr.replaceAll('/', '.');
      expect(text, mistake).toContain(path);
      expect(text, mistake).toContain(word);
    }
  });

  test('are not among those that Kubernetes takes for a pod', async () => {
    const { resources, podLabels, podAnnotations, ...spec } = ACCEPTED;
    const { code, stderr } = await template({ proxy: ACCEPTED });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const pod = {
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'accepted' },
      template: {
        metadata: { labels: podLabels, annotations: podAnnotations },
        spec: { ...spec, containers: [{ name: 'proxy', image: 'proxy', resources }] },
      },
    };
    await kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], {
      input: JSON.stringify(pod),
    });
  });
});

describe("the operator's rights", () => {
  async function rulesWith(front: boolean, ...args: string[]): Promise<Rule[]> {
    const set = ['--set', `services.front=${front}`, ...args];
    const manifest = await helm(['template', 'rights', CHART, ...set]);
    return parseAllDocuments(manifest)
      .map((document) => document.toJSON() as Role)
      .filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name.startsWith('rights-'))
      .filter(({ metadata }) => !/-(edit|view|lever)$/.test(metadata.name))
      .flatMap(({ rules }) => rules);
  }
  const verbsOf = (resource: string, rules: readonly Rule[]) =>
    rules.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);

  for (const scope of [[], ['--set', 'namespaces={staging}']]) {
    test(`have patch of gates for gates in front of Services alone (${scope.at(-1) ?? 'all namespaces'})`, async () => {
      const [front, none] = [await rulesWith(true, ...scope), await rulesWith(false, ...scope)];
      expect(verbsOf('tcpgates', front)).toEqual(['list', 'watch', 'patch']);
      expect(verbsOf('tcpgates', none)).toEqual(['list', 'watch']);
      // Nothing else differs.
      expect(front.filter(({ resources }) => !resources.includes('tcpgates'))).toEqual(
        none.filter(({ resources }) => !resources.includes('tcpgates')),
      );
      for (const { verbs, resources } of front) {
        expect([...verbs, ...resources]).not.toContain('*');
        expect(verbs).not.toContain('delete');
      }
    });
  }
});

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly Rule[];
}

describe('an operator for given namespaces', () => {
  let served: Namespace;
  let other: Namespace;

  beforeAll(async () => {
    served = await Namespace.create('served');
    other = await Namespace.create('unserved');
    await scaleOperator(0);
    await served.apply(quota);
    await installInServed();
  });

  afterAll(async () => {
    await uninstallChart('chaosgate', served.name);
    await scaleOperator(1);
    await served.delete();
    await other.delete();
  });

  // Lets no pod in that has no limit of processor time, which proxies do not have by default.
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'limits' },
    spec: { hard: { 'limits.memory': '4Gi', 'limits.cpu': '8' } },
  };

  // A release of the same name as the one for the whole cluster, beside it.
  const installInServed = () => {
    const proxies = `proxy.resourcesByNamespace.${served.name}`;
    return installChart(
      'chaosgate',
      served.name,
      `namespaces={${served.name}}`,
      'resources.limits.cpu=1',
      `${proxies}.limits.memory=256Mi`,
      `${proxies}.limits.cpu=500m`,
    );
  };

  test('serves these, without any right in the others', async () => {
    const spec = { upstream: { host: '127.0.0.1', port: 9 } };
    await other.apply(gate('left-alone', spec));
    await served.apply(gate('here', spec));
    await served.wait('here', 'Ready', 60);
    const { status } = await other.get<GateStatus>('tcpgate', 'left-alone');
    expect(status).toEqual(INITIAL_STATUS);

    const user = `--as=system:serviceaccount:${served.name}:chaosgate`;
    const can = async ({ name }: Namespace) =>
      (await tryKubectl(['auth', 'can-i', 'list', 'secrets', '-n', name, user])).stdout.trim();
    expect(await can(served)).toBe('yes');
    expect(await can(other)).toBe('no');
  });

  test("gives proxies what the namespace's quota asks for, and they hold half of what that leaves them", async () => {
    const log = await served.kubectl('logs', 'deployment/here-chaosgate');
    expect(log).toContain(`"processBytes":${80 * 2 ** 20}`);
  });

  async function operatorPod() {
    const [pod, ...others] = await served.list<Pod>('pod', 'app.kubernetes.io/component=operator');
    if (pod === undefined || others.length > 0) throw new Error('There is not one pod');
    return pod;
  }

  const lease = () => served.get<Lease>('lease', 'chaosgate-operator');

  /** As the chart's README lists it. */
  async function expectOnlyWhatIsToStay(): Promise<void> {
    const kinds =
      'deployment,service,secret,networkpolicy,configmap,serviceaccount,role,rolebinding';
    const left = await served.kubectl('get', `${kinds},lease`, '-o', 'name');
    const names = left.split('\n').filter((name) => /chaosgate|here/.test(name));
    expect(names.toSorted()).toEqual([
      'deployment.apps/here-chaosgate',
      'lease.coordination.k8s.io/chaosgate-operator',
      'networkpolicy.networking.k8s.io/here-chaosgate',
      'secret/here-chaosgate',
      'service/here',
    ]);
  }

  test('leads as soon as it is installed again', async () => {
    await uninstallChart('chaosgate', served.name);
    await expectOnlyWhatIsToStay();
    await installInServed();
    const { metadata, status } = await operatorPod();
    const { spec } = await lease();
    expect(spec.holderIdentity).toBe(`${metadata.name}/${metadata.uid}`);
    // A Lease lasts 15 s.
    const waited = Date.parse(spec.acquireTime) - Date.parse(status.startTime);
    expect(waited).toBeLessThan(12_000);
  });

  test('is not ready while nobody leads', async () => {
    await served.kubectl('scale', 'deployment/chaosgate', '--replicas=0');
    await served.kubectl(
      ...['wait', 'pod', '-l', 'app.kubernetes.io/component=operator', '--for=delete'],
    );
    // Of a process that runs in no pod, so that nobody can tell whether it has ended.
    const held = { holderIdentity: 'laptop_1', leaseDurationSeconds: 3 };
    const patch = JSON.stringify({ spec: held });
    await served.kubectl('patch', 'lease', 'chaosgate-operator', '--type=merge', '-p', patch);
    await served.kubectl('scale', 'deployment/chaosgate', '--replicas=1');
    await served.kubectl('rollout', 'status', 'deployment/chaosgate', '--timeout=60s');
    const { metadata } = await operatorPod();
    expect((await lease()).spec.holderIdentity).toBe(`${metadata.name}/${metadata.uid}`);
  });

  test('serves them beside one for all namespaces, which leaves these alone and says so', async () => {
    const version = () => {
      const path = 'jsonpath={.metadata.resourceVersion}';
      return served.kubectl('get', 'networkpolicy', 'here-chaosgate', '-o', path);
    };
    const before = await version();
    await scaleOperator(1);
    await eventually(async () => {
      const log = await kubectl(['-n', SYSTEM, 'logs', 'deployment/chaosgate']);
      expect(log).toMatch(
        new RegExp(
          `"namespace":"${served.name}","otherOperator":"${served.name}/chaosgate-operator".*serves`,
        ),
      );
    });
    await other.wait('left-alone', 'Ready', 60);
    await served.patchAndWait('here', { toClient: { delay: { milliseconds: 5 } } });
    expect(await version()).toBe(before);
  });
});

describe('the CustomResourceDefinition of another release', () => {
  const CRD = 'crd/tcpgates.chaosgate.dev';
  const OWN = ['second', CHART, '-n', 'default', '--set', 'namespaces={default}'];
  let folder: string;
  /** The same release of a chart with another definition. */
  let newer: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chaosgate-chart-'));
    const chart = join(folder, 'chaosgate');
    await cp(CHART, chart, { recursive: true });
    const template = join(chart, 'templates/crds.yaml');
    const text = await readFile(template, 'utf8');
    await writeFile(template, text.replaceAll(/sha256-\w+/g, 'sha256-newer'));
    newer = OWN.with(1, chart);
  });

  afterAll(() => rm(folder, { recursive: true }));

  const annotations = async () =>
    JSON.parse(await kubectl(['get', CRD, '-o', 'json'])).metadata.annotations;

  /** Helm refuses, with a command that helps. */
  async function refused(args: readonly string[], text: string): Promise<string[]> {
    const { code, stderr } = await attempt('helm', args);
    expect(code).not.toBe(0);
    expect(stderr).toContain(text);
    const [, command = ''] = /^ {2}kubectl (.*)$/m.exec(stderr) ?? [];
    return command.split(' ');
  }

  test('is left alone when it is the same', async () => {
    const manifest = await helm(['install', ...OWN, '--dry-run=server']);
    expect(manifest).not.toContain('kind: CustomResourceDefinition');
  });

  test('of another version is handed over by the command that Helm is told to name', async () => {
    const install = ['install', ...newer, '--set', 'replicaCount=0'];
    const handOver = await refused(install, `that of release chaosgate in namespace ${SYSTEM}`);
    await kubectl(handOver);
    await helm(install);
    expect(await annotations()).toMatchObject({
      'chaosgate.dev/definition-hash': 'sha256-newer',
      'meta.helm.sh/release-name': 'second',
    });
    await uninstallChart('second', 'default');

    const upgrade = ['upgrade', 'chaosgate', CHART, '-n', SYSTEM, '--reuse-values'];
    await kubectl(await refused(upgrade, 'that of release second in namespace default'));
    await helm(upgrade);
    expect(await annotations()).toMatchObject({ 'meta.helm.sh/release-name': 'chaosgate' });
  });

  test('that no release owns is updated by the command that Helm is told to name', async () => {
    const { 'meta.helm.sh/release-name': name } = await annotations();
    await kubectl(['annotate', CRD, 'meta.helm.sh/release-name-']);
    try {
      const [file, ...args] = (
        await refused(['install', ...newer, '--dry-run=server'], 'no release owns it')
      ).reverse();
      const path = join(CHART, '../..', file ?? '');
      await kubectl([...args.reverse(), path, '--dry-run=server']);
    } finally {
      await kubectl(['annotate', CRD, `meta.helm.sh/release-name=${name}`]);
    }
  });
});

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: { readonly startTime: string };
}

interface Lease {
  readonly spec: {
    readonly holderIdentity: string;
    readonly acquireTime: string;
  };
}
