import { describe, expect, test } from 'vitest';
import { deploymentTrouble } from '../../../src/operator/deployments.ts';
import { type Pod, proxyPod } from '../../../src/operator/pods.ts';
import { because, NO_PROXY, troubleOf } from '../../../src/operator/trouble.ts';
import { aPod } from './fixtures.ts';

function podWith(status: Pod['status']): Pod {
  const metadata = { name: 'front-1', uid: 'a', creationTimestamp: '2026-11-29T05:00:00Z' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, ...(status === undefined ? {} : { status }) };
}

const withContainer = (...containerStatuses: object[]) => podWith({ containerStatuses });

/** As Kubernetes 1.34 wrote it. */
const PULL =
  'failed to pull and unpack image "localhost/none:1": failed to resolve reference "localhost/none:1": not found';

describe('the trouble of a pod', () => {
  test.each<[string, Pod, string | undefined]>([
    ['nothing while it starts', podWith(undefined), undefined],
    [
      'nothing while its containers are made',
      withContainer({ state: { waiting: { reason: 'ContainerCreating' } } }),
      undefined,
    ],
    [
      'no node for it',
      podWith({
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
        ],
      }),
      'Unschedulable: 0/1 nodes',
    ],
    [
      'an image that cannot be pulled',
      withContainer({ state: { waiting: { reason: 'ErrImagePull', message: PULL } } }),
      `ErrImagePull: ${PULL}`,
    ],
    [
      'the same between two attempts',
      withContainer({
        state: {
          waiting: {
            reason: 'ImagePullBackOff',
            message: `Back-off pulling image "localhost/none:1": ErrImagePull: ${PULL}`,
          },
        },
      }),
      `ErrImagePull: ${PULL}`,
    ],
    [
      'the same as Kubernetes 1.30 says it',
      withContainer({
        state: {
          waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "none"' },
        },
      }),
      'ErrImagePull',
    ],
    [
      'a configuration that its container cannot have',
      withContainer({
        state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret not found' } },
      }),
      'CreateContainerConfigError: secret not found',
    ],
    [
      'a container that ended out of memory',
      withContainer(
        { name: 'mesh', state: { running: {} } },
        { name: 'proxy', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      ),
      'container proxy ended with OOMKilled (exit code 137)',
    ],
    [
      'the same before it is started again, without a count of seconds',
      withContainer({
        name: 'proxy',
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting' } },
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      }),
      'CrashLoopBackOff: container proxy ended with OOMKilled (exit code 137)',
    ],
    [
      'the same when it runs again and is not ready yet',
      withContainer({
        name: 'proxy',
        state: { running: {} },
        lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'no key\n' } },
      }),
      'container proxy ended with Error (exit code 1): no key',
    ],
    [
      'nothing after a container that was done',
      withContainer({ state: { running: {} }, lastState: { terminated: { exitCode: 0 } } }),
      undefined,
    ],
    [
      'the end of a pod',
      podWith({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory' }),
      'Evicted: The node was low on memory',
    ],
    [
      'nothing once it is ready',
      podWith({
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ lastState: { terminated: { exitCode: 137 } } }],
      }),
      undefined,
    ],
  ])('%s', (_, pod, trouble) => {
    expect(proxyPod(pod).trouble).toBe(
      trouble === undefined ? undefined : `pod front-1: ${trouble}`,
    );
  });
});

describe('the trouble of a Deployment', () => {
  const withCondition = (condition: object) =>
    deploymentTrouble({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'front' },
      status: { conditions: [{ type: 'Available', status: 'False' }, condition] },
    } as Parameters<typeof deploymentTrouble>[0]);

  test('is that the API server takes no pod of it', () => {
    const condition = { reason: 'FailedCreate', message: 'exceeded quota: q' };
    expect(withCondition({ type: 'ReplicaFailure', status: 'True', ...condition })).toBe(
      'Deployment front: FailedCreate: exceeded quota: q',
    );
    expect(
      withCondition({ type: 'ReplicaFailure', status: 'False', ...condition }),
    ).toBeUndefined();
  });

  test('is that it makes no progress', () => {
    const condition = { type: 'Progressing', status: 'False', message: 'has timed out' };
    expect(withCondition({ ...condition, reason: 'ProgressDeadlineExceeded' })).toBe(
      'Deployment front: ProgressDeadlineExceeded: has timed out',
    );
    expect(withCondition({ ...condition, reason: 'NewReplicaSetCreated' })).toBeUndefined();
    expect(deploymentTrouble(undefined)).toBeUndefined();
  });
});

describe('the trouble of a gate', () => {
  const bad = (uid: string, createdAt: number) =>
    aPod({ uid, ready: false, createdAt, trouble: `pod ${uid}` });

  test('is that of its newest pod, before that of its Deployment', () => {
    const pods = [bad('a', 1), bad('b', 2)];
    expect(troubleOf(pods, 'Deployment')).toBe('pod b');
    expect(troubleOf([], 'Deployment')).toBe('Deployment');
    expect(troubleOf([], undefined)).toBeUndefined();
  });

  test('is not that of a pod that another one has replaced, or that is leaving', () => {
    const ready = aPod({ createdAt: 2 });
    expect(troubleOf([bad('a', 1), ready], undefined)).toBeUndefined();
    expect(troubleOf([bad('a', 3), ready], undefined)).toBe('pod a');
    const leaving = { ...bad('a', 3), terminating: true };
    expect(troubleOf([leaving, ready], undefined)).toBeUndefined();
  });

  test('is one line of bounded length', () => {
    const trouble = `two\n lines ${'x'.repeat(10_000)}`;
    const text = troubleOf([], trouble);
    expect(text).toMatch(/^two lines x+$/);
    expect(text).toHaveLength(1_024);
  });

  test('stands behind what it is the cause of', () => {
    expect(because(NO_PROXY, undefined)).toBe('No proxy runs yet');
    expect(because(NO_PROXY, 'quota')).toBe('No proxy runs: quota');
  });
});
