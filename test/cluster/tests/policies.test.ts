/** What `policies` of the chart lets the API server refuse, with the values for a shared cluster. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { eventually } from './support/eventually.ts';
import { CHART } from './support/install.ts';
import { attempt, kubectl, tryKubectl } from './support/kubectl.ts';
import { gate } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM } from './support/system.ts';
import { rollBackChart, upgradeChart } from './support/upgrade.ts';

const SHARED_CLUSTER = join(CHART, 'ci/shared-cluster.yaml');
const INJECT = `${SYSTEM}-chaosgate-tcpgates-inject`;
const DELAY = { delay: { milliseconds: 1 }, connectionsPercent: 50 };

/** Open to gates by its label. */
let open: Namespace;
/** Has a gate that breaks every policy and is older than they are. */
let closed: Namespace;

beforeAll(async () => {
  open = await Namespace.create('policies-open');
  closed = await Namespace.create('policies-closed');
  await kubectl(['label', 'namespace', open.name, 'chaosgate.dev/allowed=true']);
  for (const [user, role] of [
    ['editor', 'edit'],
    ['injector', 'edit'],
    ['injector', INJECT],
  ] as const) {
    await open.kubectl(
      ...['create', 'rolebinding', `${user}-${role}`],
      ...[`--clusterrole=${role}`, `--user=${user}`],
    );
  }
  await closed.apply(
    gate('old', {
      upstream: { host: '192.0.2.1', port: 9 },
      durationSeconds: 7_200,
      toClient: { delay: { milliseconds: 1 } },
    }),
  );
  await upgradeChart(
    ...['-f', SHARED_CLUSTER, '--set', 'policies.upstreams.suffixes={example.com}'],
  );
  // The API server learns of a policy a moment after it is there, and of each one by itself.
  await eventually(async () => {
    for (const [spec, part] of Object.values(REFUSED)) {
      expect(await create(open, spec)).toContain(part);
    }
    expect(await create(open, { toClient: DELAY }, 'editor')).toContain('may not change faults');
    expect(await create(closed, {})).toContain('is not open to chaos gates');
  });
});

afterAll(async () => {
  await rollBackChart();
  await open.delete();
  await closed.delete();
});

/** What the API server says to a gate that is not kept; empty if it takes it. */
async function create({ name }: Namespace, spec: object, user = 'injector'): Promise<string> {
  const as = name === open.name ? [`--as=${user}`] : [];
  const target = 'service' in spec ? {} : { upstream: { host: 'db', port: 9 } };
  const input = JSON.stringify(gate('tried', { ...target, ...spec }));
  const args = ['-n', name, 'create', '--dry-run=server', '-f', '-', ...as];
  return (await tryKubectl(args, { input })).stderr;
}

/** The same of a merge patch, which is kept. */
async function patch({ name }: Namespace, object: object, user?: string): Promise<string> {
  const as = user === undefined ? [] : [`--as=${user}`];
  const args = ['-n', name, 'patch', 'tg/old', '--type=merge', '-p', JSON.stringify(object)];
  return (await tryKubectl([...args, ...as])).stderr;
}

const upstream = (host: string) => ({ upstream: { host, port: 9 } });

const REFUSED: Record<string, readonly [spec: object, message: string]> = {
  'an address': [
    upstream('169.254.169.254'),
    'spec.upstream.host: 169.254.169.254 is not allowed in this cluster: use a Service of this namespace',
  ],
  'a duration beyond the longest': [
    { toClient: DELAY, durationSeconds: 3_601 },
    'spec.durationSeconds: 3601 is too long for this cluster: set 3600 at most',
  ],
  'faults of the client side on too many connections': [
    { toClient: { ...DELAY, connectionsPercent: 51 } },
    'spec.toClient.connectionsPercent: 51 is more than this cluster allows: set 50 at most',
  ],
  'faults of the server side on all connections': [
    { toServer: { stall: {} } },
    'spec.toServer.connectionsPercent: 100 is more than this cluster allows: set 50 at most',
  ],
};

test('the API server finds no mistake in an expression', async () => {
  const list = await kubectl(['get', 'validatingadmissionpolicies', '-o', 'json']);
  const policies = (JSON.parse(list) as { items: Policy[] }).items.filter(({ metadata }) =>
    metadata.name.startsWith(`${SYSTEM}-chaosgate-tcpgates-`),
  );
  expect(policies).toHaveLength(6);
  for (const { metadata, status } of policies) {
    expect(status.typeChecking, metadata.name).toEqual({});
  }
});

describe('a gate that is new', () => {
  for (const [what, [spec, message]] of Object.entries(REFUSED)) {
    test(`is refused with ${what}`, async () => {
      expect(await create(open, spec)).toContain(message);
    });
  }

  test('is refused in a namespace without the label, which the message names', async () => {
    expect(await create(closed, {})).toContain(
      `metadata.namespace: ${closed.name} is not open to chaos gates: use a namespace that is, or ask an administrator to run "kubectl label namespace ${closed.name} chaosgate.dev/allowed=true"`,
    );
  });

  test('is taken within the bounds, with the duration of the chart or its own', async () => {
    expect(await create(open, {})).toBe('');
    expect(await create(open, { toClient: DELAY })).toBe('');
    expect(await create(open, { toClient: DELAY, durationSeconds: 3_600 })).toBe('');
    expect(await create(open, { durationSeconds: 7_200 })).toBe('');
  });

  test('may be in front of a Service, which is of its own namespace', async () => {
    const service = { name: 'db' };
    expect(await create(open, { service })).toBe('');
    expect(await create(open, { service, toClient: DELAY })).toBe('');
    expect(await create(open, { service, toServer: { stall: {} } })).toContain(
      'spec.toServer.connectionsPercent: 100 is more than this cluster allows',
    );
    expect(await create(open, { service, toClient: DELAY }, 'editor')).toContain(
      'may not change faults',
    );
    expect(await create(open, { service }, 'editor')).toBe('');
  });

  test('has a Service of its own namespace or a host with a suffix for its upstream', async () => {
    const ns = open.name;
    for (const host of [
      ...['db', 'DB', `db.${ns}.svc`, `db-0.db.${ns}.svc`, `db.${ns}.svc.cluster.local.`],
      ...['example.com', 'db.example.com', 'DB.example.com.'],
    ]) {
      expect(await create(open, upstream(host)), host).toBe('');
    }
    for (const host of [
      ...['db.', '::1', 'db.other.svc', `db.${ns}`, `db.x${ns}.svc`, `${ns}.svc`],
      ...['notexample.com', 'example.com.evil.org', `db.${ns}.svc.evil.org`],
    ]) {
      expect(await create(open, upstream(host)), host).toContain('spec.upstream.host: ');
    }
  });
});

describe('without the verb inject', () => {
  test('a gate without faults is taken', async () => {
    expect(await create(open, { durationSeconds: 60 }, 'editor')).toBe('');
  });

  for (const [field, spec] of Object.entries({
    'toClient.delay': { toClient: { ...DELAY, connectionsPercent: 100 }, suspend: true },
    newConnections: { newConnections: 'Refuse' },
    disconnect: { disconnect: { nonce: '1' } },
  })) {
    test(`one with ${field} is refused, and the message names the role`, async () => {
      const said = await create(open, spec, 'editor');
      expect(said).toContain(`spec.${field}`);
      expect(said).toContain(
        `editor may not change faults in namespace ${open.name}: ask an administrator for the ClusterRole ${INJECT} there`,
      );
      expect(await create(open, spec)).toBe('');
    });
  }

  test('faults can be suspended and lifted, and not started or changed', async () => {
    await open.apply(gate('old', { ...upstream('db'), toClient: DELAY }));
    expect(
      await patch(open, { spec: { toClient: { delay: { milliseconds: 2 } } } }, 'editor'),
    ).toContain('spec.toClient.delay: editor');
    expect(await patch(open, { spec: { faultsNonce: '2' } }, 'editor')).toContain(
      'spec.faultsNonce: editor',
    );
    expect(await patch(open, { spec: { suspend: true } }, 'editor')).toBe('');
    expect(await patch(open, { spec: { suspend: false } }, 'editor')).toContain(
      'spec.suspend: editor',
    );
    expect(await patch(open, { spec: { suspend: false } }, 'injector')).toBe('');
    expect(await patch(open, { spec: { maxConnections: 5 } }, 'editor')).toBe('');
    expect(await patch(open, { spec: { toClient: null } }, 'editor')).toBe('');
  });
});

describe('a gate that breaks every policy and is older', () => {
  test('is refused more faults', async () => {
    // By any of the policies: the API server tells of the first one that comes.
    const said = await patch(closed, { spec: { toServer: DELAY } });
    expect(said).toMatch(/ValidatingAdmissionPolicy '\S+' with binding '\S+' denied request: /);
  });

  test('takes labels, finalizers, a status, and is deleted', async () => {
    expect(await patch(closed, { metadata: { labels: { some: 'label' } } })).toBe('');
    expect(await patch(closed, { metadata: { finalizers: ['example.com/hold'] } })).toBe('');
    await closed.wait('old', 'Ready', 60);
    await closed.kubectl('delete', 'tg/old', '--wait=false');
    expect(await patch(closed, { metadata: { finalizers: null } })).toBe('');
    await closed.kubectl('wait', 'tg/old', '--for=delete', '--timeout=30s');
  });
});

test('faults of such a gate can be suspended and lifted', async () => {
  // In an open namespace, as nobody could create it in a closed one any more.
  await open.apply(gate('old', { ...upstream('db'), toClient: DELAY }));
  await kubectl(['label', 'namespace', open.name, 'chaosgate.dev/allowed-']);
  try {
    await eventually(async () => {
      const change = { spec: { toClient: { delay: { milliseconds: 3 } } } };
      expect(await patch(open, change)).toContain('is not open to chaos gates');
    });
    expect(await patch(open, { spec: { suspend: true } })).toBe('');
    expect(await patch(open, { spec: { suspend: false } })).toContain('is not open');
    expect(await patch(open, { spec: { toClient: null, suspend: false } })).toBe('');
  } finally {
    await kubectl(['label', 'namespace', open.name, 'chaosgate.dev/allowed=true']);
  }
});

/** The text of an audit annotation is seen in the audit log alone: here the same expression is that of a refusal. */
test('an audit annotation says who changed which faults', async () => {
  const name = `${SYSTEM}-chaosgate-tcpgates-audit`;
  const told = JSON.parse(await kubectl(['get', 'validatingadmissionpolicy', name, '-o', 'json']));
  const [{ key, valueExpression }] = told.spec.auditAnnotations;
  expect(key).toBe('faults');
  const { auditAnnotations: _, ...spec } = told.spec;
  const copy = { name: `${open.name}-audit` };
  const validations = [
    { expression: `(${valueExpression}) == ''`, messageExpression: valueExpression },
  ];
  const { apiVersion } = told;
  await kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion, kind: told.kind, metadata: copy, spec: { ...spec, validations } },
        {
          apiVersion,
          kind: `${told.kind}Binding`,
          metadata: copy,
          spec: {
            policyName: copy.name,
            validationActions: ['Deny'],
            matchResources: {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': open.name } },
            },
          },
        },
      ],
    }),
  });
  try {
    await open.apply(gate('old', upstream('db')));
    await eventually(async () => {
      expect(
        await create(open, { toClient: DELAY, newConnections: 'Hold', durationSeconds: 60 }),
      ).toContain(
        'injector changed toClient.delay, toClient.connectionsPercent, newConnections, durationSeconds; in force: toClient.delay, newConnections Hold',
      );
    });
    expect(await create(open, {})).toBe('');
    expect(await patch(open, { spec: { maxConnections: 6 } }, 'editor')).toBe('');
    expect(await patch(open, { spec: { suspend: true } }, 'editor')).toContain(
      'editor changed suspend; suspended: none',
    );
  } finally {
    await kubectl([
      ...['delete', `validatingadmissionpolicy/${copy.name}`],
      `validatingadmissionpolicybinding/${copy.name}`,
    ]);
  }
});

describe('a cluster without ValidatingAdmissionPolicy', () => {
  const template = (...options: string[]) =>
    attempt('helm', ['template', 'old', CHART, '--kube-version', '1.29.0', ...options]);

  test('takes the chart without policies', async () => {
    expect((await template()).stderr).toBe('');
  });

  for (const value of [
    ...['namespaceLabel=a', 'upstreams.ownNamespace=true', 'upstreams.suffixes={a.b}'],
    ...['maxDurationSeconds=1', 'maxConnectionsPercent=99', 'requireInject=true', 'audit=true'],
  ]) {
    test(`refuses policies.${value}, and says what to do`, async () => {
      const { code, stderr } = await template('--set', `policies.${value}`);
      expect(code).not.toBe(0);
      expect(stderr).toContain(
        'policies needs admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy, which Kubernetes has since 1.30, and this cluster (v1.29.0) does not serve: set every value of policies back',
      );
    });
  }
});

test('faults without a duration are refused where the default of the chart is longer', async () => {
  const render = (...values: string[]) =>
    attempt('helm', [
      ...['template', 'x', CHART, '--kube-version', '1.30.0'],
      ...['--set', ['policies.maxDurationSeconds=600', ...values].join(',')],
    ]);
  const needed = 'faults need an end in this cluster: set it, to 600 at most';
  for (const values of [[], ['faults.defaultDurationSeconds=0']]) {
    expect((await render(...values)).stdout).toContain(needed);
  }
  for (const value of ['faults.defaultDurationSeconds=600', 'faults.maxDurationSeconds=600']) {
    const { code, stdout } = await render(value);
    expect(code).toBe(0);
    expect(stdout).not.toContain(needed);
  }
});

test('a release for some namespaces binds its policies in these alone', async () => {
  const { stdout } = await attempt('helm', [
    ...['template', 'some', CHART, '-n', open.name, '--kube-version', '1.30.0'],
    ...[
      '-s',
      'templates/policies.yaml',
      '-f',
      SHARED_CLUSTER,
      '--set',
      `namespaces={${open.name}}`,
    ],
  ]);
  const created = await kubectl(['create', '--dry-run=server', '-f', '-', '-o', 'yaml'], {
    input: stdout,
  });
  const bindings = parseAllDocuments(created)
    .map((document) => document.toJS() as Binding)
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
  expect(bindings).toHaveLength(6);
  for (const { metadata, spec } of bindings) {
    expect(spec.policyName).toBe(metadata.name);
    expect(spec.matchResources?.namespaceSelector?.matchExpressions).toEqual([
      { key: 'kubernetes.io/metadata.name', operator: 'In', values: [open.name] },
    ]);
  }
});

interface Policy {
  readonly metadata: { readonly name: string };
  readonly status: { readonly typeChecking: object };
}

interface Binding {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly policyName: string;
    readonly matchResources?: {
      readonly namespaceSelector?: { readonly matchExpressions?: readonly object[] };
    };
  };
}
