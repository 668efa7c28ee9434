/** Faults through the library, on connections that are open. */
import { describe, expect, test } from 'vitest';
import { expectTook, until } from '../gate/support/time.ts';
import { client, clients, roundTrip, world } from './support/world.ts';

describe('when a call has resolved', () => {
  test('its fault is in force on every open connection, in its direction alone', async () => {
    const { gate, server } = await world();
    const peers = await clients(gate, 8);
    const atServer = await server.accept();
    await gate.toClient.delay(500);
    expect(gate.faults).toBe('toClient delay 500ms');
    const times = await Promise.all(peers.map(roundTrip));
    for (const time of times) expectTook(time, 500);
    const start = performance.now();
    peers[0]?.send('ab');
    await atServer.receives(3);
    expect(performance.now() - start).toBeLessThan(500);
  });

  test('nothing of the fault before is left', async () => {
    const { gate } = await world();
    const peer = await client(gate);
    await gate.toClient.delay(5_000, { jitter: 100 });
    await gate.toClient.slice(1);
    expect(gate.faults).toBe('toClient slice 1B');
    await gate.toClient.delay(1);
    expect(gate.faults).toBe('toClient delay 1ms');
    expect(await roundTrip(peer)).toBeLessThan(5_000);
  });

  test('a gate that was reset passes in both directions and accepts', async () => {
    const { gate } = await world();
    const peer = await client(gate);
    await gate.set({ toServer: { stall: {} }, toClient: { drop: {} }, newConnections: 'Refuse' });
    peer.send('held');
    await gate.reset();
    expect(gate.faults).toBe('none');
    await peer.receives('held');
    await roundTrip(await client(gate));
  });
});

test('both directions can be broken in one step', async () => {
  const { gate } = await world();
  const peer = await client(gate);
  await gate.bothDirections.delay(100);
  expectTook(await roundTrip(peer), 200);
});

test('several faults stand in one direction, and are merged and lifted one by one', async () => {
  const { gate } = await world();
  await gate.toServer.set({ delay: { milliseconds: 5 }, slice: { maxBytes: 10 } });
  expect(gate.faults).toBe('toServer delay 5ms, slice 10B');
  await gate.toServer.merge({ delay: null, limitBytes: { bytes: 7 } });
  expect(gate.faults).toBe('toServer limitBytes 7B Fin, slice 10B');
  await gate.toServer.pass();
  expect(gate.faults).toBe('none');
});

test('a fault touches a share of the connections', async () => {
  const { gate } = await world();
  await gate.toServer.drop({ connectionsPercent: 0 });
  await roundTrip(await client(gate));
});

describe('to call a method again with the same arguments', () => {
  test('changes nothing: counters go on', async () => {
    const { gate, server } = await world();
    const peer = await client(gate);
    await gate.toServer.limitBytes(5);
    peer.send('abc');
    const atServer = await server.accept();
    await atServer.receives('abc');
    await gate.toServer.limitBytes(5);
    peer.send('defgh');
    await atServer.receives('abcde');
    await peer.seesFin();
  });

  test('and to arm again starts them over, without a byte in between', async () => {
    const { gate, server } = await world();
    const peer = await client(gate);
    await gate.toServer.limitBytes(5);
    peer.send('abc');
    const atServer = await server.accept();
    await atServer.receives('abc');
    await gate.toServer.rearm();
    peer.send('defghij');
    await atServer.receives('abcdefgh');
    await peer.seesFin();
  });

  test('a direction without faults can be armed again', async () => {
    const { gate } = await world();
    const { observedGeneration } = gate.status;
    await gate.bothDirections.rearm();
    expect(gate.status.observedGeneration).toBe(observedGeneration);
  });
});

test('calls come into force in their order, also those that nobody awaits', async () => {
  const { gate } = await world();
  const calls = [gate.toClient.drop(), gate.toClient.stall(), gate.toClient.delay(1)];
  await gate.toServer.drop();
  expect(gate.faults).toBe('toServer drop; toClient delay 1ms');
  await Promise.all(calls);
  const stopping = gate.stop();
  await gate.toClient.stall();
  await stopping;
  expect(gate.faults).toBe('newConnections Refuse; toClient stall');
});

describe('faults for a time', () => {
  test('end by themselves, and start again with each call, also with the same arguments', async () => {
    const { gate } = await world();
    const peer = await client(gate);
    await gate.toClient.delay(400, { for: 1_000 });
    const { faultsEndTime } = gate.status;
    expect(faultsEndTime).toBeDefined();
    expectTook(await roundTrip(peer), 400);
    await until('the end', () => gate.faults === 'none (ended: toClient delay 400ms)');
    expect(await roundTrip(peer)).toBeLessThan(400);
    await gate.toClient.delay(400, { for: 1_000 });
    expectTook(await roundTrip(peer), 400);
  });

  test('are lifted by a call that says no time: its own faults stay', async () => {
    const { gate } = await world();
    await gate.set({ toServer: { drop: {} } }, { for: 1_000 });
    await gate.toServer.stall();
    expect(gate.status.faultsEndTime).toBeUndefined();
    expect(gate.faults).toBe('toServer stall');
  });

  test.each([0, 500, 1_500, -1_000, Number.NaN, Number.POSITIVE_INFINITY])(
    'of %s ms are refused',
    async (milliseconds) => {
      const { gate } = await world();
      await expect(gate.toServer.drop({ for: milliseconds })).rejects.toThrow(
        /^for takes milliseconds in whole seconds, from 1000 to 1209600000, not /,
      );
    },
  );
});
