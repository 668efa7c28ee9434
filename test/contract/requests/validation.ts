import {
  create,
  GATES,
  gate,
  JSON_PATCH,
  MERGE,
  merge,
  put,
  type Request,
  type Story,
  upstream,
} from '../request.ts';

function bad(name: string, spec: unknown): Request {
  return create(name, gate('bad', spec as object));
}

export const validation: Story[] = [
  {
    name: 'validation',
    requests: [
      {
        ...create('no spec', gate('bad')),
        body: { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', metadata: { name: 'bad' } },
      },
      bad('spec of the wrong type', 'x'),
      bad('spec as null', null),
      bad('no upstream', {}),
      bad('upstream as null', { upstream: null }),
      bad('an empty upstream', { upstream: {} }),
      bad('a port as text', { upstream: { ...upstream, port: '7000' } }),
      bad('a port with a fraction', { upstream: { ...upstream, port: 1.5 } }),
      bad('a port as float', { upstream: { ...upstream, port: 7000.0 } }),
      bad('a port too high', { upstream: { ...upstream, port: 70_000 } }),
      bad('a port too low', { upstream: { ...upstream, port: 0 } }),
      bad('a port past 32 bits', { upstream: { ...upstream, port: 3_000_000_000 } }),
      bad('a port as true', { upstream: { ...upstream, port: true } }),
      bad('a port as a list', { upstream: { ...upstream, port: [1] } }),
      bad('a port as an object', { upstream: { ...upstream, port: {} } }),
      bad('a port as null', { upstream: { ...upstream, port: null } }),
      bad('an empty host', { upstream: { ...upstream, host: '' } }),
      bad('a host as number', { upstream: { ...upstream, host: 7 } }),
      bad('a host with a slash', { upstream: { ...upstream, host: 'echo/7000' } }),
      bad('a host too long', { upstream: { ...upstream, host: 'a'.repeat(254) } }),
      bad('a mode that does not exist', { upstream, newConnections: 'Drop' }),
      bad('a mode of the wrong type', { upstream, newConnections: 1 }),
      bad('a mode as null', { upstream, newConnections: null }),
      bad('a direction as null', { upstream, toClient: null }),
      bad('a fault as null', { upstream, toClient: { drop: null } }),
      bad('a fault as true', { upstream, toClient: { drop: true } }),
      bad('a fault as a list', { upstream, toClient: { drop: [] } }),
      bad('a delay without time', { upstream, toClient: { delay: {} } }),
      bad('a negative delay', { upstream, toClient: { delay: { milliseconds: -1 } } }),
      bad('a jitter larger than its delay', {
        upstream,
        toClient: { delay: { milliseconds: 1, jitterMilliseconds: 2 } },
      }),
      bad('two broken rules', {
        upstream,
        toServer: { delay: { milliseconds: 1, jitterMilliseconds: 2 } },
        toClient: { delay: { milliseconds: 1, jitterMilliseconds: 2 } },
      }),
      create(
        'a broken rule and a bad name',
        gate('a.b', { upstream, toClient: { delay: { milliseconds: 1, jitterMilliseconds: 2 } } }),
      ),
      bad('a broken rule and a bad field', {
        upstream,
        seed: -1,
        toClient: { delay: { milliseconds: 1, jitterMilliseconds: 2 } },
      }),
      bad('many at once', {
        upstream: { host: '', port: 0 },
        newConnections: 'x',
        seed: 'y',
        toClient: { connectionsPercent: 101, delay: {} },
      }),
      bad('a disconnect without a nonce', { upstream, disconnect: { how: 'Fin' } }),
      bad('a nonce too long', { upstream, disconnect: { nonce: 'n'.repeat(64) } }),
      create('a good one', gate('good')),
      put(
        'a bad replacement',
        gate(
          'good',
          { upstream: { ...upstream, port: 0 } },
          { resourceVersion: '{rv a good one}' },
        ),
        'good',
      ),
      merge('a bad patch', 'good', { spec: { toClient: { delay: { milliseconds: 'long' } } } }),
      merge('a patch that breaks a rule', 'good', {
        spec: { toClient: { delay: { milliseconds: 1, jitterMilliseconds: 2 } } },
      }),
    ],
  },
  {
    name: 'field validation',
    requests: [
      create('unknown by default', gate('a', { upstream, delai: 1 })),
      create('unknown, ignored', gate('b', { upstream, delai: 1 }), '?fieldValidation=Ignore'),
      create(
        'unknown, warned of',
        gate('c', { upstream, delai: 1, toClient: { x: {}, delay: { milliseconds: 1, y: 2 } } }),
        '?fieldValidation=Warn',
      ),
      create('unknown, strict', gate('d', { upstream, delai: 1 }), '?fieldValidation=Strict'),
      create(
        'several unknown, strict',
        {
          ...gate('d', { upstream: { ...upstream, z: 1 }, delai: 1, toClient: { x: { y: 1 } } }),
          foo: {},
        },
        '?fieldValidation=Strict',
      ),
      create(
        'unknown in metadata, strict',
        gate('d', undefined, { foo: 1, labels: { a: 'b' } }),
        '?fieldValidation=Strict',
      ),
      create('unknown in metadata, warned of', gate('m', undefined, { foo: 1 })),
      create(
        'unknown in an owner, strict',
        gate('d', undefined, {
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y', foo: 1 }],
        }),
        '?fieldValidation=Strict',
      ),
      create('a validation that is not known', gate('d'), '?fieldValidation=Lax'),
      create(
        'unknown and invalid, strict',
        gate('d', { upstream: { ...upstream, port: 0 }, delai: 1 }),
        '?fieldValidation=Strict',
      ),
      create('unknown and invalid', gate('d', { upstream: { ...upstream, port: 0 }, delai: 1 })),
      create(
        'twice, warned of',
        '{"apiVersion":"chaosgate.dev/v1alpha1","kind":"TcpGate","metadata":{"name":"e"},"spec":{"seed":1,"seed":2,"upstream":{"host":"a","port":1}}}',
      ),
      create(
        'twice, strict',
        '{"apiVersion":"chaosgate.dev/v1alpha1","kind":"TcpGate","metadata":{"name":"f"},"spec":{"seed":1,"seed":2,"upstream":{"host":"a","port":1}}}',
        '?fieldValidation=Strict',
      ),
      create(
        'twice, ignored',
        '{"apiVersion":"chaosgate.dev/v1alpha1","kind":"TcpGate","metadata":{"name":"g"},"spec":{"seed":1,"seed":2,"upstream":{"host":"a","port":1}}}',
        '?fieldValidation=Ignore',
      ),
      {
        ...create(
          'twice in YAML, strict',
          'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\nmetadata: {name: h}\nspec: {seed: 1, seed: 2, delai: 1, upstream: {host: a, port: 1}}\n',
          '?fieldValidation=Strict',
        ),
        headers: { 'content-type': 'application/yaml' },
      },
      {
        ...create(
          'twice in YAML',
          'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\nmetadata: {name: h}\nspec: {seed: 1, seed: 2, delai: 1, upstream: {host: a, port: 1}}\n',
        ),
        headers: { 'content-type': 'application/yaml' },
      },
      create('a good one', gate('good')),
      {
        name: 'patch, by default',
        method: 'PATCH',
        path: `${GATES}/good`,
        headers: MERGE,
        body: { spec: { toClient: { delai: {} } } },
      },
      {
        name: 'patch, strict',
        method: 'PATCH',
        path: `${GATES}/good?fieldValidation=Strict`,
        headers: MERGE,
        body: { spec: { toClient: { delai: {} } } },
      },
      {
        name: 'patch, ignored',
        method: 'PATCH',
        path: `${GATES}/good?fieldValidation=Ignore`,
        headers: MERGE,
        body: { spec: { toClient: { delai: {} } } },
      },
      {
        name: 'patch twice, strict',
        method: 'PATCH',
        path: `${GATES}/good?fieldValidation=Strict`,
        headers: MERGE,
        body: '{"spec":{"seed":1,"seed":2,"foo":1}}',
      },
      {
        name: 'patch twice',
        method: 'PATCH',
        path: `${GATES}/good`,
        headers: MERGE,
        body: '{"spec":{"seed":1,"seed":2,"foo":1}}',
      },
      {
        name: 'JSON patch, strict',
        method: 'PATCH',
        path: `${GATES}/good?fieldValidation=Strict`,
        headers: JSON_PATCH,
        body: [{ op: 'add', path: '/spec/foo', value: 1 }],
      },
      {
        name: 'JSON patch, by default',
        method: 'PATCH',
        path: `${GATES}/good`,
        headers: JSON_PATCH,
        body: [{ op: 'add', path: '/spec/foo', value: 1, bar: 2 }],
      },
      {
        name: 'JSON patch with an unknown field, strict',
        method: 'PATCH',
        path: `${GATES}/good?fieldValidation=Strict`,
        headers: JSON_PATCH,
        body: [{ op: 'add', path: '/spec/seed', value: 1, bar: 2 }],
      },
      put(
        'replaced, strict',
        gate('good', { upstream, foo: 1 }, { resourceVersion: '1' }),
        'good?fieldValidation=Strict',
      ),
    ],
  },
];
