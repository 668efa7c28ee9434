import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/bytes.ts';
import { startHarness } from './support/harness.ts';
import { Peer } from './support/peer.ts';
import { until, untilStable } from './support/time.ts';

const MEGABYTE = 2 ** 20;

describe('bytes through a gate without faults', () => {
  test('pass both ways', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    client.send('question');
    await server.receives('question');
    server.send('answer');
    await client.receives('answer');
    expect(harness.observed.bytes).toEqual({ toServer: 8, toClient: 6 });
    expect(harness.observed.injected).toEqual([]);
    expect(harness.observed.delayed).toEqual([]);
  });

  test('pass from a server that speaks first', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    server.send('220 ready');
    await client.receives('220 ready');
  });

  test('are the same at the other end, in large transfers both ways at once', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    const up = bytesOf(24 * MEGABYTE, 'up');
    const down = bytesOf(24 * MEGABYTE, 'down');
    client.sendInPieces(up, 100_003);
    server.sendInPieces(down, 99_991);
    expect((await server.receives(up.length)).equals(up)).toBe(true);
    expect((await client.receives(down.length)).equals(down)).toBe(true);
  });

  test('do not mix between connections', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(100);
    for (const [index, { client, server }] of pairs.entries()) {
      client.send(bytesOf(20_000, `up ${index}`));
      server.send(bytesOf(20_000, `down ${index}`));
    }
    for (const [index, { client, server }] of pairs.entries()) {
      expect((await server.receives(20_000)).equals(bytesOf(20_000, `up ${index}`))).toBe(true);
      expect((await client.receives(20_000)).equals(bytesOf(20_000, `down ${index}`))).toBe(true);
    }
  });

  test.each([
    ['server', 'client'],
    ['client', 'server'],
  ] as const)('wait in their sender when the %s does not read', async (reader, sender) => {
    const harness = await startHarness();
    const pair = await harness.open();
    const sent = bytesOf(64 * MEGABYTE);
    pair[reader].pause();
    pair[sender].sendInPieces(sent);
    const taken = await untilStable(() => pair[sender].taken);
    // What the kernel's buffers take; the gate itself takes a chunk.
    expect(taken).toBeLessThan(32 * MEGABYTE);
    expect(harness.budget.used).toBeLessThan(MEGABYTE);
    // The other direction is not held up.
    pair[reader].send('still here');
    await pair[sender].receives('still here');
    pair[reader].resume();
    expect((await pair[reader].receives(sent.length)).equals(sent)).toBe(true);
  });
});

describe('FIN through a gate without faults', () => {
  test.each([
    ['client', 'server'],
    ['server', 'client'],
  ] as const)('of the %s closes its own direction only', async (first, second) => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[first].send('the last words');
    pair[first].finish();
    await pair[second].receives('the last words');
    await pair[second].seesFin();
    expect(pair[first].isUntouched).toBe(true);
    expect(harness.active).toBe(1);
    pair[second].send('an answer after that');
    await pair[first].receives('an answer after that');
    pair[second].finish();
    await pair[first].seesFin();
    await harness.counts(0);
    expect(harness.observed.closed).toEqual([first === 'client' ? 'ClientEof' : 'UpstreamEof']);
  });

  test.each([
    ['client', 'server'],
    ['server', 'client'],
  ] as const)('of the %s comes after every byte, to a slow reader too', async (sender, reader) => {
    const harness = await startHarness();
    const pair = await harness.open();
    const sent = bytesOf(16 * MEGABYTE);
    pair[reader].pause();
    pair[sender].send(sent);
    pair[sender].finish();
    await pair[reader].seesNothingMore();
    pair[reader].resume();
    expect((await pair[reader].receives(sent.length)).equals(sent)).toBe(true);
    await pair[reader].seesFin();
    expect(pair[sender].isUntouched).toBe(true);
  });

  test('of a client that is done before the gate has its server is served like any other', async () => {
    const harness = await startHarness();
    const client = await Peer.connect(harness.gate.state.port);
    client.send('all that it wants');
    client.finish();
    const server = await harness.server.accept();
    await server.receives('all that it wants');
    await server.seesFin();
    server.send('the answer');
    server.finish();
    await client.receives('the answer');
    await client.seesFin();
  });

  test('of both ends at once ends the connection', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(20);
    for (const { client, server } of pairs) {
      client.finish();
      server.finish();
    }
    for (const { client, server } of pairs) {
      await client.seesFin();
      await server.seesFin();
    }
    await harness.counts(0);
    expect(harness.gate.state.connections.accepted).toBe(20);
  });

  test('leaves a connection open, and in reach, until its last bytes are taken', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    client.pause();
    client.finish();
    await server.seesFin();
    // More than the kernel takes, so that some of it has to wait in the gate.
    server.sendInPieces(bytesOf(64 * MEGABYTE), 1_000);
    server.finish();
    await untilStable(() => harness.observed.bytes.toClient);
    expect(harness.active).toBe(1);
    await harness.set({ disconnect: { nonce: 'now', how: 'Reset' } });
    client.resume();
    await client.seesReset();
    await harness.counts(0);
  });
});

describe('RST through a gate without faults', () => {
  const ends = [
    ['client', 'server', 'ClientReset'],
    ['server', 'client', 'UpstreamReset'],
  ] as const;

  test.each(ends)('of the %s resets the other end', async (first, second, reason) => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[first].reset();
    await pair[second].seesReset();
    await harness.counts(0);
    expect(harness.observed.closed).toEqual([reason]);
  });

  test.each(ends)('of the %s comes after bytes that were through', async (first, second) => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[first].send('the last words');
    await pair[second].receives('the last words');
    pair[first].reset();
    await pair[second].seesReset();
    expect(pair[second].finAt).toBeUndefined();
  });

  test.each(ends)('of the %s comes after a FIN of the other end too', async (first, second) => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[second].finish();
    await pair[first].seesFin();
    pair[first].reset();
    await pair[second].seesReset();
    await harness.counts(0);
  });

  test.each(ends)('of the %s comes after its own FIN too', async (first, second, reason) => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[first].finish();
    await pair[second].seesFin();
    pair[first].reset();
    await harness.counts(0);
    expect(harness.observed.closed).toEqual([reason]);
    // After a FIN an end hears of an RST when it writes.
    pair[second].send('anybody?');
    await until('an error', () => pair[second].error === 'EPIPE');
  });

  test.each(ends)('of the %s reaches an end that is sending', async (first, second, reason) => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[first].pause();
    pair[second].sendInPieces(bytesOf(32 * MEGABYTE));
    await untilStable(() => pair[second].taken);
    pair[first].reset();
    await pair[second].seesReset();
    await harness.counts(0);
    expect(harness.observed.closed).toEqual([reason]);
  });

  test('of one connection leaves the others alone', async () => {
    const harness = await startHarness();
    const [first, second, third] = await harness.openMany(3);
    second.client.reset();
    await second.server.seesReset();
    for (const pair of [first, third]) {
      pair.client.send('hello');
      await pair.server.receives('hello');
    }
    expect(harness.active).toBe(2);
  });

  test('of a client before the gate has its server reaches the server', async () => {
    const harness = await startHarness();
    const client = await Peer.connect(harness.gate.state.port);
    client.reset();
    const server = await harness.server.accept();
    await server.seesReset();
    await harness.counts(0);
  });
});
