import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LeaderElector, type LeaderElectorOptions } from '../../../src/kube/leaderElector.ts';
import { flushPromises, HandClock } from '../time/support/handClock.ts';
import { LeaseApi, LeaseClient, type Network } from './support/leaseApi.ts';

const SECONDS = { leaseSeconds: 15, renewSeconds: 10, retrySeconds: 2 };

let clock: HandClock;
let api: LeaseApi;
let told: string[];
let candidates: LeaderElector[];

beforeEach(() => {
  clock = new HandClock();
  api = new LeaseApi();
  told = [];
  candidates = [];
});

afterEach(async () => {
  // A request of which no answer comes takes its time.
  const stopped = Promise.all(candidates.map((each) => each.stop()));
  await clock.advance(60_000);
  await stopped;
});

function candidate(
  identity: string,
  options: Partial<Pick<LeaderElectorOptions, 'isGone'>> & Partial<typeof SECONDS> = {},
) {
  const client = new LeaseClient(api, clock);
  const elector = new LeaderElector({
    kube: client.kube,
    namespace: 'test',
    name: 'lease',
    identity,
    ...SECONDS,
    ...options,
    onStartedLeading: () => told.push(`${identity} leads`),
    onStoppedLeading: (why) => told.push(`${identity} ${why}`),
    onError: (error) => told.push(`${identity}: ${error.message}`),
    clock,
    random: () => 0,
  });
  candidates.push(elector);
  return { client, elector };
}

async function leading(identity: string) {
  const started = candidate(identity);
  started.elector.start();
  await flushPromises();
  expect(told.splice(0)).toEqual([`${identity} leads`]);
  return started;
}

const without = (text: string) => told.filter((each) => !each.includes(text));

describe('a candidate', () => {
  test('makes the Lease when there is none, and leads', async () => {
    const { elector } = await leading('a');
    expect([elector.isLeader, elector.leader]).toEqual([true, 'a']);
    expect(api.lease?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-02T03:04:05.678000Z',
      renewTime: '2026-01-02T03:04:05.678000Z',
      leaseTransitions: 0,
    });
  });

  test('renews every other second, with one request each', async () => {
    const { elector } = await leading('a');
    api.log.splice(0);
    await clock.advance(60_000);
    expect(api.log).toEqual(Array(30).fill('replace'));
    expect(elector.isLeader).toBe(true);
    expect(told).toEqual([]);
    expect(api.lease?.spec).toMatchObject({
      acquireTime: '2026-01-02T03:04:05.678000Z',
      renewTime: '2026-01-02T03:05:05.678000Z',
      leaseTransitions: 0,
    });
  });

  test('takes a Lease that nobody holds at once, and keeps what else is in it', async () => {
    api.store({ leaseTransitions: 4, strategy: 'kept' } as object);
    await leading('a');
    expect(api.lease?.spec).toMatchObject({
      holderIdentity: 'a',
      leaseTransitions: 5,
      strategy: 'kept',
    });
  });

  test('does not lead while another one renews', async () => {
    await leading('a');
    const { elector } = candidate('b');
    elector.start();
    await clock.advance(60_000);
    expect([elector.isLeader, elector.leader, api.holder]).toEqual([false, 'a', 'a']);
    expect(told).toEqual([]);
  });

  test('leads when it has seen no renewal for the time that the Lease says, whatever its clock', async () => {
    // Renewed, so it says, in the far future; and only the time since it was seen first counts.
    const renewTime = '2099-01-01T00:00:00.000000Z';
    api.store({ holderIdentity: 'gone', leaseDurationSeconds: 20, renewTime });
    const { elector } = candidate('b');
    elector.start();
    await clock.advance(19_999);
    expect(elector.isLeader).toBe(false);
    await clock.advance(2_000);
    expect(told).toEqual(['b leads']);
  });

  test('is not faster than another one', async () => {
    const electors = ['a', 'b', 'c'].map((identity) => candidate(identity).elector);
    for (const elector of electors) elector.start();
    await clock.advance(60_000);
    expect(electors.filter(({ isLeader }) => isLeader)).toHaveLength(1);
    expect(without(': AlreadyExists')).toEqual(['a leads']);
  });

  test('asks again after errors', async () => {
    const { client, elector } = candidate('a');
    client.network = 'down';
    elector.start();
    await clock.advance(6_000);
    client.network = 'up';
    await clock.advance(2_000);
    expect(without(': ECONNREFUSED')).toEqual(['a leads']);
  });
});

describe('a candidate that can ask whether the holder is gone', () => {
  const held = { holderIdentity: 'gone', leaseDurationSeconds: 15 };

  test('leads at once when it is', async () => {
    api.store(held);
    candidate('b', { isGone: async (holder) => holder === 'gone' }).elector.start();
    await flushPromises();
    expect(told).toEqual(['b leads']);
    expect(api.lease?.spec?.leaseTransitions).toBe(1);
  });

  test('asks again while it is not', async () => {
    api.store(held);
    let isGone = false;
    candidate('b', { isGone: async () => isGone }).elector.start();
    await clock.advance(3_000);
    expect(told).toEqual([]);
    isGone = true;
    await clock.advance(2_000);
    expect(told).toEqual(['b leads']);
  });

  test('does not ask for one that renews', async () => {
    await leading('a');
    let asked = 0;
    const isGone = async () => {
      asked += 1;
      return false;
    };
    candidate('b', { isGone }).elector.start();
    await clock.advance(60_000);
    // What is there at first may be of one long gone.
    expect(asked).toBe(1);
    expect(told).toEqual([]);
  });

  test('waits for the end of the Lease when it gets no answer', async () => {
    api.store(held);
    const isGone = () => Promise.reject(new Error('No answer'));
    candidate('b', { isGone }).elector.start();
    await clock.advance(14_999);
    expect(without(': No answer')).toEqual([]);
    await clock.advance(2_000);
    expect(without(': No answer')).toEqual(['b leads']);
  });

  test('goes on with the Lease that it held before it was started again', async () => {
    api.store({ ...held, holderIdentity: 'a', leaseTransitions: 3 });
    await leading('a');
    expect(api.lease?.spec?.leaseTransitions).toBe(3);
  });
});

describe('a candidate has a leader', () => {
  test('when it leads', async () => {
    const { client, elector } = candidate('a');
    expect(elector.hasLeader).toBe(false);
    elector.start();
    await flushPromises();
    expect(elector.hasLeader).toBe(true);
    client.network = 'down';
    await clock.advance(11_000);
    expect(elector.hasLeader).toBe(false);
  });

  test('when it saw another one renew, and not for a Lease that is only there', async () => {
    api.store({ holderIdentity: 'gone', leaseDurationSeconds: 15 });
    const { elector } = candidate('b');
    elector.start();
    await clock.advance(14_000);
    expect([elector.leader, elector.hasLeader]).toEqual(['gone', false]);
    api.store({ holderIdentity: 'a', leaseDurationSeconds: 15 });
    await clock.advance(2_000);
    expect([elector.leader, elector.hasLeader]).toEqual(['a', true]);
    await clock.advance(10_000);
    expect(elector.hasLeader).toBe(true);
  });
});

describe('a leader', () => {
  test.each(['down', 'cut', 'lost'] as const)(
    'that cannot renew stops before another one starts, with the network %s',
    async (network) => {
      const { client, elector } = await leading('a');
      candidate('b').elector.start();
      await clock.advance(6_000);
      client.network = network;
      // Renewed at 6 s, or written for the last time a moment later.
      await clock.advance(9_999);
      expect(elector.isLeader).toBe(true);
      await clock.advance(1);
      expect(elector.isLeader).toBe(false);
      expect(told).toContain('a lost');
      if (network === 'lost') client.network = 'cut';
      await clock.advance(60_000);
      expect(without(': ')).toEqual(['a lost', 'b leads']);
      expect(elector.isLeader).toBe(false);
    },
  );

  test('survives a short outage', async () => {
    const { client } = await leading('a');
    client.network = 'cut';
    await clock.advance(7_000);
    client.network = 'up';
    await clock.advance(60_000);
    expect(without(': No answer')).toEqual([]);
    expect(api.lease?.spec?.leaseTransitions).toBe(0);
  });

  test('survives that its Lease was changed by a hand', async () => {
    await leading('a');
    api.store({ ...api.lease?.spec, leaseDurationSeconds: 15, strategy: 'x' } as object);
    await clock.advance(10_000);
    expect(told).toEqual(['a: Conflict']);
  });

  test('creates the Lease again that was deleted', async () => {
    await leading('a');
    api.lease = undefined;
    await clock.advance(10_000);
    expect(told).toEqual(['a: NotFound']);
    expect(api.holder).toBe('a');
  });

  test('stops when another one holds its Lease', async () => {
    const { elector } = await leading('a');
    api.store({ holderIdentity: 'b', leaseDurationSeconds: 15 });
    await clock.advance(4_000);
    expect(told).toEqual(['a: Conflict', 'a lost']);
    expect([elector.isLeader, elector.leader]).toEqual([false, 'b']);
  });

  test('is none from the moment its time is up, even before its timer was heard', async () => {
    const { elector } = await leading('a');
    // The process was held up: time has passed, and no timer has run.
    const now = clock.monotonic();
    clock.monotonic = () => now + 10_000;
    expect(elector.isLeader).toBe(false);
  });

  test('that lost takes part again', async () => {
    const { client } = await leading('a');
    client.network = 'down';
    await clock.advance(20_000);
    client.network = 'up';
    await clock.advance(2_000);
    expect(without(': ECONNREFUSED')).toEqual(['a lost', 'a leads']);
  });
});

describe('stopping', () => {
  test('gives the Lease away, so that a standby leads at its next attempt', async () => {
    const { elector } = await leading('a');
    const standby = candidate('b').elector;
    standby.start();
    await clock.advance(3_000);
    await elector.stop();
    expect(told).toEqual(['a stopped']);
    expect(api.lease?.spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(api.holder).toBeUndefined();
    await clock.advance(2_000);
    expect(told).toEqual(['a stopped', 'b leads']);
    expect(api.lease?.spec?.leaseTransitions).toBe(1);
  });

  test('leaves no timer behind', async () => {
    const { elector } = await leading('a');
    await elector.stop();
    expect(clock.waits).toEqual([]);
  });

  test('of a standby leaves the Lease to its holder', async () => {
    await leading('a');
    const { elector } = candidate('b');
    elector.start();
    await clock.advance(3_000);
    await elector.stop();
    expect(api.holder).toBe('a');
    expect(told).toEqual([]);
  });

  test('of one that was not started does nothing', async () => {
    await candidate('a').elector.stop();
    expect(api.log).toEqual([]);
  });

  test('gives away what may have been taken, though no answer came', async () => {
    const { client, elector } = candidate('a');
    client.network = 'lost';
    elector.start();
    await clock.advance(1_000);
    expect([api.holder, elector.isLeader]).toEqual(['a', false]);
    client.network = 'up';
    const stopped = elector.stop();
    await clock.advance(5_000);
    await stopped;
    expect(api.holder).toBeUndefined();
    expect(without(': ')).toEqual([]);
  });

  test('gives away a Lease that was changed by a hand', async () => {
    const { elector } = await leading('a');
    api.store({ ...api.lease?.spec, leaseDurationSeconds: 15, strategy: 'x' } as object);
    await elector.stop();
    expect(api.holder).toBeUndefined();
  });

  test('takes no Lease from another one', async () => {
    const { elector } = await leading('a');
    api.store({ holderIdentity: 'b', leaseDurationSeconds: 15 });
    await elector.stop();
    expect(api.holder).toBe('b');
  });

  test('takes some seconds at most when no answer comes', async () => {
    const { client, elector } = await leading('a');
    client.network = 'cut';
    await clock.advance(2_500);
    let isStopped = false;
    const stopped = elector.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(10_000);
    expect(isStopped).toBe(true);
    await stopped;
  });
});

test.each([
  { leaseSeconds: 10, renewSeconds: 10, retrySeconds: 2 },
  { leaseSeconds: 15, renewSeconds: 2, retrySeconds: 2 },
  { leaseSeconds: 15, renewSeconds: 10, retrySeconds: 0 },
  { leaseSeconds: Number.NaN, renewSeconds: 10, retrySeconds: 2 },
])('durations that could not work are refused: %o', (seconds) => {
  expect(() => candidate('a', seconds)).toThrow(RangeError);
});

test('there is never more than one leader, however the network of each fares', async () => {
  const network = fc.constantFrom<Network>('up', 'up', 'down', 'cut', 'lost');
  const change = fc.record({ of: fc.nat(2), network, lasts: fc.nat(30) });
  let elections = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 20, size: 'max' }), async (changes) => {
      api = new LeaseApi();
      const three = ['a', 'b', 'c'].map((identity) => candidate(identity));
      for (const { elector } of three) elector.start();
      for (const { of, network, lasts } of changes) {
        const changed = three[of];
        if (changed !== undefined) changed.client.network = network;
        for (let second = 0; second < lasts; second += 1) {
          await clock.advance(1_000);
          expect(three.filter(({ elector }) => elector.isLeader).length).toBeLessThan(2);
        }
      }
      elections += told.splice(0).filter((each) => each.endsWith('leads')).length;
      const stopped = Promise.all(candidates.splice(0).map((each) => each.stop()));
      await clock.advance(60_000);
      await stopped;
    }),
    { numRuns: 50 },
  );
  // Otherwise it would be no wonder.
  expect(elections).toBeGreaterThan(60);
}, 30_000);
