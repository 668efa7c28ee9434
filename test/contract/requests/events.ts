import { MERGE, read, type Story, TABLE } from '../request.ts';

const CORE = '/api/v1/namespaces/{ns}/events';
const EVENTS = '/apis/events.k8s.io/v1/namespaces/{ns}/events';
const time = '2026-01-01T00:00:00.000000Z';

function event(name: string, more: object = {}): object {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name },
    eventTime: time,
    type: 'Normal',
    reason: 'Programmed',
    action: 'Program',
    note: 'In force: none',
    reportingController: 'chaosgate.dev/operator',
    reportingInstance: 'one',
    regarding: {
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      name: 'a',
      namespace: '{ns}',
      uid: 'u',
    },
    ...more,
  };
}

function core(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name },
    involvedObject: {
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      name: 'a',
      namespace: '{ns}',
      uid: 'u',
    },
    type: 'Warning',
    reason: 'Stalled',
    message: 'The port is taken',
    source: { component: 'x' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 3,
  };
}

export const events: Story[] = [
  {
    name: 'events',
    requests: [
      { name: 'new', method: 'POST', path: EVENTS, body: event('a') },
      { name: 'core', method: 'POST', path: CORE, body: core('b') },
      read('new as core', `${CORE}/a`),
      read('core as new', `${EVENTS}/b`),
      {
        name: 'series',
        method: 'PATCH',
        path: `${EVENTS}/a`,
        headers: MERGE,
        body: { series: { count: 2, lastObservedTime: time } },
      },
      {
        name: 'the same series',
        method: 'PATCH',
        path: `${EVENTS}/a`,
        headers: MERGE,
        body: { series: { count: 2, lastObservedTime: time } },
      },
      {
        name: 'the same, the old way',
        method: 'PATCH',
        path: `${CORE}/b`,
        headers: MERGE,
        body: { count: 3 },
      },
      read('a list', CORE),
      read('a table', CORE, TABLE),
      read('a new table', EVENTS, TABLE),
      read(
        'of an object',
        `${CORE}?fieldSelector=involvedObject.name%3Da,involvedObject.namespace%3D{ns},involvedObject.uid%3Du,involvedObject.kind%3DTcpGate`,
      ),
      read('of no object', `${CORE}?fieldSelector=involvedObject.name%3Dz`),
      {
        ...read('of a type', `${CORE}?fieldSelector=type%3DWarning`),
        pick: (body: { items: { metadata: { name: string } }[] }) =>
          body.items.map(({ metadata }) => metadata.name),
      },
      read('of a field that is none', `${CORE}?fieldSelector=spec%3DWarning`),
      {
        ...read('new of an object', `${EVENTS}?fieldSelector=regarding.name%3Da`),
        pick: (body: { items?: { metadata: { name: string } }[] }) =>
          body.items?.map(({ metadata }) => metadata.name) ?? body,
      },
      {
        name: 'without a time',
        method: 'POST',
        path: EVENTS,
        body: event('c', { eventTime: null }),
      },
      { name: 'without an action', method: 'POST', path: EVENTS, body: event('c', { action: '' }) },
      { name: 'without a reason', method: 'POST', path: EVENTS, body: event('c', { reason: '' }) },
      {
        name: 'without a controller',
        method: 'POST',
        path: EVENTS,
        body: event('c', { reportingController: '' }),
      },
      {
        name: 'with a note too long',
        method: 'POST',
        path: EVENTS,
        body: event('c', { note: 'x'.repeat(1_025) }),
      },
      {
        name: 'of a type that is none',
        method: 'POST',
        path: EVENTS,
        body: event('c', { type: 'Odd' }),
      },
      {
        name: 'in another namespace',
        method: 'POST',
        path: EVENTS,
        body: event('c', { regarding: { kind: 'TcpGate', name: 'a', namespace: 'other' } }),
      },
      {
        name: 'with a time of three digits',
        method: 'POST',
        path: EVENTS,
        body: event('c', { eventTime: '2026-01-01T00:00:00.000Z' }),
      },
      {
        name: 'with a reason of the wrong type',
        method: 'POST',
        path: EVENTS,
        body: event('d', { reason: 7 }),
        differs: 'Type errors are reported as for gates.',
      },
      {
        name: 'the old way again',
        method: 'PATCH',
        path: `${CORE}/b`,
        headers: { 'content-type': 'application/strategic-merge-patch+json' },
        body: { count: 4 },
      },
      { name: 'gone', method: 'DELETE', path: `${CORE}/a` },
      { name: 'gone again', method: 'DELETE', path: `${EVENTS}/a` },
      read('a watch', `${CORE}?watch=true&resourceVersion={rv new}&timeoutSeconds=1`),
    ],
  },
  {
    name: 'namespaces',
    requests: [
      {
        ...read('default', '/api/v1/namespaces/default'),
        pick: (body: {
          metadata: { name: string };
          kind: string;
          status: unknown;
          spec: unknown;
          apiVersion: string;
        }) => ({ ...body, metadata: { name: body.metadata.name } }),
      },
      {
        ...read('the list', '/api/v1/namespaces?fieldSelector=metadata.name%3Ddefault'),
        pick: (body: {
          kind: string;
          apiVersion: string;
          items: { metadata: { name: string } }[];
        }) => ({ ...body, items: body.items.map(({ metadata }) => metadata.name) }),
      },
      {
        ...read('the table', '/api/v1/namespaces/default', TABLE),
        pick: (body: {
          columnDefinitions: { name: string; type: string }[];
          rows: { cells: unknown }[];
        }) => ({
          columns: body.columnDefinitions.map(({ name, type }) => `${name} ${type}`),
          cells: body.rows.map(({ cells }) => cells),
        }),
      },
      read('one that cannot be', '/api/v1/namespaces/Not_A_Name'),
      {
        name: 'again',
        method: 'POST',
        path: '/api/v1/namespaces',
        body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
      },
      { name: 'the default one away', method: 'DELETE', path: '/api/v1/namespaces/default' },
      {
        name: 'one that is not there away',
        method: 'DELETE',
        path: '/api/v1/namespaces/nobody-is-here',
      },
    ],
  },
];
