/** The chart as its users meet it: `helm test`, `kubectl explain`, and an operator for some namespaces only. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installChart, uninstallChart } from './support/install.ts';
import { helm, kubectl, tryKubectl } from './support/kubectl.ts';
import { type GateStatus, gate } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM, scaleOperator } from './support/system.ts';

test('`helm test` passes', async () => {
  expect(await helm(['test', 'chaosgate', '-n', SYSTEM, '--timeout', '1m'])).toContain('Succeeded');
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

describe('an operator for given namespaces', () => {
  let served: Namespace;
  let other: Namespace;

  beforeAll(async () => {
    served = await Namespace.create('served');
    other = await Namespace.create('unserved');
    await scaleOperator(0);
    await installChart('scoped', served.name, `namespaces={${served.name}}`, 'crds.enabled=false');
  });

  afterAll(async () => {
    await uninstallChart('scoped', served.name);
    await scaleOperator(1);
    await served.delete();
    await other.delete();
  });

  test('serves these, without any right in the others', async () => {
    const spec = { upstream: { host: '127.0.0.1', port: 9 } };
    await other.apply(gate('left-alone', spec));
    await served.apply(gate('here', spec));
    await served.wait('here', 'Ready', 60);
    const { status } = await other.get<GateStatus>('tcpgate', 'left-alone');
    expect(status).toBeUndefined();

    const user = `--as=system:serviceaccount:${served.name}:scoped-chaosgate`;
    const can = async ({ name }: Namespace) =>
      (await tryKubectl(['auth', 'can-i', 'list', 'secrets', '-n', name, user])).stdout.trim();
    expect(await can(served)).toBe('yes');
    expect(await can(other)).toBe('no');
  });
});
