/** Faults that a proxy ends by itself, on real connections and with the real clock. */
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/control/messages.ts';
import { proxyFolders, storedGeneration } from './support/folders.ts';
import { snapshotOf, startProxy, type TestLink, type TestProxy } from './support/proxy.ts';
import { TestServer } from './support/server.ts';
import { expectTimed, stays, until } from './support/time.ts';

const STALL = { toServer: { stall: {} } };
const REFUSE = { newConnections: 'Refuse' };

function aRun(
  server: TestServer,
  patch: object,
  { number = 1, generation = 1, durationSeconds = 60 } = {},
): Snapshot {
  return { ...snapshotOf(generation, server, patch), run: { number, durationSeconds } };
}

/** Resolves when the faults are in force, with the time when they are to end. */
async function push(link: TestLink, snapshot: Snapshot, milliseconds: number): Promise<number> {
  const endsAt = performance.now() + milliseconds;
  link.link.setEnd(endsAt);
  await link.push(snapshot);
  return endsAt;
}

const stateOf = ({ state }: TestLink) => state.report?.run?.state;

test('on an open connection, what is held goes on in order when the time is up', async () => {
  const server = await TestServer.listen();
  const proxy = await startProxy();
  const link = proxy.link();
  await link.push(snapshotOf(1, server));
  const client = await proxy.connect();
  const peer = await server.accept();
  const endsAt = await push(link, aRun(server, STALL, { generation: 2 }), 300);
  client.send('first ');
  await stays('nothing arrives', () => peer.length === 0, 100);
  client.send('second');
  await peer.receives('first second');
  expectTimed(peer.arrivals[0]?.at ?? 0, endsAt);
  await until('the report', () => stateOf(link) === 'Ended');
  expect(link.state.report).toMatchObject({
    generation: 2,
    faults: 'none (ended: toServer stall)',
  });
});

test('a listener that refused clients accepts them when the time is up', async () => {
  const server = await TestServer.listen();
  const proxy = await startProxy();
  const link = proxy.link();
  const endsAt = await push(link, aRun(server, REFUSE), 300);
  await expect(proxy.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await until('the report', () => stateOf(link) === 'Ended');
  expectTimed(performance.now(), endsAt);
  const client = await proxy.connect();
  client.send('hello');
  await (await server.accept()).receives('hello');
});

test('later messages of the run, and later generations, do not move its end', async () => {
  const server = await TestServer.listen();
  const link = (await startProxy()).link();
  const endsAt = await push(link, aRun(server, REFUSE), 400);
  await push(link, aRun(server, REFUSE, { generation: 2 }), 30_000);
  await until('the end', () => stateOf(link) === 'Ended');
  expectTimed(performance.now(), endsAt);
  await push(link, aRun(server, REFUSE, { generation: 3, number: 2 }), 30_000);
  expect(stateOf(link)).toBe('InForce');
});

test('while the lever is engaged everything passes; then the faults are back for what is left of their time', async () => {
  const server = await TestServer.listen();
  const proxy = await startProxy();
  const link = proxy.link();
  const endsAt = await push(link, aRun(server, STALL), 600);
  const client = await proxy.connect();
  const peer = await server.accept();
  client.send('a');
  link.link.push({ ...aRun(server, STALL), stop: 'Lever' });
  await peer.receives('a');
  expect(performance.now()).toBeLessThan(endsAt);
  expect(link.state.report?.faults).toBe('none (lever: toServer stall)');
  link.link.push(aRun(server, STALL));
  await until('the faults', () => stateOf(link) === 'InForce');
  client.send('b');
  await peer.receives('ab');
  expectTimed(performance.now(), endsAt);
});

test('the lever, engaged and released a hundred times under load, loses nothing', async () => {
  const server = await TestServer.listen();
  const proxy = await startProxy();
  const link = proxy.link();
  const slow = { toServer: { delay: { milliseconds: 20 }, slice: { maxBytes: 1_000 } } };
  const endsAt = await push(link, aRun(server, slow), 60_000);
  const client = await proxy.connect();
  const peer = await server.accept();
  const sent: Buffer[] = [];
  for (let turn = 0; turn < 100; turn += 1) {
    const stop = turn % 2 === 0 ? { stop: 'Lever' as const } : {};
    const bytes = Buffer.alloc(5_000, turn);
    sent.push(bytes);
    client.send(bytes);
    link.link.push({ ...aRun(server, slow), ...stop });
    const state = turn % 2 === 0 ? 'Lever' : 'InForce';
    await until(state, () => stateOf(link) === state);
  }
  const all = Buffer.concat(sent);
  await until('all bytes', () => peer.length === all.length);
  expect(peer.bytes.equals(all)).toBe(true);
  const { endsAt: kept = 0 } = link.state;
  expect(Math.abs(kept - endsAt)).toBeLessThan(1_000);
});

async function restarted(first: TestProxy): Promise<TestProxy> {
  await first.process.stop();
  return startProxy(first.folders);
}

test('a proxy that is started again keeps what is left of the time, without an operator', async () => {
  const server = await TestServer.listen();
  const first = await startProxy();
  const endsAt = await push(first.link(), aRun(server, REFUSE), 1_000);
  await storedGeneration(first.folders.state, 1);
  const second = await restarted(first);
  const link = second.link();
  await until('a report', () => link.state.report !== undefined);
  expect(stateOf(link)).toBe('InForce');
  await until('the end', () => stateOf(link) === 'Ended');
  expectTimed(performance.now(), endsAt, 2);
});

test('a proxy that comes up after the end has no faults', async () => {
  const server = await TestServer.listen();
  const first = await startProxy();
  await push(first.link(), aRun(server, REFUSE), 1);
  await storedGeneration(first.folders.state, 1);
  const second = await restarted(first);
  await second.connect();
});

test.each([
  ['is over', -120_000],
  ['has not begun', 3_600_000],
])(
  'what another machine has stored is a guess until the operator tells: by its clock, the run %s',
  async (_, offset) => {
    const server = await TestServer.listen();
    const endTime = new Date(Date.now() + offset).toISOString();
    const snapshot = aRun(server, REFUSE);
    const proxy = await startProxy(await proxyFolders({ mounted: { ...snapshot, endTime } }));
    const link = proxy.link();
    await until('a report', () => link.state.report !== undefined);
    expect(link.state.report?.run).toBeUndefined();
    const endsAt = await push(link, snapshot, 400);
    await until('the faults', () => stateOf(link) === 'InForce');
    await until('the end', () => stateOf(link) === 'Ended');
    expectTimed(performance.now(), endsAt);
  },
);

test('an operator that has lost the record learns of the run, and changes nothing', async () => {
  const server = await TestServer.listen();
  const link = (await startProxy()).link();
  await push(link, aRun(server, REFUSE, { number: 5 }), 30_000);
  const { endsAt } = link.state;
  await push(link, aRun(server, REFUSE, { number: 1 }), 1);
  await stays('it is the run of before', () => link.state.report?.run?.number === 5, 100);
  expect(link.state).toMatchObject({ endsAt, rejected: undefined });
  expect(stateOf(link)).toBe('InForce');
});
