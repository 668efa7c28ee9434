/** What belongs to a gate goes with it; what does not is left alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

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

test('a gate that is deleted and made anew at once serves again', async () => {
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
  expect(await namespace.kubectl('get', 'service', 'taken', '-o', 'json')).toBe(before);

  await namespace.kubectl('delete', 'service', 'taken');
  await namespace.wait('taken', 'Ready', 60);
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
