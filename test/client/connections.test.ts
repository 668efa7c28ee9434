/** Connections of a gate: counted, waited for, closed, accepted and not. */
import { describe, expect, test } from 'vitest';
import { TimeoutError } from '../../src/client/client.ts';
import { Peer } from '../gate/support/peer.ts';
import { client, clients, failureOf, roundTrip, world } from './support/world.ts';

const connect = (gate: { port: number; host: string }) => Peer.connect(gate.port, gate.host);

describe('the count of connections', () => {
  test('is true right after one has come or gone, no matter who closed it', async () => {
    const { gate, server } = await world();
    expect(await gate.connectionsCount()).toBe(0);
    const first = await connect(gate);
    await connect(gate);
    expect(await gate.connectionsCount()).toBe(2);
    first.reset();
    expect(await gate.connectionsCount()).toBe(1);
    await server.accept();
    (await server.accept()).reset();
    expect(await gate.connectionsCount()).toBe(0);
  });

  test('is down at once after a disconnect', async () => {
    const { gate } = await world();
    await clients(gate, 3);
    await gate.disconnect();
    expect(gate.status.connections?.active).toBe(0);
  });

  test('has no dead ones, which a fault has closed', async () => {
    const { gate } = await world();
    const peer = await client(gate);
    await gate.toServer.closeOnData();
    peer.send('x');
    await peer.seesFin();
    expect(await gate.connectionsCount()).toBe(0);
  });
});

describe('to wait for connections', () => {
  test('ends when there are enough', async () => {
    const { gate } = await world();
    const waiting = gate.waitForConnections(2, { timeout: 5_000 });
    await connect(gate);
    expect(await Promise.race([waiting, gate.waitForConnections().then(() => 'one')])).toBe('one');
    await connect(gate);
    await waiting;
  });

  test('ends at once when there are', async () => {
    const { gate } = await world();
    await clients(gate, 2);
    await gate.waitForConnections(2, { timeout: 1 });
  });

  test.each([-1, Number.NaN])('for %d of them makes no sense', async (count) => {
    const { gate } = await world();
    expect(await failureOf(gate.waitForConnections(count))).toBeInstanceOf(TypeError);
  });

  test('counts none that were closed just now', async () => {
    const { gate } = await world();
    await clients(gate, 2);
    await gate.disconnect({ count: 1 });
    const error = await failureOf(gate.waitForConnections(2, { timeout: 300 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      timeout: 300,
      message: expect.stringMatching(/has 1 of 2 connections after 300 ms\. Check that clients/),
    });
  });

  test('says so when the upstream is away', async () => {
    const { gate, server } = await world();
    server.close();
    const waiting = failureOf(gate.waitForConnections(1, { timeout: 500 }));
    const peer = await connect(gate);
    await peer.seesReset();
    expect(await waiting).toMatchObject({
      message: expect.stringMatching(/upstream cannot be reached: .*nothing listens there/),
    });
  });
});

describe('to disconnect', () => {
  test('closes all with FIN, and the gate takes new ones', async () => {
    const { gate } = await world();
    const peers = await clients(gate, 3);
    await gate.disconnect();
    for (const peer of peers) await peer.seesFin();
    await roundTrip(await client(gate));
  });

  test('resets the oldest ones, as many as are asked for', async () => {
    const { gate } = await world();
    const [first, second, third] = await clients(gate, 3);
    await gate.disconnect({ count: 2, how: 'Reset' });
    await first?.seesReset();
    await second?.seesReset();
    if (third !== undefined) await roundTrip(third);
    await gate.disconnect({ count: 1 });
    await third?.seesFin();
  });

  test('works as often as it is called, with calls that nobody awaits', async () => {
    const { gate } = await world();
    await clients(gate, 3);
    await Promise.all([1, 2, 3].map(() => gate.disconnect({ count: 1 })));
    expect(gate.status.connections?.active).toBe(0);
  });

  test('none is to close none', async () => {
    const { gate } = await world();
    const peer = await client(gate);
    await gate.disconnect({ count: 0 });
    await roundTrip(peer);
  });

  test('a count that cannot be meant is refused', async () => {
    const { gate } = await world();
    expect(await failureOf(gate.disconnect({ count: -1 }))).toMatchObject({
      causes: [{ field: 'spec.disconnect.count' }],
    });
  });
});

describe('a gate that stops accepting', () => {
  test('lets clients wait, and serves them with their early bytes later', async () => {
    const { gate } = await world();
    const open = await client(gate);
    await gate.stopAccepting();
    const waiting = await connect(gate);
    waiting.send('early');
    await waiting.seesNothingMore();
    await roundTrip(open);
    await gate.startAccepting();
    await waiting.receives('early');
  });

  test('refuses or resets them, if that is asked for', async () => {
    const { gate } = await world();
    await gate.stopAccepting({ how: 'Refuse' });
    expect(await failureOf(connect(gate))).toMatchObject({ code: 'ECONNREFUSED' });
    await gate.stopAccepting({ how: 'Reset' });
    await (await connect(gate)).seesReset();
  });
});

describe('a gate that is stopped', () => {
  test('is not there: connections are closed, new ones refused; and back on the same port', async () => {
    const { gate } = await world();
    const { port } = gate;
    const peer = await client(gate);
    await gate.stop();
    await peer.seesFin();
    expect(await failureOf(connect(gate))).toMatchObject({ code: 'ECONNREFUSED' });
    await gate.start();
    expect(gate.port).toBe(port);
    await roundTrip(await client(gate));
  });

  test('discards what it holds, and has no faults when it is started again', async () => {
    const { gate, server } = await world();
    const peer = await client(gate);
    await gate.toServer.stall();
    peer.send('held');
    const atServer = await server.accept();
    await gate.stop({ how: 'Reset' });
    await atServer.seesReset();
    expect(atServer.length).toBe(0);
    await gate.start();
    expect(gate.faults).toBe('none');
  });

  test('keeps the faults that are set while it is stopped', async () => {
    const { gate } = await world();
    await gate.stop();
    await gate.toClient.delay(1);
    await gate.start();
    expect(gate.faults).toBe('toClient delay 1ms');
  });
});
