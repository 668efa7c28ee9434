import {
  APPLY,
  create,
  GATES,
  gate,
  JSON_PATCH,
  MERGE,
  merge,
  read,
  type Story,
  upstream,
} from '../request.ts';

const now = '2026-01-01T00:00:00Z';
function condition(type: string, status = 'True'): object {
  return {
    type,
    status,
    reason: 'Because',
    message: '',
    observedGeneration: 1,
    lastTransitionTime: now,
  };
}
function statusOf(status: object): object {
  return { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', metadata: { name: 'a' }, status };
}
const at = `${GATES}/a/status`;

export const statuses: Story[] = [
  {
    name: 'status',
    requests: [
      create('a gate', { ...gate('a'), status: { faults: 'mine' } }),
      read('status', at),
      {
        name: 'merge',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: { status: { faults: 'none' }, spec: { seed: 7 }, metadata: { labels: { a: 'b' } } },
      },
      {
        name: 'the same',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: { status: { faults: 'none' } },
      },
      {
        name: 'JSON patch',
        method: 'PATCH',
        path: at,
        headers: JSON_PATCH,
        body: [{ op: 'add', path: '/status/address', value: 'a:1' }],
      },
      {
        name: 'put',
        method: 'PUT',
        path: at,
        body: {
          ...gate('a', { upstream, seed: 9 }, { resourceVersion: '{rv JSON patch}' }),
          status: { faults: 'put' },
        },
      },
      {
        name: 'put from an old version',
        method: 'PUT',
        path: at,
        body: {
          ...gate('a', { upstream, seed: 9 }, { resourceVersion: '{rv JSON patch}' }),
          status: { faults: 'old' },
        },
      },
      {
        name: 'put without a version',
        method: 'PUT',
        path: at,
        body: { ...gate('a'), status: { faults: 'no version' } },
      },
      {
        name: 'put of one that is not there',
        method: 'PUT',
        path: `${GATES}/b/status`,
        body: gate('b'),
      },
      {
        name: 'apply',
        method: 'PATCH',
        path: `${at}?fieldManager=op&force=true`,
        headers: APPLY,
        body: statusOf({
          faults: 'applied',
          conditions: [condition('Ready'), condition('Stalled', 'False')],
        }),
      },
      {
        name: 'apply the same',
        method: 'PATCH',
        path: `${at}?fieldManager=op&force=true`,
        headers: APPLY,
        body: statusOf({
          faults: 'applied',
          conditions: [condition('Ready'), condition('Stalled', 'False')],
        }),
      },
      {
        name: 'apply fewer conditions',
        method: 'PATCH',
        path: `${at}?fieldManager=op&force=true`,
        headers: APPLY,
        body: statusOf({ faults: 'applied', conditions: [condition('Ready', 'False')] }),
      },
      {
        name: 'apply by another',
        method: 'PATCH',
        path: `${at}?fieldManager=other`,
        headers: APPLY,
        body: statusOf({ conditions: [condition('Connected')] }),
      },
      {
        name: 'apply a conflict',
        method: 'PATCH',
        path: `${at}?fieldManager=other`,
        headers: APPLY,
        body: statusOf({ conditions: [condition('Ready')] }),
      },
      {
        name: 'apply one condition twice',
        method: 'PATCH',
        path: `${at}?fieldManager=other`,
        headers: APPLY,
        body: statusOf({ conditions: [condition('Ready'), condition('Ready')] }),
      },
      {
        name: 'apply a condition without type',
        method: 'PATCH',
        path: `${at}?fieldManager=other`,
        headers: APPLY,
        body: statusOf({ conditions: [{ status: 'True' }] }),
      },
      {
        name: 'apply conditions in another order',
        method: 'PATCH',
        path: `${at}?fieldManager=op&force=true`,
        headers: APPLY,
        body: statusOf({
          faults: 'applied',
          conditions: [condition('Stalled'), condition('Connected'), condition('Ready')],
        }),
      },
      {
        name: 'apply fewer of them',
        method: 'PATCH',
        path: `${at}?fieldManager=op&force=true`,
        headers: APPLY,
        body: statusOf({ faults: 'applied', conditions: [condition('Ready')] }),
      },
      {
        name: 'apply an empty status',
        method: 'PATCH',
        path: `${at}?fieldManager=op`,
        headers: APPLY,
        body: statusOf({}),
      },
      {
        name: 'apply a spec',
        method: 'PATCH',
        path: `${at}?fieldManager=spec`,
        headers: APPLY,
        body: gate('a', { upstream, seed: 100 }),
      },
      {
        name: 'apply to one that is not there',
        method: 'PATCH',
        path: `${GATES}/b/status?fieldManager=op`,
        headers: APPLY,
        body: { ...statusOf({}), metadata: { name: 'b' } },
      },
      {
        name: 'merge a condition twice',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: { status: { conditions: [condition('Ready'), condition('Ready')] } },
      },
      {
        name: 'merge into one that is not there',
        method: 'PATCH',
        path: `${GATES}/b/status`,
        headers: MERGE,
        body: { status: {} },
      },
      {
        name: 'invalid',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: { status: { connections: { active: -1 } } },
      },
      {
        name: 'invalid condition',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: { status: { conditions: [{ ...condition('Ready'), status: 'Maybe', reason: '' }] } },
      },
      {
        name: 'unknown',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: { status: { phase: 'x' } },
      },
      {
        name: 'too many conditions',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: {
          status: { conditions: Array.from({ length: 17 }, (_, index) => condition(`C${index}`)) },
        },
      },
      {
        name: 'a time that is none',
        method: 'PATCH',
        path: at,
        headers: MERGE,
        body: {
          status: { conditions: [{ ...condition('Ready'), lastTransitionTime: 'yesterday' }] },
        },
      },
      { name: 'away', method: 'PATCH', path: at, headers: MERGE, body: { status: null } },
      merge('spec after it', 'a', { spec: { seed: 8 }, status: { faults: 'no' } }),
      { name: 'post', method: 'POST', path: at, body: gate('a') },
      read('another subresource', `${GATES}/a/scale`),
      read('deeper', `${GATES}/a/status/x`),
    ],
  },
];
