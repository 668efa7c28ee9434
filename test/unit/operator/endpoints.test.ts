import { expect, test } from 'vitest';
import { type EndpointSlice, Endpoints, keptSlice } from '../../../src/operator/endpoints.ts';
import { HandClock } from '../time/support/handClock.ts';

const GATE = 'staging/db';
const LABELS = { 'chaosgate.dev/gate': 'db', 'kubernetes.io/service-name': 'db' };

/** A slice of the gate's Service with pods of these uids, `!` before those that are not ready. */
function slice(pods: string[], name = 'db-a', labels: object = LABELS): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'staging', labels: { ...labels } },
    endpoints: pods.map((pod) => ({
      conditions: { ready: !pod.startsWith('!') },
      targetRef: { kind: 'Pod', uid: pod.replace('!', '') },
    })),
  };
}

function setUp() {
  const clock = new HandClock();
  const changes: string[] = [];
  const endpoints = new Endpoints({
    settleMilliseconds: 200,
    clock,
    onChange: (gate) => changes.push(gate),
  });
  const states = () => Object.fromEntries(endpoints.states(GATE));
  return { clock, changes, endpoints, states };
}

test('an endpoint is settled once it has been listed for the delay, and says so', async () => {
  const { clock, changes, endpoints, states } = setUp();
  endpoints.changed(slice(['a', '!b']), undefined);
  expect(states()).toEqual({ a: 'listed' });
  await clock.advance(199);
  expect(states()).toEqual({ a: 'listed' });
  expect(changes).toEqual([GATE]);
  await clock.advance(1);
  expect(states()).toEqual({ a: 'settled' });
  expect(changes).toEqual([GATE, GATE]);
});

test('a pod that leaves and comes back is new; one in two slices is there until it has left both', async () => {
  const { clock, endpoints, states } = setUp();
  endpoints.changed(slice(['a']), undefined);
  endpoints.changed(slice(['a'], 'db-ipv6'), undefined);
  await clock.advance(200);
  endpoints.changed(slice(['!a']), slice(['a']));
  expect(states()).toEqual({ a: 'settled' });
  endpoints.changed(undefined, slice(['a'], 'db-ipv6'));
  expect(states()).toEqual({});
  endpoints.changed(slice(['a']), slice(['!a']));
  expect(states()).toEqual({ a: 'listed' });
});

test('what changes nothing for a client is no news', async () => {
  const { changes, endpoints } = setUp();
  endpoints.changed(slice(['a']), undefined);
  endpoints.changed(slice(['a', '!b']), slice(['a']));
  endpoints.changed(slice(['a']), slice(['a', '!b']));
  expect(changes).toEqual([GATE]);
});

test.each([
  ['of another Service that has the label', { ...LABELS, 'kubernetes.io/service-name': 'other' }],
  ['without a gate', { 'kubernetes.io/service-name': 'db' }],
])('a slice %s is not kept', (_, labels) => {
  expect(keptSlice(slice(['a'], 'db-a', labels))).toBeUndefined();
});

test('of a slice of the largest size little is kept, and that is the same for the gate', () => {
  const large = slice(
    Array.from({ length: 1_000 }, (_, pod) => `${pod}`.padEnd(1_000, 'x')),
    'db-a',
    { ...LABELS, more: 'x'.repeat(100_000) },
  );
  expect(JSON.stringify(keptSlice(large)).length).toBeLessThan(8_192);
  const { endpoints, states } = setUp();
  endpoints.changed(keptSlice(slice(['a', '!b'])), undefined);
  expect(states()).toEqual({ a: 'listed' });
});
