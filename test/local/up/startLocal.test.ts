/** chaosgate in the process that uses it, as a library starts it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RE2JS } from 're2js';
import { expect, test, vi } from 'vitest';
import { type Local, startLocal } from '../../../src/local/start.ts';
import { rowsOf } from '../../../src/local/up/rows.ts';
import { untilReady } from '../../../src/local/up/untilReady.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';
import { atEnd } from '../../gate/support/atEnd.ts';
import { Peer } from '../../gate/support/peer.ts';
import { TestServer } from '../../gate/support/server.ts';
import { Kubectl, kubectlProgram } from '../support/kubectl.ts';
import { aFolder } from './support/up.ts';

/** Stopped with the test; whatever it leaves open then fails the test. */
async function start(): Promise<Local> {
  const errors: unknown[] = [];
  const local = await startLocal({ onError: (error) => errors.push(error) });
  atEnd(async () => {
    await local.stop();
    expect(errors).toEqual([]);
  });
  return local;
}

async function addGate(local: Local, port: number, faults: object = {}): Promise<number> {
  const gate = {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'db', namespace: 'default' },
    spec: { upstream: { host: '127.0.0.1', port }, ...faults },
  };
  await local.kube.create(TCP_GATES, gate);
  await untilReady(local, 5_000);
  return Number(rowsOf(local)[0]?.listen.split(':').at(-1));
}

test('serves gates and an API, and leaves nothing behind', async () => {
  const local = await start();
  const server = await TestServer.listen();
  const port = await addGate(local, server.port);
  const [client, end] = await Promise.all([Peer.connect(port), server.accept()]);
  const home = await aFolder();
  const kubeconfig = join(home, 'config');
  await writeFile(kubeconfig, local.kubeconfig);
  const kubectl = new Kubectl(await kubectlProgram(), kubeconfig, home);
  await kubectl.run('patch', 'tg', 'db', '--type=merge', '-p', '{"spec":{"toServer":{"drop":{}}}}');
  await kubectl.run('wait', 'tg/db', '--for=condition=Programmed', '--timeout=5s');
  client.send('lost');
  await end.seesNothingMore();
});

test('a spec that costs is paid for once, however often its gate is looked at', async () => {
  const compile = vi.spyOn(RE2JS, 'compile');
  const compiled = (): number => compile.mock.calls.length;
  atEnd(() => compile.mockRestore());
  const substitute = (direction: string) =>
    Array.from({ length: 8 }, (_, index) => ({
      pattern: `${direction}${index}[a-z0-9_.-]{99}[^k-z]{99}`,
      replacement: 'x',
    }));
  const local = await start();
  const server = await TestServer.listen();
  const port = await addGate(local, server.port, {
    toServer: { substitute: substitute('server') },
    toClient: { substitute: substitute('client') },
  });
  // Once to judge it, once to run it.
  await Promise.all([Peer.connect(port), server.accept()]);
  const atFirst = compiled();
  expect(atFirst).toBeLessThanOrEqual(32);

  const ref = { namespace: 'default', name: 'db' };
  for (let accepted = 2; accepted < 8; accepted += 1) {
    await local.kube.mergePatch(TCP_GATES, ref, { metadata: { labels: { at: `${accepted}` } } });
    await Promise.all([Peer.connect(port), server.accept()]);
    await vi.waitFor(
      () => expect(rowsOf(local)[0]?.connections).toMatchObject({ accepted }),
      5_000,
    );
  }
  expect(compiled()).toBe(atFirst);
});

test('two in one process do not know of each other', async () => {
  const [one, other] = [await start(), await start()];
  const server = await TestServer.listen();
  await addGate(one, server.port);
  expect(rowsOf(other)).toEqual([]);
  const ports = [await addGate(other, server.port), rowsOf(one)[0]?.listen];
  expect(`127.0.0.1:${ports[0]}`).not.toBe(ports[1]);
});

test('what it is asked without a socket is refused in the same way', async () => {
  const { kube } = await start();
  const ref = { name: 'nothing', namespace: 'default' };
  await expect(kube.delete(TCP_GATES, ref)).rejects.toMatchObject({
    status: 404,
    reason: 'NotFound',
  });
  await expect(kube.mergePatch(TCP_GATES, ref, {})).rejects.toMatchObject({ status: 404 });
});
