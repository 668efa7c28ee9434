/** What the README shows: a real PostgreSQL, a client with four connections, and faults by `kubectl patch`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import type { GateStatus } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { startGate, startPostgres, THROUGH_GATE } from './support/postgres.ts';

const PASS = { toServer: null, toClient: null, newConnections: 'Accept' };
const SIZE = 4;

let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('postgres');
  await startPostgres(namespace);
  await startGate(namespace);
  agent = await Agent.start(namespace, 'client');
});

afterAll(async () => {
  agent.stop();
  await namespace.delete();
});

/** Four fresh connections through a gate without faults; their backend pids. */
async function open(name: string): Promise<number[]> {
  await namespace.patchAndWait('postgres', PASS);
  return agent.call('pgOpen', { name, server: THROUGH_GATE, size: SIZE });
}

async function close(name: string): Promise<void> {
  await namespace.patchAndWait('postgres', PASS);
  await agent.call('pgClose', { name });
  await active(0);
}

/** Waits until the status counts so many connections. */
async function active(count: number): Promise<void> {
  await eventually(async () => {
    const { status } = await namespace.get<GateStatus>('tcpgate', 'postgres');
    expect(status.connections?.active).toBe(count);
  });
}

async function query(name: string, timeoutMs?: number) {
  return agent.call('pgQuery', { name, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

describe('the transcript', () => {
  test('slows the queries of the same four connections down, and says so in `kubectl get tg`', async () => {
    const pids = await open('transcript');
    await active(SIZE);
    expect(await namespace.kubectl('get', 'tg')).toMatch(
      /^NAME +READY +REASON +FAULTS +CONNS +AGE\npostgres +True +Serving +none +4 +\S+\n$/,
    );

    await namespace.patchAndWait('postgres', { toClient: { delay: { milliseconds: 300 } } });
    const slow = await query('transcript');
    expect(slow.map(({ pid }) => pid)).toEqual(pids);
    for (const { milliseconds } of slow) expect(milliseconds).toBeGreaterThanOrEqual(300);
    expect(await namespace.kubectl('get', 'tg')).toMatch(
      /postgres +True +Serving +toClient delay 300ms +4 /,
    );

    await namespace.patchAndWait('postgres', { toClient: null, newConnections: 'Refuse' });
    const fast = await query('transcript');
    expect(fast.map(({ pid }) => pid)).toEqual(pids);
    for (const { milliseconds } of fast) expect(milliseconds).toBeLessThan(300);
    expect(await namespace.kubectl('get', 'tg')).toMatch(
      /postgres +True +Serving +newConnections Refuse +4 /,
    );
    await close('transcript');
  });
});

describe('a fault on open connections', () => {
  test('stall times queries out, and lifting it answers them', async () => {
    await open('stall');
    await namespace.patchAndWait('postgres', { toServer: { stall: {} } });
    await agent.call('pgSend', { name: 'stall', timeoutMs: 60_000 });
    const second = await query('stall', 500);
    expect(second.map(({ error }) => error)).toEqual(Array(SIZE).fill('timeout'));
    await namespace.patchAndWait('postgres', { toServer: null });
    const answers = await agent.call('pgAnswers', { name: 'stall' });
    expect(answers?.map(({ ok }) => ok)).toEqual(Array(SIZE).fill(true));
    await close('stall');
  });

  test('drop loses the request for good', async () => {
    await open('drop');
    await namespace.patchAndWait('postgres', { toServer: { drop: {} } });
    expect((await query('drop', 500)).map(({ error }) => error)).toEqual(
      Array(SIZE).fill('timeout'),
    );
    await namespace.patchAndWait('postgres', { toServer: null });
    // The client sends no second query before the first is answered: it waits for what is lost.
    expect((await query('drop', 1_500)).map(({ error }) => error)).toEqual(
      Array(SIZE).fill('timeout'),
    );
    await close('drop');
  });

  test('closeOnData kills only the connections that speak', async () => {
    const pids = await open('close');
    await namespace.patchAndWait('postgres', { toServer: { closeOnData: { how: 'Reset' } } });
    const spoken = await agent.call('pgQuerySome', { name: 'close', places: [0, 2] });
    expect(spoken.map(({ ok }) => ok)).toEqual([false, false]);
    await active(2);
    await namespace.patchAndWait('postgres', { toServer: null });
    const silent = await agent.call('pgQuerySome', { name: 'close', places: [1, 3] });
    expect(silent.map(({ pid }) => pid)).toEqual([pids[1], pids[3]]);
    await close('close');
  });

  test('disconnect with a count kills that many, the oldest first, once per nonce', async () => {
    const pids = await open('disconnect');
    const disconnect = { nonce: 'first', how: 'Reset', count: 3 };
    await namespace.patchAndWait('postgres', { disconnect });
    const outcomes = await query('disconnect');
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(SIZE - 3);
    const { status } = await namespace.get<GateStatus>('tcpgate', 'postgres');
    expect(status.disconnect?.nonce).toBe('first');
    // Another change with the same nonce closes nothing.
    await namespace.patchAndWait('postgres', { seed: 7 });
    const again = await query('disconnect');
    expect(again.flatMap(({ pid }) => pid ?? [])).toHaveLength(SIZE - 3);
    expect(pids).toEqual(expect.arrayContaining(again.flatMap(({ pid }) => pid ?? [])));
    await close('disconnect');
  });
});

describe('new connections', () => {
  const target = { host: THROUGH_GATE.host, port: THROUGH_GATE.port };

  test('are refused, reset or held, while the open ones go on', async () => {
    const pids = await open('old');
    const stillThere = async () => expect((await query('old')).map(({ pid }) => pid)).toEqual(pids);

    await namespace.patchAndWait('postgres', { newConnections: 'Refuse' });
    expect(await agent.call('tcpOpen', { name: 'refused', target })).toBe('ECONNREFUSED');
    await stillThere();

    await namespace.patchAndWait('postgres', { newConnections: 'Reset' });
    await agent.call('tcpOpen', { name: 'reset', target });
    const reset = await agent.call('tcpWait', { name: 'reset', timeoutMs: 5_000 });
    expect(reset.state).toBe('ECONNRESET');
    await stillThere();

    await namespace.patchAndWait('postgres', { newConnections: 'Hold' });
    expect(await agent.call('tcpOpen', { name: 'held', target })).toBe('open');
    // PostgreSQL answers an SSLRequest with one byte: S or N (protocol 3.0, section "SSL Session Encryption").
    await agent.call('tcpWrite', { name: 'held', text: '\x00\x00\x00\x08\x04\xd2\x16\x2f' });
    const silent = await agent.call('tcpWait', { name: 'held', bytes: 1, timeoutMs: 500 });
    expect(silent).toEqual({ state: 'open', received: '' });
    await stillThere();
    await namespace.patchAndWait('postgres', { newConnections: 'Accept' });
    const served = await agent.call('tcpWait', { name: 'held', bytes: 1, timeoutMs: 5_000 });
    expect(served.received).toMatch(/^[SN]$/);
    await agent.call('tcpClose', { name: 'held' });
    await close('old');
  });

  test('serve a pool that recovers once the fault is lifted', async () => {
    await namespace.patchAndWait('postgres', PASS);
    await agent.call('poolOpen', { name: 'pool', server: THROUGH_GATE, size: SIZE });
    const ask = () => agent.call('poolQuery', { name: 'pool', count: SIZE });
    expect(await ask()).toEqual(Array(SIZE).fill('ok'));
    await namespace.patchAndWait('postgres', {
      newConnections: 'Refuse',
      // A merge keeps what an earlier patch has set: this one is to close all of them.
      disconnect: { nonce: 'pool', how: 'Reset', count: null },
    });
    expect(await ask()).not.toContain('ok');
    await namespace.patchAndWait('postgres', PASS);
    await eventually(async () => expect(await ask()).toEqual(Array(SIZE).fill('ok')));
    await agent.call('poolClose', { name: 'pool' });
    await active(0);
  });
});
