/** How gates are made, taken over and given back. */
import { describe, expect, test, vi } from 'vitest';
import { connect, GateNotFoundError, NotProgrammedError } from '../../src/client/client.ts';
import { atEnd } from '../gate/support/atEnd.ts';
import { freePort } from '../gate/support/ports.ts';
import {
  client,
  connected,
  deletedByOthers,
  echo,
  failureOf,
  kubeconfigOf,
  roundTrip,
  started,
  upstreamOf,
  world,
} from './support/world.ts';

describe('a gate that is made', () => {
  test('is ready, and has an address', async () => {
    const { gate } = await world();
    expect(gate.address).toBe(`127.0.0.1:${gate.port}`);
    expect(gate).toMatchObject({ name: 'echo', namespace: 'default', faults: 'none' });
    await roundTrip(await client(gate));
  });

  test('may begin with faults', async () => {
    const chaos = await started();
    const server = await echo();
    const gate = await chaos.gate('slow', {
      ...upstreamOf(server),
      toClient: { delay: { milliseconds: 9 } },
      newConnections: 'Hold',
    });
    expect(gate.faults).toBe('newConnections Hold; toClient delay 9ms');
  });

  test('is deleted when it is closed, and its name is free', async () => {
    const { chaos, server, gate } = await world();
    const peer = await client(gate);
    await gate.close();
    await peer.seesFin();
    expect(await failureOf(chaos.gate('echo'))).toBeInstanceOf(GateNotFoundError);
    const again = await chaos.gate('echo', upstreamOf(server));
    await roundTrip(await client(again));
  });

  test('is deleted at the end of its scope, whatever it was made to do', async () => {
    const { chaos, server } = await world();
    {
      await using gate = await chaos.gate('scoped', upstreamOf(server));
      await gate.bothDirections.stall();
    }
    expect(await failureOf(chaos.gate('scoped'))).toBeInstanceOf(GateNotFoundError);
  });

  test('can be closed twice, and after somebody else has deleted it', async () => {
    const { chaos, server, gate } = await world();
    const other = await chaos.gate('echo', upstreamOf(server));
    await gate.close();
    await gate.close();
    expect(await failureOf(other.toServer.drop())).toBeInstanceOf(GateNotFoundError);
    await other.close();
  });

  test('leaves another one of its name alone when it is closed', async () => {
    const { chaos, server, gate } = await world();
    await deletedByOthers(chaos, 'echo');
    const other = await chaos.gate('echo', upstreamOf(server));
    await gate.close();
    await roundTrip(await client(other));
  });

  test('is in front of no Service outside a cluster, and is told what to do', async () => {
    const chaos = await started();
    const error = await failureOf(chaos.gate('front', { service: { name: 'db' } }));
    expect(error).toBeInstanceOf(NotProgrammedError);
    expect(error).toMatchObject({
      reason: 'NotInACluster',
      message: expect.stringContaining(
        'create it with the host and port of the server in spec.upstream',
      ),
    });
  });

  test('that cannot come up leaves nothing behind', async () => {
    const { chaos, server } = await world();
    const { port } = server;
    const spec = { upstream: { host: '127.0.0.1', port }, listen: { port } };
    const error = await failureOf(chaos.gate('loop', spec));
    expect(error).toBeInstanceOf(NotProgrammedError);
    expect(error).toMatchObject({ reason: 'UpstreamIsGate' });
    expect(await failureOf(chaos.gate('loop'))).toBeInstanceOf(GateNotFoundError);
  });
});

describe('a gate that exists', () => {
  test('is taken over with its connections; its faults are lifted, and it stays when it is closed', async () => {
    const { chaos, server, gate } = await world();
    const peer = await client(gate);
    await gate.set({ toServer: { stall: {} }, newConnections: 'Refuse' });
    const taken = await chaos.gate('echo', upstreamOf(server));
    expect(taken.faults).toBe('none');
    expect(taken.address).toBe(gate.address);
    await roundTrip(peer);
    await taken.toClient.delay(5);
    await taken.close();
    expect(gate.faults).toBe('none');
    await roundTrip(peer);
  });

  test('gets another upstream for new connections, and keeps its port', async () => {
    const { chaos, gate } = await world();
    const { port } = gate;
    const other = await echo();
    await chaos.gate('echo', upstreamOf(other));
    const peer = await client(gate);
    expect(gate.port).toBe(port);
    peer.send('x');
    await (await other.accept()).receives('x');
  });

  test('is left as it is without a spec, unless it is changed', async () => {
    const { chaos, gate } = await world();
    await gate.toClient.delay(5);
    const onlooker = await chaos.gate('echo');
    expect(onlooker.faults).toBe('toClient delay 5ms');
    await onlooker.close();
    expect(gate.faults).toBe('toClient delay 5ms');
    const other = await chaos.gate('echo');
    await other.toServer.drop();
    await other.close();
    expect(gate.faults).toBe('none');
  });

  test('can be made by two at once, and is one', async () => {
    const { chaos, server } = await world();
    const gates = await Promise.all([1, 2].map(() => chaos.gate('twin', upstreamOf(server))));
    expect(new Set(gates.map(({ address }) => address)).size).toBe(1);
  });
});

describe('a connection', () => {
  test('that is closed takes its gates with it', async () => {
    const chaos = await connect({ local: true });
    const server = await echo();
    const gate = await chaos.gate('echo', upstreamOf(server));
    const peer = await client(gate);
    await chaos.close();
    await peer.seesFin();
    await gate.close();
  });

  test('has what another one made, by the kubeconfig of the first', async () => {
    const { chaos, gate } = await world();
    const path = await kubeconfigOf(chaos);
    vi.stubEnv('KUBECONFIG', path);
    atEnd(() => vi.unstubAllEnvs());
    for (const options of [{}, { kubeconfig: path }]) {
      const other = await connected(options);
      expect(other.kubeconfig).toBeUndefined();
      const same = await other.gate('echo');
      expect(same.address).toBe(gate.address);
      await same.toServer.drop();
      expect(same.faults).toBe('toServer drop');
      await other.close();
      expect(gate.faults).toBe('none');
    }
  });

  test('is in a namespace: gates of the same name in two of them are two', async () => {
    const { chaos, server, gate } = await world();
    const kubeconfig = await kubeconfigOf(chaos);
    const other = await connected({ kubeconfig, namespace: 'other' });
    expect(other.namespace).toBe('other');
    const twin = await other.gate('echo', upstreamOf(server));
    expect(twin.address).not.toBe(gate.address);
    await twin.bothDirections.drop();
    await roundTrip(await client(gate));
  });

  test('may have its gates on another address, and its API on a port', async () => {
    const server = await echo();
    const port = await freePort();
    const chaos = await started({ local: { listen: '127.0.0.2', port } });
    expect(chaos.kubeconfig).toContain(`https://127.0.0.1:${port}`);
    const gate = await chaos.gate('echo', upstreamOf(server));
    expect(gate.host).toBe('127.0.0.2');
    await roundTrip(await client(gate));
  });
});
