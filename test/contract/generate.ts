import fc from 'fast-check';
import { APPLY, GATES, MERGE, type Request, type Story } from './request.ts';

/** Mostly right, now and then wrong: both servers must say so in the same words. */
const upstream = fc.record(
  {
    host: fc.constantFrom('localhost', 'a', '', 'b/c'),
    port: fc.constantFrom(1, 2, 5_432, 70_000),
    connectTimeoutMilliseconds: fc.constantFrom(1, 5_000, 0),
  },
  { requiredKeys: ['host'] },
);

const delay = fc.record(
  {
    milliseconds: fc.constantFrom(0, 1, 300, -1, 4_000_000),
    jitterMilliseconds: fc.constantFrom(0, 1, 5),
  },
  { requiredKeys: [] },
);

const direction = fc.record(
  {
    delay: fc.option(delay, { freq: 8 }),
    drop: fc.constantFrom({}, null),
    stall: fc.constantFrom({}, null),
    closeOnData: fc.constantFrom({}, { how: 'Reset' }, { how: 'No' }),
    connectionsPercent: fc.constantFrom(0, 50, 100, 101, null),
  },
  { requiredKeys: [] },
);

const spec = fc.record(
  {
    upstream: fc.option(upstream, { freq: 12 }),
    toClient: fc.option(direction, { freq: 8 }),
    toServer: fc.option(direction, { freq: 8 }),
    seed: fc.constantFrom(0, 1, 2, null, -1),
    newConnections: fc.constantFrom('Accept', 'Hold', 'Refuse', null, 'Foo'),
    disconnect: fc.constantFrom({ nonce: '1' }, { nonce: '2', how: 'Reset' }, { count: 1 }, null),
    listen: fc.constantFrom({ port: 1 }, {}, null),
  },
  { requiredKeys: [] },
);

/** Without what a real server keeps and shows nobody, such as empty labels: it counts as a change there. */
const metadata = fc.record(
  {
    labels: fc.constantFrom<object>({ a: 'b' }, { a: 'c', d: 'e' }, { d: 'x' }, { 'bad key': 'x' }),
    annotations: fc.constantFrom<object>({ a: 'b' }, { c: 'd' }),
    finalizers: fc.constantFrom(['x.y/z'], ['x.y/z', 'x.y/w']),
  },
  { requiredKeys: [] },
);

const condition = fc.record({
  type: fc.constantFrom('Ready', 'Stalled', 'Programmed'),
  status: fc.constantFrom('True', 'False', 'Maybe'),
  reason: fc.constantFrom('A', 'B', ''),
  message: fc.constantFrom('', 'x'),
  observedGeneration: fc.constantFrom(1, 2),
  lastTransitionTime: fc.constant('2026-01-01T00:00:00Z'),
});

const status = fc.record(
  {
    faults: fc.constantFrom('none', 'x', null),
    connections: fc.constantFrom({ active: 1, accepted: 2 }, { active: 3 }, null),
    conditions: fc.uniqueArray(condition, { selector: ({ type }) => type, maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const name = fc.constantFrom('a', 'a', 'a', 'b');
const query = fc
  .record(
    {
      dryRun: fc.constant('All'),
      fieldValidation: fc.constantFrom('Strict', 'Ignore', 'Warn'),
      force: fc.constant('true'),
    },
    { requiredKeys: [] },
  )
  .chain((options) =>
    fc.constantFrom('one', 'two', 'three').map((fieldManager) => ({ ...options, fieldManager })),
  );

type Step = Omit<Request, 'name'>;

const steps: fc.Arbitrary<Step> = fc
  .record({ name, query, spec, metadata, status, kind: fc.integer({ min: 0, max: 11 }) })
  .map((parts) => {
    const { force, ...plain } = parts.query as Record<string, string>;
    const object = {
      apiVersion: 'chaosgate.dev/v1alpha1',
      kind: 'TcpGate',
      metadata: { ...parts.metadata, name: parts.name },
    };
    const at = `${GATES}/${parts.name}`;
    const forced = new URLSearchParams(
      force === undefined ? plain : { ...plain, force },
    ).toString();
    const unforced = new URLSearchParams(plain).toString();
    const { upstream: _, ...change } = parts.spec;
    const patch = { metadata: parts.metadata, spec: change };
    const all: Step[] = [
      { method: 'POST', path: `${GATES}?${unforced}`, body: { ...object, spec: parts.spec } },
      { method: 'PATCH', path: `${at}?${unforced}`, headers: MERGE, body: patch },
      { method: 'PATCH', path: `${at}?${unforced}`, headers: MERGE, body: { spec: change } },
      { method: 'PATCH', path: `${at}?${unforced}`, headers: MERGE, body: { spec: parts.spec } },
      {
        method: 'PATCH',
        path: `${at}?${forced}`,
        headers: APPLY,
        body: { ...object, spec: parts.spec },
      },
      {
        method: 'PATCH',
        path: `${at}?${forced}`,
        headers: APPLY,
        body: { ...object, spec: change },
      },
      { method: 'PATCH', path: `${at}?${forced}`, headers: APPLY, body: object },
      {
        method: 'PATCH',
        path: `${at}/status?${forced}`,
        headers: APPLY,
        body: { ...object, status: parts.status },
      },
      {
        method: 'PATCH',
        path: `${at}/status?${forced}`,
        headers: APPLY,
        body: { ...object, status: parts.status, spec: parts.spec },
      },
      {
        method: 'PATCH',
        path: `${at}/status?${unforced}`,
        headers: MERGE,
        body: { status: parts.status },
      },
      { method: 'GET', path: at },
      { method: 'DELETE', path: 'dryRun' in plain ? `${at}?dryRun=All` : at },
    ];
    return all[parts.kind] ?? { method: 'GET', path: at };
  });

/** Stories that nobody thought of; the same seed tells the same ones. */
export function randomStories(seed: number, count: number): Story[] {
  const first: Step = {
    method: 'POST',
    path: GATES,
    body: { ...BARE, spec: { upstream: { host: 'h', port: 1 } } },
  };
  const stories = fc.array(steps, { minLength: 30, maxLength: 50 });
  return fc.sample(stories, { seed, numRuns: count }).map((requests, index) => ({
    name: `random ${seed} ${index}`,
    requests: [first, ...requests].map((request, step) => ({ ...request, name: `${step}` })),
  }));
}

const BARE = { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', metadata: { name: 'a' } };
