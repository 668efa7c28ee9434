/** What belongs to a gate goes with it; what does not is left alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { leader, SYSTEM } from './support/system.ts';

const CHILDREN = 'deployment,service,secret,networkpolicy,pod';

let namespace: Namespace;
let other: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('ownership');
  other = await Namespace.create('other');
  agent = await Agent.start(namespace, 'echo');
  await agent.call('tcpEcho', { port: 7_000 });
  await namespace.apply(service('echo', 'echo', 7_000));
});

afterAll(async () => {
  agent.stop();
  await namespace.delete();
  await other.delete();
});

const upstream = () => ({ host: `echo.${namespace.name}.svc`, port: 7_000 });

function childrenOf(name: string, of: Namespace): Promise<string> {
  return of.kubectl('get', CHILDREN, '-l', `chaosgate.dev/gate=${name}`, '-o', 'name');
}

test('a deleted gate takes its children with it', async () => {
  await namespace.apply(gate('short-lived', { upstream: upstream() }));
  await namespace.wait('short-lived', 'Ready', 60);
  const children = await childrenOf('short-lived', namespace);
  for (const kind of ['deployment', 'service', 'secret', 'networkpolicy', 'pod']) {
    expect(children).toContain(kind);
  }
  await namespace.kubectl('delete', 'tg', 'short-lived');
  await eventually(async () => expect(await childrenOf('short-lived', namespace)).toBe(''));
});

test('a gate that is deleted and created again at once serves again', async () => {
  const again = gate('again', { upstream: upstream() });
  await namespace.apply(again);
  await namespace.wait('again', 'Ready', 60);
  await namespace.kubectl('delete', 'tg', 'again');
  await namespace.apply(again);
  await namespace.wait('again', 'Ready', 60);
  const target = { host: 'again', port: 7_000 };
  await agent.open('again', target);
  await agent.call('tcpClose', { name: 'again' });
});

test('a Service of that name that already exists stalls the gate and is not touched', async () => {
  await namespace.apply(service('taken', 'someone-else', 1_234));
  const before = await namespace.kubectl('get', 'service', 'taken', '-o', 'json');
  await namespace.apply(gate('taken', { upstream: upstream() }));
  await namespace.wait('taken', 'Stalled');
  const { status } = await namespace.get<GateStatus>('tcpgate', 'taken');
  const stalled = status.conditions?.find(({ type }) => type === 'Stalled');
  expect(stalled).toMatchObject({ reason: 'NameTaken' });
  expect(stalled?.message).toContain('Service taken');
  // Anyone who has that name, it is not the gate.
  expect(status).not.toHaveProperty('address');
  const fault = { toClient: { delay: { milliseconds: 300 } } };
  await namespace.patch('taken', fault);
  const waited = await namespace.tryKubectl(
    ...['wait', 'tg/taken', '--for=condition=Programmed', '--timeout=5s'],
  );
  expect(waited.code).not.toBe(0);
  const row = await namespace.kubectl('get', 'tg', 'taken', '--no-headers');
  expect(row).toContain('none (unreachable: toClient delay 300ms)');
  expect(await namespace.kubectl('get', 'service', 'taken', '-o', 'json')).toBe(before);

  await namespace.kubectl('delete', 'service', 'taken');
  await namespace.wait('taken', 'Ready', 60);
  const mended = await namespace.get<GateStatus>('tcpgate', 'taken');
  expect(mended.status).toMatchObject({
    address: `taken.${namespace.name}.svc:7000`,
    faults: 'toClient delay 300ms',
  });
});

async function stalledOf(name: string) {
  await namespace.wait(name, 'Stalled');
  const { status } = await namespace.get<GateStatus>('tcpgate', name);
  return status.conditions?.find(({ type }) => type === 'Stalled');
}

test('a gate in front of its own Service is not run until it names another', async () => {
  const names = ['own', `own.${namespace.name}`, `own.${namespace.name}.svc.cluster.local`];
  for (const host of names) {
    await namespace.apply(gate('own', { upstream: { host, port: 7_000 } }));
    await eventually(async () =>
      expect(await stalledOf('own')).toMatchObject({
        reason: 'UpstreamIsGate',
        message: expect.stringContaining(`spec.upstream.host ${host} is the gate's own Service`),
      }),
    );
  }
  expect(await childrenOf('own', namespace)).toBe('');
  await namespace.apply(gate('own', { upstream: upstream() }));
  await namespace.wait('own', 'Ready', 60);
});

test('a gate that runs and is sent to its own Service goes on as it was', async () => {
  await namespace.apply(gate('astray', { upstream: upstream() }));
  await namespace.wait('astray', 'Ready', 60);
  await namespace.patch('astray', { upstream: { host: 'astray' } });
  expect(await stalledOf('astray')).toMatchObject({ reason: 'UpstreamIsGate' });
  await agent.open('astray', { host: 'astray', port: 7_000 });
  await agent.call('tcpClose', { name: 'astray' });
});

test('a gate that has the name of the Service in front of which it is to be says so', async () => {
  await namespace.apply(gate('echo', { upstream: { host: 'echo', port: 7_000 } }));
  const stalled = await stalledOf('echo');
  expect(stalled).toMatchObject({ reason: 'NameTaken' });
  expect(stalled?.message).toContain('Service echo exists and does not belong to this gate');
});

test('what a gate leaves that is deleted without it is found, and removed as is said', async () => {
  const orphan = gate('orphan', { upstream: upstream() });
  await namespace.apply(orphan);
  await namespace.wait('orphan', 'Ready', 60);
  await namespace.kubectl('delete', 'tg', 'orphan', '--cascade=orphan');
  const removal = `kubectl -n ${namespace.name} delete service,secret,deployment,networkpolicy -l chaosgate.dev/gate=orphan`;
  await eventually(async () => {
    const log = await kubectl(['-n', SYSTEM, 'logs', await leader()]);
    expect(log).toContain(`"removal":"${removal}"`);
  });

  await namespace.apply(orphan);
  const stalled = await stalledOf('orphan');
  expect(stalled).toMatchObject({ reason: 'NameTaken' });
  expect(stalled?.message).toContain(`with --cascade=orphan: remove the leftovers with ${removal}`);
  await kubectl(removal.split(' ').slice(1));
  await namespace.wait('orphan', 'Ready', 60);
});

test('a child that someone deletes or changes comes back as it was', async () => {
  await namespace.apply(gate('mended', { upstream: upstream() }));
  await namespace.wait('mended', 'Ready', 60);
  await namespace.kubectl('delete', 'service', 'mended');
  await eventually(() => namespace.kubectl('get', 'service', 'mended'));
  await namespace.kubectl('scale', 'deployment', 'mended-chaosgate', '--replicas=0');
  await eventually(async () => {
    const text = await namespace.kubectl(
      'get',
      'deployment',
      'mended-chaosgate',
      '-o',
      'jsonpath={.spec.replicas}',
    );
    expect(text).toBe('1');
  });
  await namespace.kubectl('delete', 'secret', 'mended-chaosgate');
  await eventually(() => namespace.kubectl('get', 'secret', 'mended-chaosgate'));
  await namespace.wait('mended', 'Ready', 60);
  await namespace.patchAndWait('mended', { toClient: { delay: { milliseconds: 20 } } });
});

interface Child {
  readonly metadata: {
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
}

function patchChild(child: string, patch: object, ...more: string[]): Promise<string> {
  const args = ['--type', 'merge', '-p', JSON.stringify(patch), ...more];
  return namespace.kubectl('patch', child, ...args);
}

function part(child: string, jsonPath: string): Promise<string> {
  return namespace.kubectl('get', child, '-o', `jsonpath={${jsonPath}}`);
}

test('what a gate depends on is put back exactly, and what others may add is left', async () => {
  await namespace.apply(gate('exact', { upstream: upstream() }));
  await namespace.wait('exact', 'Ready', 60);
  const CONTAINER = '.spec.template.spec.containers[0]';
  const exact: [child: string, path: string][] = [
    ['service/exact', '.spec.selector'],
    ['service/exact', '.spec.ports'],
    ['networkpolicy/exact-chaosgate', '.spec.ingress'],
    ['secret/exact-chaosgate', '.data'],
    ['deployment/exact-chaosgate', `${CONTAINER}.image`],
    ['deployment/exact-chaosgate', `${CONTAINER}.env`],
    ['deployment/exact-chaosgate', `${CONTAINER}.livenessProbe`],
  ];
  const parts = () => Promise.all(exact.map(([child, path]) => part(child, path)));
  const before = await parts();

  await patchChild('service/exact', {
    metadata: { labels: { team: 'db' } },
    spec: { selector: { app: 'x' }, ports: [{ port: 1, name: 'more' }] },
  });
  await patchChild('networkpolicy/exact-chaosgate', {
    metadata: { annotations: { note: 'mine' } },
    spec: { ingress: [{}] },
  });
  await patchChild('secret/exact-chaosgate', { data: { more: 'eA==' } });
  const changes = [
    { op: 'add', path: '/spec/template/spec/containers/0/image', value: 'localhost/none' },
    {
      op: 'add',
      path: '/spec/template/spec/containers/0/env',
      value: [{ name: 'NODE_OPTIONS', value: '--no-such-option' }],
    },
    // Does not go with the one that is asked for: a probe has one way to ask.
    {
      op: 'add',
      path: '/spec/template/spec/containers/0/livenessProbe',
      value: { exec: { command: ['false'] } },
    },
  ];
  const json = ['--type', 'json', '-p', JSON.stringify(changes)];
  await namespace.kubectl('patch', 'deployment', 'exact-chaosgate', ...json);

  await eventually(async () => expect(await parts()).toEqual(before));
  const { metadata } = await namespace.get<Child>('service', 'exact');
  expect(metadata.labels).toMatchObject({ team: 'db' });
  const policy = await namespace.get<Child>('networkpolicy', 'exact-chaosgate');
  expect(policy.metadata.annotations).toMatchObject({ note: 'mine' });
  await namespace.wait('exact', 'Ready', 60);
  await agent.open('exact', { host: 'exact', port: 7_000 });
  await agent.call('tcpClose', { name: 'exact' });
  await eventually(async () => {
    const events = await namespace.kubectl('events', '--for=tcpgate/exact');
    expect(events).toMatch(/ChildChanged .*Service exact is changed by "kubectl-patch": spec\./);
  });
});

test('who keeps changing a child is named on the gate, and not fought forever', async () => {
  await namespace.apply(gate('contested', { upstream: upstream() }));
  await namespace.wait('contested', 'Ready', 60);
  const selector = () => part('service/contested', '.spec.selector.app');
  const keepsChanging = () =>
    patchChild(
      'service/contested',
      { spec: { selector: { app: 'x' } } },
      '--field-manager=stubborn',
    );
  // It was made once already.
  for (let times = 2; times <= 5; times += 1) {
    await keepsChanging();
    await eventually(async () => expect(await selector()).toBe(''));
  }
  await keepsChanging();
  // Before, the Service leads nowhere, which is a reason of its own.
  await eventually(async () => {
    const { status } = await namespace.get<GateStatus>('tcpgate', 'contested');
    expect(status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ChildContested',
      message: expect.stringContaining('Service contested is changed by "stubborn": spec.selector'),
    });
  });
});

test('two gates in two namespaces do not know of each other', async () => {
  const spec = { upstream: upstream() };
  await namespace.apply(gate('twin', spec));
  await other.apply(gate('twin', spec));
  await namespace.wait('twin', 'Ready', 60);
  await other.wait('twin', 'Ready', 60);
  for (const { name } of [namespace, other]) {
    const target = { host: `twin.${name}.svc`, port: 7_000 };
    await agent.open(name, target);
  }
  await namespace.patchAndWait('twin', { toClient: { delay: { milliseconds: 300 } } });
  const [slow, fast] = await agent.call('tcpRoundTrips', { names: [namespace.name, other.name] });
  expect(slow).toBeGreaterThanOrEqual(300);
  expect(fast).toBeLessThan(300);
  const { status } = await other.get<GateStatus>('tcpgate', 'twin');
  expect(status.faults).toBe('none');
});
