/** Messages of the library that tell people to do something: it is done, and then all is well. */
import { writeFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { connect } from '../../src/client/client.ts';
import { atEnd } from '../gate/support/atEnd.ts';
import { startUp } from '../local/up/support/up.ts';
import { connected, failureOf, kubeconfigOf, started, upstreamOf, world } from './support/world.ts';

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return String(await failureOf(promise));
}

describe('of a gate', () => {
  test('that is not there, to make it with a spec', async () => {
    const { chaos, server } = await world();
    expect(await messageOf(chaos.gate('nowhere'))).toMatch(
      /With a spec, chaos\.gate\(\) makes it$/,
    );
    const gate = await chaos.gate('nowhere', upstreamOf(server));
    await gate.toServer.drop();
  });

  test('that somebody has deleted, to create it again', async () => {
    const { chaos, gate, server } = await world();
    const other = await chaos.gate('echo');
    const waiting = messageOf(other.waitForConnections(5));
    await gate.close();
    expect(await waiting).toMatch(/chaos\.gate\(\) creates it again$/);
    const fresh = await chaos.gate('echo', upstreamOf(server));
    await fresh.toServer.drop();
  });

  test('that another one has the name of, to take that over', async () => {
    const { chaos, gate, server } = await world();
    const old = await chaos.gate('echo');
    await gate.close();
    await chaos.gate('echo', upstreamOf(server));
    expect(await messageOf(old.toServer.drop())).toMatch(/chaos\.gate\(\) uses that one$/);
    const taken = await chaos.gate('echo');
    await taken.toServer.drop();
    expect(taken.faults).toBe('toServer drop');
  });
});

describe('without a server', () => {
  test('to start one, or to have one in this process', async () => {
    const { home, up } = await startUp();
    vi.stubEnv('KUBECONFIG', `${home}/nowhere`);
    atEnd(() => vi.unstubAllEnvs());
    const message = await messageOf(connect());
    expect(message).toContain('"npx chaosgate up"');
    expect(message).toContain('connect({ local: true })');
    await (await connect({ local: true })).close();
    vi.stubEnv('KUBECONFIG', `${home}/.chaosgate/kubeconfig`);
    await (await connect()).close();
    await up.stop();
  });

  test('that answers, to see whether KUBECONFIG names the right one', async () => {
    const gone = await started();
    const kubeconfig = await kubeconfigOf(gone);
    await gone.close();
    expect(await messageOf(connect({ kubeconfig }))).toMatch(
      /Check that it is running and that KUBECONFIG points to the right one\b/,
    );
    const right = await kubeconfigOf(await started());
    await connected({ kubeconfig: right });
  });

  test('that lets it in, to take the kubeconfig of the last start', async () => {
    const chaos = await started();
    const kubeconfig = await kubeconfigOf(chaos);
    await writeFile(kubeconfig, (chaos.kubeconfig ?? '').replace(/token: .*/, 'token: stale'));
    expect(await messageOf(connect({ kubeconfig }))).toMatch(
      /Check that the kubeconfig is the one written by the last start/,
    );
    await connected({ kubeconfig: await kubeconfigOf(chaos) });
  });
});

test('of two servers, to leave one of them out', async () => {
  const kubeconfig = await kubeconfigOf(await started());
  expect(await messageOf(connect({ local: true, kubeconfig }))).toMatch(/omit one of them$/);
  await connected({ kubeconfig });
  await connected({ local: true });
});
