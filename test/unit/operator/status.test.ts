import { describe, expect, test } from 'vitest';
import {
  INITIAL_STATUS,
  MAX_FAULTS,
  type TcpGateStatus,
  tcpGateStatus,
} from '../../../src/api/status.ts';
import { startingStatus, statusOf } from '../../../src/operator/status.ts';
import { aPod, heard, observed, type Seen } from './fixtures.ts';

const now = new Date('2026-01-02T03:04:05.678Z');

function conditionsOf(changes: Partial<Seen>): Record<string, string> {
  const status = statusOf(observed(changes), undefined, now);
  return Object.fromEntries(
    (status.conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );
}

describe('the status', () => {
  test('is ready when a ready proxy runs the generation and a new pod would too', () => {
    expect(conditionsOf({})).toEqual({
      Ready: 'True Serving',
      Programmed: 'True Programmed',
      Connected: 'False NoConnection',
      FaultsActive: 'False NoFaults',
      UpstreamReachable: 'True Connects',
    });
  });

  test.each([
    ['no EndpointSlice lists its proxy', []],
    ['the nodes have not followed its EndpointSlice', [['pod-1', 'listed']]],
    ['its Service leads to another pod', [['pod-2', 'settled']]],
  ] as const)('is not ready while %s', (_, endpoints) => {
    expect(conditionsOf({ endpoints: new Map(endpoints) })).toMatchObject({
      Ready: 'False EndpointsNotReady',
      Reconciling: 'True EndpointsNotReady',
      Programmed: 'True Programmed',
    });
  });

  test('stays ready when the operator starts again, for which every endpoint is new', () => {
    const before = statusOf(observed(), undefined, now);
    const endpoints = new Map([['pod-1', 'listed' as const]]);
    expect(statusOf(observed({ endpoints }), before, now)).toEqual(before);
    const gone = statusOf(observed({ endpoints: new Map() }), before, now);
    expect(gone.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
  });

  test('is not programmed while one process that may carry connections runs an older generation', () => {
    const pods = [aPod(), aPod({ uid: 'pod-2', terminating: true, ready: false })];
    const links = new Map([
      ['pod-1', heard()],
      ['pod-2', heard({ generation: 2 })],
    ]);
    expect(conditionsOf({ pods, links }).Programmed).toBe('False Programming');
  });

  test('is not programmed while a running proxy does not answer', () => {
    const links = new Map([['pod-1', { report: undefined, rejected: undefined }]]);
    expect(conditionsOf({ links })).toMatchObject({
      Programmed: 'False ProxyUnreachable',
      Reconciling: 'True ProxyUnreachable',
      Connected: 'Unknown ProxyUnreachable',
    });
  });

  test('says how a proxy broke the protocol', () => {
    const violation = 'A message is not JSON';
    const links = new Map([['pod-1', { report: undefined, rejected: undefined, violation }]]);
    const status = statusOf(observed({ links }), undefined, now);
    const programmed = status.conditions?.find(({ type }) => type === 'Programmed');
    expect(programmed).toMatchObject({ status: 'False', reason: 'ProxyMisbehaves' });
    expect(programmed?.message).toMatch(/in pod .* within a minute: A message is not JSON$/);
  });

  test('is not programmed while a proxy runs a generation that the gate does not have', () => {
    const links = new Map([['pod-1', heard({ generation: Number.MAX_SAFE_INTEGER })]]);
    expect(conditionsOf({ links }).Programmed).toBe('False ProxyAhead');
  });

  test('is not programmed before a pod that starts now would run the same', () => {
    expect(conditionsOf({ stored: false }).Programmed).toBe('False Programming');
  });

  test('does not wait for a pod whose container does not run', () => {
    const pods = [aPod(), aPod({ uid: 'pod-2', running: false, ready: false })];
    expect(conditionsOf({ pods }).Programmed).toBe('True Programmed');
  });

  test('says why a proxy refused the snapshot', () => {
    const links = new Map([
      ['pod-1', { ...heard({ generation: 2 }), rejected: { generation: 3, message: 'too new' } }],
    ]);
    expect(conditionsOf({ links }).Ready).toBe('False ProxyRejected');
  });

  test('is not ready when the port is not available, whatever runs', () => {
    const links = new Map([['pod-1', heard({ listenError: 'Port 5432 is already in use' })]]);
    expect(conditionsOf({ links }).Ready).toBe('False ListenFailed');
  });

  test('is not ready while clients are reset at the limit of connections', () => {
    const overLimit = 'The gate had 10000 connections';
    const links = new Map([['pod-1', heard({ overLimit })]]);
    const status = statusOf(observed({ links }), undefined, now);
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'ConnectionLimit', message: overLimit });
    expect(conditionsOf({ links })).toMatchObject({
      Programmed: 'True Programmed',
      Reconciling: 'True ConnectionLimit',
    });
  });

  test('is not ready while no pod is', () => {
    expect(conditionsOf({ pods: [aPod({ ready: false })] }).Ready).toBe('False ProxyNotReady');
    expect(conditionsOf({ pods: [], links: new Map() }).Ready).toBe('False NoProxy');
  });

  test('says what keeps its proxy away', () => {
    const messageOf = (changes: Partial<Seen>) =>
      statusOf(observed(changes), undefined, now).conditions?.find(({ type }) => type === 'Ready')
        ?.message;
    const trouble = 'Deployment postgres-chaosgate: FailedCreate: exceeded quota';
    expect(messageOf({ pods: [], links: new Map() })).toBe('No proxy runs yet');
    expect(messageOf({ pods: [], links: new Map(), trouble })).toBe(`No proxy runs: ${trouble}`);
    const pods = [aPod({ ready: false, trouble: 'pod a: OOMKilled' })];
    expect(messageOf({ pods })).toBe('No proxy pod is ready: pod a: OOMKilled');
    const links = new Map([['pod-1', { report: undefined, rejected: undefined }]]);
    expect(messageOf({ pods, links })).toBe(
      'The proxy in pod postgres-chaosgate-1 does not respond to the operator: pod a: OOMKilled',
    );
  });

  test('is ready while the old proxy serves, and says that no new one starts', () => {
    const stuck = aPod({ uid: 'pod-2', ready: false, running: false, createdAt: 1, trouble: 'x' });
    expect(conditionsOf({ pods: [aPod(), stuck] })).toMatchObject({
      Ready: 'True RolloutStuck',
      Reconciling: 'True RolloutStuck',
      Programmed: 'True Programmed',
    });
  });

  test('is stalled, and not reconciling, when only the user can help', () => {
    const problem = {
      terminal: true,
      reason: 'NameTaken',
      message: 'Service postgres is not ours',
    };
    const conditions = conditionsOf({ problem });
    expect(conditions).toMatchObject({ Ready: 'False NameTaken', Stalled: 'True NameTaken' });
    expect(conditions).not.toHaveProperty('Reconciling');
  });

  test.each([
    { terminal: true, reason: 'NameTaken', message: 'Service postgres is not ours' },
    { terminal: false, reason: 'ChildFailed', message: 'Service postgres was refused' },
  ])('of a gate that nobody can reach ($reason) promises nothing to clients', (problem) => {
    const links = new Map([['pod-1', heard({ faults: 'toClient delay 300ms' })]]);
    const changes = { problem, reachable: false, links };
    expect(conditionsOf(changes)).toMatchObject({
      Ready: `False ${problem.reason}`,
      Programmed: `False ${problem.reason}`,
    });
    const status = statusOf(observed(changes), undefined, now);
    expect(status).not.toHaveProperty('address');
    expect(status.faults).toBe('none (unreachable: toClient delay 300ms)');
  });

  test('of a gate that nobody can reach still tells what its open connections meet', () => {
    const report = { faults: 'toServer drop', connections: { active: 1, accepted: 1 } };
    const links = new Map([['pod-1', heard(report)]]);
    const problem = { terminal: true, reason: 'NameTaken', message: 'Service postgres' };
    const status = statusOf(observed({ problem, reachable: false, links }), undefined, now);
    expect(status.faults).toBe('toServer drop');
  });

  test('says where clients connect as soon as they can', () => {
    expect(statusOf(observed(), undefined, now).address).toBe('postgres.staging.svc:5432');
    const status = statusOf(observed({ address: undefined }), undefined, now);
    expect(status).not.toHaveProperty('address');
  });

  test('is not programmed while no pod is ready, unless connections are open', () => {
    const pods = [aPod({ ready: false })];
    expect(conditionsOf({ pods }).Programmed).toBe('False ProxyNotReady');
    const open = new Map([['pod-1', heard({ connections: { active: 1, accepted: 1 } })]]);
    expect(conditionsOf({ pods, links: open })).toMatchObject({
      Programmed: 'True Programmed',
      Ready: 'False ProxyNotReady',
    });
  });

  test('is not programmed while the port is not available', () => {
    const links = new Map([['pod-1', heard({ listenError: 'Port 1 is in use', faults: 'x' })]]);
    expect(conditionsOf({ links }).Programmed).toBe('False ListenFailed');
    expect(statusOf(observed({ links }), undefined, now).faults).toBe('none (unreachable: x)');
  });

  test('claims no fault once no proxy runs, and keeps those of one that is silent', () => {
    const previous = { faults: 'toServer drop' };
    const gone = observed({ pods: [], links: new Map() });
    expect(statusOf(gone, previous, now).faults).toBe('none');
    const silent = observed({ links: new Map() });
    expect(statusOf(silent, previous, now).faults).toBe('toServer drop');
    const back = statusOf(silent, { faults: 'none (unreachable: toServer drop)' }, now);
    expect(back.faults).toBe('toServer drop');
  });

  test('of faults is never longer than the definition allows', () => {
    const links = new Map([['pod-1', heard({ faults: 'x'.repeat(5_000), listenError: 'no' })]]);
    expect(statusOf(observed({ links }), undefined, now).faults).toHaveLength(MAX_FAULTS);
  });

  test('of a new gate is one that kstatus does not take for done', () => {
    const status = startingStatus(3, { address: 'a:1' }, now);
    expect(status).toMatchObject({ observedGeneration: 3, address: 'a:1' });
    expect(status.conditions).toContainEqual({
      type: 'Reconciling',
      status: 'True',
      reason: 'Starting',
      message: 'The operator is setting up the gate',
      observedGeneration: 3,
      lastTransitionTime: '2026-01-02T03:04:05Z',
    });
    expect(tcpGateStatus.parse(status)).toEqual(status);
    expect(tcpGateStatus.parse(INITIAL_STATUS)).toEqual(INITIAL_STATUS);
  });

  test('adds up the connections of all proxies', () => {
    const pods = [aPod(), aPod({ uid: 'pod-2' })];
    const links = new Map([
      ['pod-1', heard({ connections: { active: 3, accepted: 5 } })],
      ['pod-2', heard({ connections: { active: 1, accepted: 9 } })],
    ]);
    const status = statusOf(observed({ pods, links }), undefined, now);
    expect(status.connections).toEqual({ active: 4, accepted: 14 });
    expect(status.conditions?.find(({ type }) => type === 'Connected')?.status).toBe('True');
  });

  test('says how many connections a disconnect closed, once every proxy ran it', () => {
    const pods = [aPod(), aPod({ uid: 'pod-2' })];
    const disconnectOf = (first: object, second: object, previous?: TcpGateStatus) => {
      const links = new Map([
        ['pod-1', heard(first)],
        ['pod-2', heard(second)],
      ]);
      return statusOf(observed({ pods, links }), previous, now).disconnect;
    };
    const ran = { disconnectNonce: 'b', disconnectClosed: 2 };
    expect(disconnectOf(ran, { disconnectNonce: 'b', disconnectClosed: 3 })).toEqual({
      nonce: 'b',
      closed: 5,
    });
    const before = { disconnect: { nonce: 'a', closed: 1 } };
    expect(disconnectOf(ran, { disconnectNonce: 'a' }, before)).toEqual(before.disconnect);
    expect(disconnectOf({}, {}, before)).toEqual(before.disconnect);
    const startedSince = { disconnectNonce: 'a' };
    expect(disconnectOf(startedSince, startedSince, before)).toEqual(before.disconnect);
    expect(disconnectOf(startedSince, startedSince)).toEqual({ nonce: 'a' });
  });

  test('keeps the last count while the proxy is not heard, and drops it when it is gone', () => {
    const previous = { connections: { active: 4, accepted: 9 } };
    const silent = observed({ links: new Map() });
    expect(statusOf(silent, previous, now).connections).toEqual(previous.connections);
    const gone = observed({ pods: [], links: new Map() });
    expect(statusOf(gone, previous, now).connections?.active).toBe(0);
  });

  test('says so when a fault holds bytes for the rest of a match', () => {
    const connections = { active: 3, accepted: 3 };
    const links = new Map([
      ['pod-1', heard({ connections, undecided: { connections: 2, bytes: 7 } })],
    ]);
    const { conditions } = statusOf(observed({ links }), undefined, now);
    expect(conditions?.find(({ type }) => type === 'Connected')).toMatchObject({
      status: 'True',
      reason: 'Open',
      message:
        'At least one connection is open; until more bytes arrive, substitute holds 7 bytes on 2 connections that may begin a match',
    });
  });

  test('moves a transition time only when the status flips', () => {
    const first = statusOf(observed(), undefined, now);
    expect(first.conditions?.[0]?.lastTransitionTime).toBe('2026-01-02T03:04:05Z');
    const later = new Date('2026-02-02T00:00:00Z');
    const connected = new Map([['pod-1', heard({ connections: { active: 1, accepted: 1 } })]]);
    const times = Object.fromEntries(
      (statusOf(observed({ links: connected }), first, later).conditions ?? []).map(
        ({ type, lastTransitionTime }) => [type, lastTransitionTime],
      ),
    );
    expect(times.Ready).toBe('2026-01-02T03:04:05Z');
    expect(times.Connected).toBe('2026-02-02T00:00:00Z');
  });
});
