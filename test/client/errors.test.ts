/** What goes wrong, and what the library says then. */
import { writeFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import {
  connect,
  ForbiddenError,
  GateNotFoundError,
  InvalidError,
  NotInstalledError,
  NotProgrammedError,
  UnreachableError,
} from '../../src/client/client.ts';
import { atEnd } from '../gate/support/atEnd.ts';
import { freePort } from '../gate/support/ports.ts';
import { TestServer } from '../gate/support/server.ts';
import { scriptedApi, status } from '../unit/kube/support/scriptedApi.ts';
import {
  client,
  echo,
  failureOf,
  kubeconfigOf,
  roundTrip,
  started,
  upstreamOf,
  world,
} from './support/world.ts';

describe('what the API refuses', () => {
  test('is said by field, and nothing has changed', async () => {
    const { gate } = await world();
    await gate.toServer.delay(1);
    const error = await failureOf(gate.toServer.delay(-1, { jitter: 5 }));
    expect(error).toBeInstanceOf(InvalidError);
    expect(error).toMatchObject({
      gate: 'default/echo',
      causes: expect.arrayContaining([
        {
          field: 'spec.toServer.delay.milliseconds',
          message: expect.stringContaining('greater than or equal to 0'),
        },
      ]),
    });
    expect(gate.faults).toBe('toServer delay 1ms');
  });

  test('is a value that cannot be meant, in any kind of change', async () => {
    const { chaos, gate } = await world();
    const misplaced = { upstream: { host: 'redis:6379', port: 1 } };
    const errors = await Promise.all(
      [
        gate.toServer.delay(4_000_000),
        gate.toServer.merge({ connectionsPercent: 101 }),
        chaos.gate('other', misplaced),
      ].map(failureOf),
    );
    for (const error of errors) expect(error).toBeInstanceOf(InvalidError);
    expect(errors).toMatchObject(
      ['toServer.delay.milliseconds', 'toServer.connectionsPercent', 'upstream.host'].map(
        (field) => ({ causes: [{ field: `spec.${field}` }] }),
      ),
    );
    expect(String(errors[2])).toContain('host must not have a port: write it in the field port');
  });

  test('is a name that can be none', async () => {
    const { chaos, server } = await world();
    const error = await failureOf(chaos.gate('Not_A_Name', upstreamOf(server)));
    expect(error).toBeInstanceOf(InvalidError);
  });
});

describe('a gate that is not there', () => {
  test('is not found', async () => {
    const { chaos } = await world();
    const error = await failureOf(chaos.gate('nowhere'));
    expect(error).toBeInstanceOf(GateNotFoundError);
    expect(error).toMatchObject({ gate: 'default/nowhere' });
  });

  test('ends every wait for it', async () => {
    const { chaos, gate } = await world();
    const other = await chaos.gate('echo');
    const waiting = failureOf(other.waitForConnections(5));
    const counting = failureOf(other.connectionsCount());
    await gate.close();
    expect(await waiting).toBeInstanceOf(GateNotFoundError);
    expect(await counting).toBeInstanceOf(GateNotFoundError);
  });

  test('is not mixed up with the one that has its name now', async () => {
    const { chaos, gate, server } = await world();
    const old = await chaos.gate('echo');
    await gate.close();
    const fresh = await chaos.gate('echo', upstreamOf(server));
    const calls = [old.toServer.drop(), old.toServer.merge({ drop: {} }), old.disconnect()];
    for (const error of await Promise.all(calls.map(failureOf))) {
      expect(error).toBeInstanceOf(GateNotFoundError);
      expect(error).toMatchObject({
        message: expect.stringContaining('replaced by another gate of the same name'),
      });
    }
    await old.close();
    expect(fresh.faults).toBe('none');
    await roundTrip(await client(fresh));
  });
});

test('a change that does not come into force says why, when its time is up', async () => {
  const { gate, server } = await world();
  await gate.stop();
  const port = gate.port;
  const intruder = await TestServer.listen({ port });
  const error = await failureOf(gate.start({ timeout: 300 }));
  intruder.close();
  expect(error).toBeInstanceOf(NotProgrammedError);
  expect(error).toMatchObject({
    reason: 'ListenFailed',
    message: expect.stringContaining(`${port}`),
  });
  await gate.reset();
  await roundTrip(await client(gate));
  expect(server.count).toBeGreaterThan(0);
});

describe('a signal', () => {
  test('ends a wait with its reason', async () => {
    const { gate } = await world();
    const ending = new AbortController();
    const waiting = failureOf(gate.waitForConnections(1, { signal: ending.signal }));
    const reason = new Error('enough');
    ending.abort(reason);
    expect(await waiting).toBe(reason);
  });

  test('that has ended already lets nothing begin', async () => {
    const { chaos, gate, server } = await world();
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await failureOf(gate.toServer.drop({ signal }))).toBe(reason);
    expect(await failureOf(gate.connectionsCount({ signal }))).toBe(reason);
    expect(await failureOf(chaos.gate('other', upstreamOf(server), { signal }))).toBe(reason);
    expect(await failureOf(connect({ local: true, signal }))).toBe(reason);
    expect(gate.faults).toBe('none');
  });
});

test.each([0, -5, Number.NaN])('a timeout of %d is no timeout', async (timeout) => {
  const { gate } = await world();
  const calls = [gate.toServer.drop({ timeout }), gate.waitForConnections(1, { timeout })];
  for (const error of await Promise.all(calls.map(failureOf))) {
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringContaining('timeout must be') });
  }
});

describe('without an API', () => {
  test('the error says how to have one', async () => {
    vi.stubEnv('KUBECONFIG', '/nowhere/kubeconfig');
    atEnd(() => vi.unstubAllEnvs());
    const error = await failureOf(connect());
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/\/nowhere\/kubeconfig.*chaosgate up.*local: true/),
    });
  });

  test('that is gone fails every connect at once', async () => {
    const chaos = await started();
    const kubeconfig = await kubeconfigOf(chaos);
    await chaos.close();
    const error = await failureOf(connect({ kubeconfig }));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
  });

  test('a kubeconfig and one in this process exclude each other', async () => {
    expect(await failureOf(connect({ local: true, kubeconfig: 'x' }))).toBeInstanceOf(TypeError);
  });

  test('a port that is taken is not available', async () => {
    const { port } = await echo();
    const error = await failureOf(connect({ local: { port } }));
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ message: expect.stringContaining('EADDRINUSE') });
  });
});

test('a token of an earlier start is not accepted', async () => {
  const port = await freePort();
  const first = await started({ local: { port } });
  const kubeconfig = await kubeconfigOf(first);
  const text = (first.kubeconfig ?? '').replace(/token: .*/, 'token: stale');
  await writeFile(kubeconfig, text);
  const error = await failureOf(connect({ kubeconfig }));
  expect(error).toBeInstanceOf(ForbiddenError);
  expect(error).toMatchObject({ message: expect.stringContaining('kubeconfig') });
});

test('a cluster without chaosgate is told so', async () => {
  const api = await scriptedApi();
  atEnd(() => api.close());
  const { chaos } = await world();
  const kubeconfig = await kubeconfigOf(chaos);
  await writeFile(
    kubeconfig,
    (chaos.kubeconfig ?? '').replace(/server: .*/, `server: http://127.0.0.1:${api.port}`),
  );
  const connecting = failureOf(connect({ kubeconfig }));
  const request = await api.next();
  request.json(status(404, 'NotFound'), 404);
  const error = await connecting;
  expect(error).toBeInstanceOf(NotInstalledError);
  expect(error).toMatchObject({ message: expect.stringContaining('helm install chaosgate') });
});
