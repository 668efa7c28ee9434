/** Bad input is told at the earliest place, by the name of its field, and crashes nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM } from './support/system.ts';

let namespace: Namespace;
let agent: Agent;
let restartsBefore: number;

beforeAll(async () => {
  namespace = await Namespace.create('input');
  agent = await Agent.start(namespace, 'echo');
  await agent.call('tcpEcho', { port: 7_000 });
  await namespace.apply(
    service('echo', 'echo', 7_000),
    gate('good', { upstream: { host: 'echo', port: 7_000 } }),
  );
  await namespace.wait('good', 'Ready', 60);
  restartsBefore = await restarts();
});

afterAll(async () => {
  agent.stop();
  await namespace.delete();
});

const upstream = { host: 'echo', port: 7_000 };

describe('the API server refuses', () => {
  test.each([
    ['a gate without an upstream', gate('bad', {}), 'spec.upstream is required'],
    [
      'a port of the wrong type',
      gate('bad', { upstream: { ...upstream, port: '7000' } }),
      'spec.upstream.port',
    ],
    [
      'a port out of range',
      gate('bad', { upstream: { ...upstream, port: 70_000 } }),
      'spec.upstream.port',
    ],
    [
      'a host with a port in it',
      gate('bad', { upstream: { ...upstream, host: 'echo/7000' } }),
      'spec.upstream.host',
    ],
    [
      'a mode that does not exist',
      gate('bad', { upstream, newConnections: 'Drop' }),
      'spec.newConnections',
    ],
    ['an unknown field', gate('bad', { upstream, toClient: { delai: {} } }), 'spec.toClient.delai'],
    [
      'a negative delay',
      gate('bad', { upstream, toClient: { delay: { milliseconds: -1 } } }),
      'spec.toClient.delay.milliseconds',
    ],
    [
      'more jitter than delay',
      gate('bad', { upstream, toClient: { delay: { milliseconds: 1, jitterMilliseconds: 2 } } }),
      'jitterMilliseconds must not be greater than milliseconds',
    ],
    [
      'a share above 100 percent',
      gate('bad', { upstream, toServer: { connectionsPercent: 101 } }),
      'spec.toServer.connectionsPercent',
    ],
    [
      'a disconnect without a nonce',
      gate('bad', { upstream, disconnect: { how: 'Fin' } }),
      'spec.disconnect.nonce',
    ],
    ['a name too long for its children', gate('a'.repeat(54), { upstream }), 'metadata.name'],
    ['a name that no Service can have', gate('a.b', { upstream }), 'metadata.name'],
  ])('%s', async (_, object, field) => {
    await expect(namespace.apply(object)).rejects.toThrow(field);
  });

  test('the same by patch, and the gate goes on as it was', async () => {
    await expect(
      namespace.patch('good', { toClient: { delay: { milliseconds: 'long' } } }),
    ).rejects.toThrow('spec.toClient.delay.milliseconds');
    await namespace.wait('good', 'Programmed');
  });
});

test('a misspelt field in a patch brings a warning, and the status shows that nothing is in force', async () => {
  const { stderr } = await namespace.tryKubectl(
    ...['patch', 'tg', 'good', '--type', 'merge', '-p', '{"spec":{"toClient":{"delai":{}}}}'],
  );
  expect(stderr).toContain('unknown field "spec.toClient.delai"');
  const { status } = await namespace.get<GateStatus>('tcpgate', 'good');
  expect(status.faults).toBe('none');
});

test('the longest name that is allowed works', async () => {
  const name = 'n'.repeat(53);
  await namespace.apply(gate(name, { upstream }));
  await namespace.wait(name, 'Ready', 60);
  await namespace.kubectl('delete', 'tg', name);
});

describe('an upstream', () => {
  test.each([
    [
      'that does not resolve',
      'unresolvable',
      { host: 'nobody.invalid', port: 1 },
      'NameNotResolved',
      'nobody.invalid',
    ],
    ['that refuses', 'refusing', { host: 'echo', port: 7_001 }, 'ConnectionRefused', '7001'],
    [
      // 10.96.0.0/16 holds the Services of the test cluster; one that does not exist answers nothing.
      'that hangs',
      'hanging',
      { host: '10.96.255.254', port: 1, connectTimeoutMilliseconds: 500 },
      'ConnectTimeout',
      '500 ms',
    ],
  ])(
    '%s is named in UpstreamReachable, and the client is reset',
    async (_, name, bad, reason, text) => {
      await namespace.apply(gate(name, { upstream: bad, listen: { port: 80 } }));
      await namespace.wait(name, 'Ready', 60);
      // A name is known without a client.
      if (reason === 'NameNotResolved') await namespace.wait(name, 'UpstreamReachable=false');

      const target = { host: name, port: 80 };
      // The rules of a node know a Service's endpoints a moment after the gate is Ready: until then it refuses.
      await eventually(async () => {
        expect(await agent.call('tcpOpen', { name, target })).not.toBe('ECONNREFUSED');
      });
      const { state } = await agent.call('tcpWait', { name, timeoutMs: 10_000 });
      expect(state).toBe('ECONNRESET');
      await namespace.wait(name, 'UpstreamReachable=false');
      const { status } = await namespace.get<GateStatus>('tcpgate', name);
      const condition = status.conditions?.find(({ type }) => type === 'UpstreamReachable');
      expect(condition).toMatchObject({ status: 'False', reason });
      expect(condition?.message).toContain(text);

      // Corrected in place, the gate serves.
      await namespace.patchAndWait(name, {
        upstream: { ...upstream, connectTimeoutMilliseconds: 5_000 },
      });
      await agent.call('tcpOpen', { name, target });
      await namespace.wait(name, 'UpstreamReachable');
      await namespace.kubectl('delete', 'tg', name);
    },
  );
});

test('after all of this no container of ours has restarted', async () => {
  expect(await restarts()).toBe(restartsBefore);
});

/** How often containers of the operator and of this file's proxies have restarted. */
async function restarts(): Promise<number> {
  const counts = await Promise.all(
    [SYSTEM, namespace.name].map((where) =>
      kubectl([
        ...['-n', where, 'get', 'pod', '-o'],
        'jsonpath={.items[*].status.containerStatuses[*].restartCount}',
      ]),
    ),
  );
  return counts
    .join(' ')
    .split(' ')
    .reduce((sum, count) => sum + Number(count), 0);
}
